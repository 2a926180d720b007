import type { Findings } from "./finding.js";
import { mutatedCase } from "./mutated-case.js";
import { type Fault, oracleOf, type Reference } from "./oracle.js";
import { shrink } from "./shrink.js";
import type { Target } from "./target.js";

export interface TargetRun {
  readonly name: string;
  readonly cases: number;
  /** Cases of which a row or an image could be read. */
  readonly read: number;
  readonly seconds: number;
}

export interface TargetRunOptions {
  readonly seed: number;
  /** Cases begin before this time, by performance.now(). */
  readonly until: number;
  /** Most cases. */
  readonly cases: number;
  /** A folder that may be overwritten. */
  readonly work: string;
  readonly reference: Reference | undefined;
  readonly findings: Findings;
}

const CASES_BETWEEN_GROWTH_CHECKS = 500;

/** Case after case, from number 0: the same ones for the same seed. */
export async function runTarget(target: Target, options: TargetRunOptions): Promise<TargetRun> {
  const { seed, until, cases, work, reference, findings } = options;
  const seeds = await target.seeds();
  const oracle = oracleOf(target.name, work, reference);
  const begun = performance.now();
  let [number, read] = [0, 0];

  const add = (fault: Fault, files: ReadonlyMap<string, Buffer>, origin: unknown) =>
    findings.add({ target: target.name, ...fault, files, origin });

  try {
    // What is whole must be right, or nothing is learnt of what is damaged.
    for (const whole of seeds) {
      const { faults } = await oracle.examine(whole.files, 0);
      for (const fault of faults) {
        if (!findings.hasEnough(target.name, fault.what))
          add(fault, whole.files, { whole: whole.name });
      }
    }
    for (; number < cases && performance.now() < until; number += 1) {
      const found = mutatedCase(target, seeds, seed, number);
      const { faults, isRead } = await oracle.examine(found.files, number);
      if (isRead) read += 1;
      for (const fault of faults) {
        if (findings.hasEnough(target.name, fault.what)) continue;
        const isSlow = fault.kind === "hang" || fault.kind === "memory";
        const smaller = isSlow
          ? found
          : await shrink(target, seeds, found, async (files) => {
              const again = await oracle.examine(files, number);
              return again.faults.some(({ what }) => what === fault.what);
            });
        const origin = { seed, case: number, of: found.seed.name, steps: smaller.steps };
        add(fault, smaller.files, origin);
      }
      if (number % CASES_BETWEEN_GROWTH_CHECKS === 0) {
        for (const fault of oracle.growth()) {
          if (!findings.hasEnough(target.name, fault.what))
            add(fault, found.files, { seed, upTo: number });
        }
      }
    }
  } finally {
    oracle.close();
  }
  return { name: target.name, cases: number, read, seconds: (performance.now() - begun) / 1000 };
}
