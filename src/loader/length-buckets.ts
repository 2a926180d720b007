import { keyedPermutation } from "../order/permutation.js";
import { group, integer, type OptionReaders } from "../shared/options.js";
import { outOfRange } from "../shared/validation.js";

/**
 * Groups texts of similar length, so that rows padded to the longest have little padding. Within each
 * window of the order, pairs are sorted by their number of tokens and cut into buckets, and the buckets are
 * shuffled. The result is an order like any other: a function of seed and epoch.
 */
export interface LengthBuckets {
  /** Pairs that are sorted together. */
  window: number;
  /** Pairs in a bucket; best a batch of all ranks. At most `window`. */
  size: number;
}

const readBuckets = group({
  window: integer(1),
  size: integer(1),
} satisfies OptionReaders<LengthBuckets>);

/** @throws {TypeError | RangeError} */
export function readLengthBuckets(option: string, value: unknown): LengthBuckets {
  const { window, size } = readBuckets(option, value);
  if (size > window) throw outOfRange(`${option}.size`, `at most window, ${window}`, size);
  return { window, size };
}

/** An epoch's order. */
export interface EpochOrder {
  readonly length: number;
  /** Dataset indices at the positions. */
  indicesAt(positions: readonly number[]): number[] | Promise<number[]>;
}

/** The one that is read, those beside it that batches under way are of, and the next one. */
const KEPT_WINDOWS = 4;

export function bucketedOrder(
  order: { length: number; indexAt(position: number): number },
  { window, size }: LengthBuckets,
  seed: number,
  epoch: number,
  countTokens: (indices: readonly number[]) => Promise<number[]>,
): EpochOrder {
  const windows = new Map<number, Promise<number[]>>();

  const arrange = async (number: number): Promise<number[]> => {
    const first = number * window;
    const count = Math.min(window, order.length - first);
    const indices = Array.from({ length: count }, (_, i) => order.indexAt(first + i));
    const tokens = await countTokens(indices);
    const sorted = [...indices.keys()].sort(
      (a, b) => (tokens[a] as number) - (tokens[b] as number) || a - b,
    );
    // A last bucket that is not full stays last: buckets behind it would not begin where batches do.
    const full = Math.floor(count / size);
    const shuffled = keyedPermutation(Math.max(full, 1), seed, epoch, number + 1);
    return sorted.map((_, i) => {
      const bucket = Math.floor(i / size);
      const from = bucket < full ? shuffled.indexAt(bucket) : bucket;
      return indices[sorted[from * size + (i % size)] as number] as number;
    });
  };
  const windowAt = (number: number): Promise<number[]> => {
    let arranged = windows.get(number);
    if (arranged === undefined) {
      arranged = arrange(number);
      windows.set(number, arranged);
      const [oldest] = windows.keys();
      if (windows.size > KEPT_WINDOWS && oldest !== undefined) windows.delete(oldest);
    }
    return arranged;
  };
  /** Arranges a window that is asked for soon. What goes wrong is found again when it is. */
  const arrangeAhead = (number: number): void => {
    if (number * window >= order.length || windows.has(number)) return;
    windowAt(number).catch(() => windows.delete(number));
  };
  /** The last window that was asked for, whose next one is arranged ahead. */
  let last = -1;
  return {
    length: order.length,
    async indicesAt(positions) {
      const numbers = [...new Set(positions.map((position) => Math.floor(position / window)))];
      const arranged = new Map(
        await Promise.all(numbers.map(async (number) => [number, await windowAt(number)] as const)),
      );
      const newest = Math.max(last, ...numbers);
      if (newest > last) {
        last = newest;
        arrangeAhead(newest + 1);
      }
      return positions.map((position) => {
        const indices = arranged.get(Math.floor(position / window)) as number[];
        return indices[position % window] as number;
      });
    },
  };
}
