import { PixtokError } from "../shared/errors.js";
import { type OptionReaders, readOptions, withDefault } from "../shared/options.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import { requireMargin, wholeSamples } from "./margin.js";

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
