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
  /**
   * Called where the epoch has ended without a batch: it may have had no pairs, but none that were bad.
   *
   * @throws {PixtokError} NO_READABLE_SAMPLE
   */
  requireNone(): void;
}

/** @param report called with each error. */
export function epochErrors(most: number, report: (error: SampleError) => void): EpochErrors {
  let counted = 0; // errors at positions below this one have been counted
  let count = 0;
  let first: SampleError | undefined;
  return {
    add(errors, positions) {
      const added = errors.filter(({ place }) => positions.first + place >= counted);
      counted = Math.max(counted, positions.end);
      first ??= added[0]?.error;
      count += added.length;
      for (const { error } of added) report(error);
      if (count <= most) return;
      const last = added.at(-1)?.error;
      throw new PixtokError(
        "TOO_MANY_BAD_SAMPLES",
        `more than ${most} samples of this epoch could not be read, the last one: ${last?.message}; fix those that loader.errors lists, or raise maxErrors`,
        { index: last?.index, source: last?.source },
      );
    },
    requireNone() {
      if (first === undefined) return;
      throw new PixtokError(
        "NO_READABLE_SAMPLE",
        `none of the ${count} samples of this epoch could be read, the first one: ${first.message}`,
      );
    },
  };
}
