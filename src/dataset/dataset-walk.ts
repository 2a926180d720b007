import { keyedPermutation } from "../order/permutation.js";
import type { OptionReaders, ReadOptions } from "../shared/options.js";
import {
  readWorkProgress,
  type WorkDetails,
  type WorkProgressCallback,
} from "../shared/progress-callback.js";
import { readSignal } from "../shared/sample-context.js";
import { wrongType } from "../shared/validation.js";
import { type AnyDataset, MultimodalDataset } from "./dataset.js";
import { inOrder } from "./ordered-work.js";

/** What functions that go through a dataset have in common. */
export interface WalkOptions {
  /** Called after every batch with how many samples are done, of how many, and how it goes. Default none. */
  onProgress?: WorkProgressCallback;
  /** Ends the work, which throws the signal's reason. Default none. */
  signal?: AbortSignal;
}

export const walkReaders = {
  onProgress: readWorkProgress,
  signal: readSignal,
} satisfies OptionReaders<WalkOptions>;

/** Which samples are visited, in which order. */
export interface WalkOrder {
  readonly count: number;
  indexAt(position: number): number;
}

export function requireDataset(dataset: unknown): asserts dataset is AnyDataset {
  if (!(dataset instanceof MultimodalDataset)) {
    throw wrongType("dataset", "a MultimodalDataset", dataset);
  }
}

/** As requireDataset(), of one whose samples can be asked for by their indices. */
export function requireIndexedDataset(dataset: unknown): asserts dataset is AnyDataset {
  requireDataset(dataset);
  if (!Number.isFinite(dataset.length)) {
    throw wrongType("dataset", "one of a known length", dataset.description);
  }
}

/**
 * The first `samples` of a dataset, or random ones, each at most once; all where there are fewer.
 *
 * @param seed which ones are random; undefined for the first ones.
 */
export function walkOrder(length: number, samples = length, seed?: number): WalkOrder {
  return {
    count: Math.min(samples, length),
    indexAt:
      seed === undefined
        ? (position: number) => position
        : keyedPermutation(length, seed, 0).indexAt,
  };
}

/**
 * As inOrder(), of batches of an order's indices.
 *
 * @param details how the work is going. Default: it ends at the first error.
 */
export async function walkDataset<R>(
  { count, indexAt }: WalkOrder,
  batchSize: number,
  work: (indices: number[], signal: AbortSignal) => Promise<R>,
  collect: (result: R, indices: number[]) => void,
  { onProgress, signal }: ReadOptions<typeof walkReaders>,
  details: () => WorkDetails = () => ({ errors: 0 }),
): Promise<void> {
  function* batches(): Generator<number[]> {
    for (let first = 0; first < count; first += batchSize) {
      const size = Math.min(batchSize, count - first);
      yield Array.from({ length: size }, (_, row) => indexAt(first + row));
    }
  }
  let done = 0;
  const collectAndReport = (result: R, indices: number[]) => {
    collect(result, indices);
    done += indices.length;
    onProgress?.(done, count, details());
  };
  await inOrder(batches(), { work, collect: collectAndReport }, signal);
}
