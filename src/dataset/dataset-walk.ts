import { keyedPermutation } from "../order/permutation.js";
import type { OptionReaders, ReadOptions } from "../shared/options.js";
import { type ProgressCallback, readProgress } from "../shared/progress-callback.js";
import { readSignal } from "../shared/sample-context.js";
import { type TaskWork, taskQueue } from "../shared/task-queue.js";
import { wrongType } from "../shared/validation.js";
import { MultimodalDataset } from "./dataset.js";

/** What functions that go through a dataset have in common. */
export interface WalkOptions {
  /** Called with how many samples are done, and of how many, after every batch. Default none. */
  onProgress?: ProgressCallback;
  /** Ends the work, which throws the signal's reason. Default none. */
  signal?: AbortSignal;
}

export const walkReaders = {
  onProgress: readProgress,
  signal: readSignal,
} satisfies OptionReaders<WalkOptions>;

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

/** Tasks whose results are collected in order. */
export interface OrderedWork<T, R> extends TaskWork<T, R> {
  collect(result: R, task: T): void | Promise<void>;
}

/**
 * Does work on tasks, a few at a time, and collects the results in order. Memory is that of the tasks
 * under way.
 */
export async function inOrder<T, R>(
  tasks: Iterable<T>,
  { collect, ...work }: OrderedWork<T, R>,
  signal?: AbortSignal,
): Promise<void> {
  const underWay = taskQueue(work, signal);
  const left = tasks[Symbol.iterator]();
  const start = (): boolean => {
    const next = left.next();
    if (!next.done) underWay.start(next.value);
    return !next.done;
  };

  try {
    while (true) {
      signal?.throwIfAborted();
      while (underWay.length < UNDER_WAY && start());
      const first = underWay.first();
      if (first === undefined) return;
      const result = await first.result;
      underWay.shift();
      await collect(result, first.task);
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    await underWay.clear();
  }
}

/** As inOrder(), of batches of an order's indices. */
export async function walkDataset<R>(
  { count, indexAt }: WalkOrder,
  batchSize: number,
  work: (indices: number[], signal: AbortSignal) => Promise<R>,
  collect: (result: R, indices: number[]) => void,
  { onProgress, signal }: ReadOptions<typeof walkReaders>,
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
    onProgress?.(done, count);
  };
  await inOrder(batches(), { work, collect: collectAndReport }, signal);
}
