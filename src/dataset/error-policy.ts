import type { SampleError } from "../shared/sample-error.js";

/**
 * What becomes of a pair that cannot be read. "throw": the loop ends with its error. "skip": the batch
 * has a row less, and is not delivered where none is left, so that of several ranks one may have less
 * batches than the others. "replace": another pair is in its place, image and text, one that only seed,
 * epoch and index decide. Errors that are not the sample's, such as OUT_OF_MEMORY, always end the loop.
 */
export type OnError = "throw" | "skip" | "replace";

export const onErrorChoices = ["throw", "skip", "replace"] as const satisfies OnError[];

/** A row that shows another pair than the order has there. */
export interface ReplacedRow extends SampleError {
  /** Row of the batch. */
  readonly row: number;
  /** Dataset index of what the row shows. */
  readonly by: number;
}
