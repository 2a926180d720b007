import { type Random, randomFrom } from "./random.js";
import type { CaseFiles, Seed, Target } from "./target.js";

/** One change of one file, which its numbers decide. */
export interface Step {
  readonly path: string;
  readonly mutator: string;
  readonly seed: number;
}

/** A seed and what is done to it. */
export interface MutatedCase {
  readonly seed: Seed;
  readonly steps: readonly Step[];
  readonly files: CaseFiles;
}

const MOST_STEPS = 4;
const LARGEST_FILE = 1 << 20;

/** Does the steps one after another; those that find nothing to change are left out. */
export function withSteps(
  target: Target,
  seeds: readonly Seed[],
  seed: Seed,
  steps: readonly Step[],
): MutatedCase {
  const files = new Map(seed.files);
  const done: Step[] = [];
  for (const step of steps) {
    const { path, mutator } = step;
    const bytes = files.get(path);
    const mutate = target.mutatorsOf(path)[mutator];
    if (bytes === undefined || bytes.length === 0 || mutate === undefined) continue;
    const others = seeds.flatMap((one) => one.files.get(path) ?? [...one.files.values()][0] ?? []);
    const changed = mutate(bytes, randomFrom(step.seed), others);
    if (changed === undefined || changed.equals(bytes) || changed.length > LARGEST_FILE) continue;
    files.set(path, Buffer.from(changed));
    done.push(step);
  }
  return { seed, steps: done, files };
}

/** Case `number` of those that a seed of the whole run stands for. */
export function mutatedCase(
  target: Target,
  seeds: readonly Seed[],
  runSeed: number,
  number: number,
): MutatedCase {
  const random = randomFrom(runSeed * 1_000_003 + number);
  const seed = random.pick(seeds);
  const paths = [...seed.files.keys()].filter(target.isDamaged);
  // Fewer steps more often: what is damaged in many ways is mostly refused for the first of them.
  const count = 1 + Math.min(random.below(MOST_STEPS), random.below(MOST_STEPS));
  const steps = Array.from({ length: count }, () => drawStep(target, paths, random));
  return withSteps(target, seeds, seed, steps);
}

function drawStep(target: Target, paths: readonly string[], random: Random): Step {
  const path = random.pick(paths);
  const mutator = random.pick(Object.keys(target.mutatorsOf(path)));
  return { path, mutator, seed: random.below(2 ** 31) };
}
