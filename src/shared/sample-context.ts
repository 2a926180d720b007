import { requireInteger, requireOptions, wrongType } from "./validation.js";

/** What random choices about a pair depend on, beside its index. */
export interface SampleContext {
  /** An integer from 0. Default 0. */
  seed?: number;
  /** Number of the epoch, from 0. Default 0. */
  epoch?: number;
  /** Ends the work, which throws the signal's reason. */
  signal?: AbortSignal;
}

/** What a source is given beside an index. */
export interface SourceContext {
  /** The loader's seed. */
  readonly seed: number;
  /** The epoch, from 0. */
  readonly epoch: number;
  /**
   * Aborted when nobody waits for the pair any more: to be passed on to fetch(), for example. A dataset
   * always gives one.
   */
  readonly signal?: AbortSignal;
}

/** As a dataset gives it. */
export type SignalledContext = Required<SourceContext>;

/** For what depends on no random choice. */
export function plainContext(signal: AbortSignal = new AbortController().signal): SignalledContext {
  return { seed: 0, epoch: 0, signal };
}

/** @throws {TypeError | RangeError} */
export function readSampleContext(context: unknown): SourceContext {
  const given = requireOptions("context", context, ["seed", "epoch", "signal"]);
  const { signal } = given;
  return {
    seed: requireInteger("seed", given.seed ?? 0, 0),
    epoch: requireInteger("epoch", given.epoch ?? 0, 0),
    ...(signal !== undefined && { signal: requireSignal(signal) }),
  };
}

/** @throws {TypeError} */
export function requireSignal(signal: unknown): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  throw wrongType("signal", "an AbortSignal", signal);
}
