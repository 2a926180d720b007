import { PixtokError } from "../shared/errors.js";
import type { SampleError } from "../shared/sample-error.js";

/** Pairs that a loader could not read. */
export interface LoaderErrors {
  /** How many there are, over all epochs. */
  readonly count: number;
  /** The first thousand of them. */
  readonly list: readonly (SampleError & {
    /** Number of the epoch, from 0. */
    readonly epoch: number;
  })[];
}

/** Counts the errors of one epoch. Pairs that are read a second time are not counted again. */
export interface EpochErrors {
  /**
   * @param end position behind the batch that the errors are of, which begins at `first`.
   * @throws {PixtokError} TOO_MANY_BAD_SAMPLES
   */
  add(
    errors: readonly { place: number; error: SampleError }[],
    positions: { first: number; end: number },
  ): void;
}

/** @param report called with each error. */
export function epochErrors(most: number, report: (error: SampleError) => void): EpochErrors {
  let counted = 0; // errors at positions below this one have been counted
  let count = 0;
  return {
    add(errors, { first, end }) {
      const added = errors.filter(({ place }) => first + place >= counted);
      counted = Math.max(counted, end);
      count += added.length;
      for (const { error } of added) report(error);
      if (count <= most) return;
      const last = added.at(-1)?.error;
      throw new PixtokError(
        "TOO_MANY_BAD_SAMPLES",
        `more than ${most} samples of this epoch could not be read, the last one: ${last?.message}`,
        { index: last?.index, source: last?.source },
      );
    },
  };
}
