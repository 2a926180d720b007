import type { PixtokError, PixtokErrorCode } from "./errors.js";

/**
 * What becomes of a pair that cannot be read. "throw": the loop ends with its error. "skip": the batch
 * has a row less. "replace": another pair is in its place, image and text, one that only seed, epoch
 * and index decide.
 */
export type OnError = "throw" | "skip" | "replace";

export const onErrorChoices = ["throw", "skip", "replace"] as const satisfies OnError[];

/** A pair that could not be read. */
export interface SampleError {
  /** Of the dataset. */
  readonly index: number;
  /** Path of its picture, or a word for what has none. */
  readonly source: string | undefined;
  readonly code: PixtokErrorCode;
  readonly message: string;
}

/** A row that shows another pair than the order has there. */
export interface ReplacedRow extends SampleError {
  readonly row: number;
  /** Dataset index of what the row shows. */
  readonly by: number;
}

export function sampleError(index: number, { source, code, message }: PixtokError): SampleError {
  return { index, source, code, message };
}
