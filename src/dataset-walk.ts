import { MultimodalDataset } from "./dataset.js";
import { keyedPermutation } from "./permutation.js";
import { requireInteger, wrongType } from "./validation.js";

/** Told how many samples are done, of how many, after every batch of them. */
export type ProgressCallback = (done: number, total: number) => void;

/** What functions that go through a dataset have in common. */
export interface WalkOptions {
  onProgress?: ProgressCallback;
  /** Ends the work, which throws the signal's reason. */
  signal?: AbortSignal;
}

/** Which samples are visited, in which order. */
export interface WalkOrder {
  readonly count: number;
  indexAt(position: number): number;
}

/** Batches that are worked on at once: enough that no thread idles where two of them meet. */
const UNDER_WAY = 3;

export function requireDataset(dataset: unknown): asserts dataset is MultimodalDataset {
  if (!(dataset instanceof MultimodalDataset)) {
    throw wrongType("dataset", "a MultimodalDataset", dataset);
  }
}

export function readWalkOptions(given: Record<string, unknown>): WalkOptions {
  const { onProgress, signal } = given;
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw wrongType("onProgress", "a function of two numbers", onProgress);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongType("signal", "an AbortSignal", signal);
  }
  return given as WalkOptions;
}

/** The first `samples` of a dataset, or random ones, each at most once; all where there are fewer. */
export function walkOrder(
  length: number,
  samples: unknown,
  random: boolean,
  seed: unknown,
): WalkOrder {
  const count = samples === undefined ? length : requireInteger("samples", samples, 1);
  const key = requireInteger("seed", seed ?? 0, 0);
  const indexAt = random
    ? keyedPermutation(length, key, 0).indexAt
    : (position: number) => position;
  return { count: Math.min(count, length), indexAt };
}

/**
 * Does `work` on batches of indices, a few at a time, and hands the results to `collect` in order.
 * Memory is that of the batches under way.
 */
export async function walkDataset<T>(
  { count, indexAt }: WalkOrder,
  batchSize: number,
  work: (indices: number[]) => Promise<T>,
  collect: (result: T, indices: number[]) => void,
  { onProgress, signal }: WalkOptions,
): Promise<void> {
  const underWay: { indices: number[]; result: Promise<T> }[] = [];
  let started = 0;
  const start = () => {
    const size = Math.min(batchSize, count - started);
    const indices = Array.from({ length: size }, (_, row) => indexAt(started + row));
    started += size;
    const result = work(indices);
    // it may fail long before its turn to be waited for
    result.catch(() => {});
    underWay.push({ indices, result });
  };

  try {
    for (let done = 0; done < count; ) {
      signal?.throwIfAborted();
      while (started < count && underWay.length < UNDER_WAY) start();
      const { indices, result } = underWay[0] as (typeof underWay)[number];
      collect(await result, indices);
      underWay.shift();
      done += indices.length;
      onProgress?.(done, count);
    }
  } finally {
    await Promise.allSettled(underWay.map(({ result }) => result));
  }
}
