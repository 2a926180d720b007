import { MultimodalDataset } from "./dataset.js";
import { keyedPermutation } from "./permutation.js";
import { type ProgressCallback, readProgress } from "./progress-callback.js";
import { requireInteger, wrongType } from "./validation.js";

/** What functions that go through a dataset have in common. */
export interface WalkOptions {
  /** Told how many samples are done, of how many, after every batch of them. Default none. */
  onProgress?: ProgressCallback;
  /** Ends the work, which throws the signal's reason. Default none. */
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
  readProgress(onProgress);
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
 * Does `work` on tasks, a few at a time, and hands the results to `collect` in order. Memory is that of
 * the tasks under way.
 */
export async function inOrder<T, R>(
  tasks: Iterable<T>,
  work: (task: T) => Promise<R>,
  collect: (result: R, task: T) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const underWay: { task: T; result: Promise<R> }[] = [];
  const left = tasks[Symbol.iterator]();
  const start = (): boolean => {
    const next = left.next();
    if (next.done) return false;
    const result = work(next.value);
    // it may fail long before its turn to be waited for
    result.catch(() => {});
    underWay.push({ task: next.value, result });
    return true;
  };

  try {
    while (true) {
      signal?.throwIfAborted();
      while (underWay.length < UNDER_WAY && start());
      const [first] = underWay;
      if (first === undefined) return;
      await collect(await first.result, first.task);
      underWay.shift();
    }
  } finally {
    await Promise.allSettled(underWay.map(({ result }) => result));
  }
}

/** As inOrder(), of batches of an order's indices. */
export async function walkDataset<R>(
  { count, indexAt }: WalkOrder,
  batchSize: number,
  work: (indices: number[]) => Promise<R>,
  collect: (result: R, indices: number[]) => void,
  { onProgress, signal }: WalkOptions,
): Promise<void> {
  function* batches(): Generator<number[]> {
    for (let first = 0; first < count; first += batchSize) {
      const size = Math.min(batchSize, count - first);
      yield Array.from({ length: size }, (_, row) => indexAt(first + row));
    }
  }
  let done = 0;
  const collectAndTell = (result: R, indices: number[]) => {
    collect(result, indices);
    done += indices.length;
    onProgress?.(done, count);
  };
  await inOrder(batches(), work, collectAndTell, signal);
}
