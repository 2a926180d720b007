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
import { outOfRange, requireInteger, wrongType } from "../shared/validation.js";
import { isOutOfMemoryError } from "./out-of-memory.js";

/** Options of `findBatchSize`. */
export interface FindBatchSizeOptions {
  /** The size that is tried first. Default 1. */
  start?: number;
  /** No larger size is tried. Default 8192. */
  max?: number;
  /**
   * "power": doubles the size until memory is at an end. "binary": then halves the interval between
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

function requireMargin(option: string, value: unknown): number {
  const expected = "a number from 0 to below 1";
  if (typeof value !== "number") throw wrongType(option, expected, value);
  if (!(value >= 0 && value < 1)) throw outOfRange(option, expected, value);
  return value;
}

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

/** A whole number of samples; what floating point has just missed is not lost. */
function wholeSamples(samples: number): number {
  return Math.floor(samples + 1e-9);
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

/** Options of `estimateBatchSize`. Sizes are in bytes. */
export interface EstimateBatchSizeOptions {
  /** Memory that is free, for example `(await gpuMemory())[0].freeBytes`. */
  freeBytes: number;
  /** What each sample of a batch adds: its tensors, activations and gradients. */
  bytesPerSample: number;
  /** What is needed whatever the size: weights, optimizer, workspaces. Default 0. */
  fixedBytes?: number;
  /** Share of the free memory that is left free, from 0 to below 1. Default 0.1. */
  margin?: number;
}

function requireBytes(option: string, value: unknown): number {
  if (typeof value !== "number") throw wrongType(option, "a number of bytes", value);
  if (!Number.isFinite(value) || value < 0) {
    throw outOfRange(option, "a number of bytes, at least 0", value);
  }
  return value;
}

const estimateReaders = {
  freeBytes: requireBytes,
  bytesPerSample: requireBytes,
  fixedBytes: withDefault(requireBytes, 0),
  margin: withDefault(requireMargin, 0.1),
} satisfies OptionReaders<EstimateBatchSizeOptions>;

/**
 * The largest batch that memory has room for, by arithmetic:
 * `(freeBytes * (1 - margin) - fixedBytes) / bytesPerSample`, rounded down.
 *
 * @throws {PixtokError} NO_BATCH_FITS where that is less than one sample.
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 */
export function estimateBatchSize(options: EstimateBatchSizeOptions): number {
  const given = readOptions("estimateBatchSize", options, estimateReaders);
  const { freeBytes, bytesPerSample, fixedBytes, margin } = given;
  if (bytesPerSample === 0) throw outOfRange("bytesPerSample", "more than 0", bytesPerSample);
  const size = wholeSamples((freeBytes * (1 - margin) - fixedBytes) / bytesPerSample);
  if (size >= 1) return size;
  throw new PixtokError(
    "NO_BATCH_FITS",
    `of ${freeBytes} bytes, less a margin of ${margin} and ${fixedBytes} fixed ones, there is no room for one sample of ${bytesPerSample}`,
  );
}
