import { requireInteger, requireOptions } from "./validation.js";

/** What random choices about a pair depend on, beside its index. */
export interface SampleContext {
  /** An integer from 0. Default 0. */
  seed?: number;
  /** Number of the epoch, from 0. Default 0. */
  epoch?: number;
}

/** @throws {TypeError | RangeError} */
export function readSampleContext(context: unknown): Required<SampleContext> {
  const given = requireOptions("context", context, ["seed", "epoch"]);
  return {
    seed: requireInteger("seed", given.seed ?? 0, 0),
    epoch: requireInteger("epoch", given.epoch ?? 0, 0),
  };
}
