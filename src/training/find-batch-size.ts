import { PixtokError } from "../shared/errors.js";
import { MAX_BATCH_SIZE } from "../shared/limits.js";
import {
  asGiven,
  callable,
  integer,
  type OptionReaders,
  oneOf,
  optional,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { requireInteger, wrongType } from "../shared/validation.js";
import { requireMargin, wholeSamples } from "./margin.js";
import { isOutOfMemoryError } from "./out-of-memory.js";

/** Options of `findBatchSize`. */
export interface FindBatchSizeOptions {
  /** The size that is tried first. Default 1. */
  start?: number;
  /** No larger size is tried. Default 8192. */
  max?: number;
  /**
   * "power": doubles the size until it no longer fits. "binary": then halves the interval between
   * the largest size that fitted and the smallest that did not. Default "power".
   */
  mode?: "power" | "binary";
  /**
   * Share of the largest size that fitted which is left free, from 0 to below 1. Default 0 for
   * "power", whose sizes stay powers of two, and 0.05 for "binary".
   */
  margin?: number;
  /** Whether an error is one of memory, beside those that `isOutOfMemoryError` knows. Default none. */
  isOutOfMemory?: (error: unknown) => boolean;
}

/** One size that was tried. */
export interface BatchSizeTrial {
  /** Samples in the batch. */
  readonly size: number;
  /** Whether it fitted into memory. */
  readonly fits: boolean;
  /** Where it did not fit. */
  readonly error?: unknown;
}

/** What `findBatchSize` found. */
export interface BatchSizeResult {
  /** The size to use: the largest that fitted, less the margin; at least 1. */
  readonly size: number;
  /** The largest size that was tried and fitted. */
  readonly largest: number;
  /** What was tried, in order. */
  readonly trials: readonly BatchSizeTrial[];
}

const DEFAULT_MARGINS = { power: 0, binary: 0.05 } as const;

const findReaders = {
  start: asGiven,
  max: withDefault(integer(1, MAX_BATCH_SIZE), 8192),
  mode: withDefault(oneOf(["power", "binary"]), "power"),
  margin: asGiven,
  isOutOfMemory: optional(callable<(error: unknown) => boolean>("a function of an error")),
} satisfies OptionReaders<FindBatchSizeOptions>;

function readFindOptions(options: unknown): Required<FindBatchSizeOptions> {
  const given = readOptions("findBatchSize", options, findReaders);
  const { start, max, mode, margin, isOutOfMemory = () => false } = given;
  return {
    start: requireInteger("start", start ?? 1, 1, max),
    max,
    mode,
    margin: requireMargin("margin", margin ?? DEFAULT_MARGINS[mode]),
    isOutOfMemory,
  };
}

/**
 * The largest batch that fits into memory, found by trying:
 *
 * ```ts
 * const { size } = await findBatchSize(async (size) => trainStep(await batchOf(size)), {
 *   mode: "binary",
 * });
 * ```
 *
 * Where `start` does not fit, smaller sizes are tried. What a runtime cannot survive (a killed process,
 * V8's own heap at its limit) cannot be tried either.
 *
 * @param tryBatch does with a batch of `size` samples all that training or inference will do with it,
 *   and frees what it made, also where it throws.
 * @throws whatever tryBatch throws that is not an error of memory.
 * @throws {PixtokError} NO_BATCH_FITS where a single sample is too much; `cause` is its error.
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 */
export async function findBatchSize(
  tryBatch: (size: number) => unknown,
  options: FindBatchSizeOptions = {},
): Promise<BatchSizeResult> {
  if (typeof tryBatch !== "function") throw wrongType("tryBatch", "a function of a size", tryBatch);
  const { start, max, mode, margin, isOutOfMemory } = readFindOptions(options);
  const trials: BatchSizeTrial[] = [];
  let largest = 0;
  let tooLarge = max + 1;

  const attempt = async (size: number) => {
    try {
      await tryBatch(size);
    } catch (error) {
      if (!isOutOfMemoryError(error) && !isOutOfMemory(error)) throw error;
      tooLarge = size;
      trials.push({ size, fits: false, error });
      return;
    }
    largest = size;
    trials.push({ size, fits: true });
  };

  await attempt(start);
  const doubled = () => (mode === "binary" ? Math.min(2 * largest, max) : 2 * largest);
  while (largest < doubled() && doubled() < tooLarge) await attempt(doubled());
  if (mode === "binary") {
    while (tooLarge - largest > 1) await attempt(Math.floor((largest + tooLarge) / 2));
  } else {
    while (largest === 0 && tooLarge > 1) await attempt(Math.floor(tooLarge / 2));
  }
  if (largest === 0) {
    throw new PixtokError("NO_BATCH_FITS", "not even a batch of one sample fits into memory", {
      cause: trials.at(-1)?.error,
    });
  }
  return { size: Math.max(1, wholeSamples(largest * (1 - margin))), largest, trials };
}
