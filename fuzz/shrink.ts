import { type MutatedCase, withSteps } from "./mutated-case.js";
import type { CaseFiles, Seed, Target } from "./target.js";

const MOST_TRIES = 40;

/** Ranges in which two buffers of one length differ. */
function differences(changed: Buffer, whole: Buffer): [start: number, end: number][] {
  const ranges: [number, number][] = [];
  for (let at = 0; at < changed.length; at += 1) {
    if (changed[at] === whole[at]) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === at) last[1] = at + 1;
    else ranges.push([at, at + 1]);
  }
  return ranges;
}

/**
 * A simpler case that still does the same: first without steps that are not needed, then without bytes
 * that need not differ from the seed's. Of `fails` a few tens of calls are made.
 */
export async function shrink(
  target: Target,
  seeds: readonly Seed[],
  found: MutatedCase,
  fails: (files: CaseFiles) => Promise<boolean>,
): Promise<MutatedCase> {
  let tries = 0;
  const stillFails = (files: CaseFiles) => {
    tries += 1;
    return tries > MOST_TRIES ? Promise.resolve(false) : fails(files);
  };
  let best = found;
  for (let i = best.steps.length - 1; i >= 0 && best.steps.length > 1; i -= 1) {
    const fewer = withSteps(target, seeds, best.seed, best.steps.toSpliced(i, 1));
    if (fewer.steps.length > 0 && (await stillFails(fewer.files))) best = fewer;
  }
  const files = new Map(best.files);
  for (const [path, bytes] of best.files) {
    const whole = best.seed.files.get(path);
    if (whole === undefined || whole.length !== bytes.length) continue;
    for (const [start, end] of differences(bytes, whole)) {
      const nearer = Buffer.from(files.get(path) as Buffer);
      whole.copy(nearer, start, start, end);
      if (!nearer.equals(whole) && (await stillFails(new Map(files).set(path, nearer)))) {
        files.set(path, nearer);
      }
    }
  }
  return { ...best, files };
}
