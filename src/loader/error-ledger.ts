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

const MOST_LISTED = 1000;

/** Keeps account of them. */
export function errorLedger() {
  const list: (SampleError & { epoch: number })[] = [];
  let count = 0;
  return {
    get errors(): LoaderErrors {
      return { count, list: [...list] };
    },
    add(error: SampleError, epoch: number): void {
      count += 1;
      if (list.length < MOST_LISTED) list.push({ ...error, epoch });
    },
  };
}

/** @throws {PixtokError} TOO_MANY_BAD_SAMPLES */
export function requireAtMost(most: number, count: number, last: SampleError | undefined): void {
  if (count <= most) return;
  throw new PixtokError(
    "TOO_MANY_BAD_SAMPLES",
    `more than ${most} samples of this epoch could not be read, the last one: ${last?.message}`,
    { index: last?.index, source: last?.source },
  );
}
