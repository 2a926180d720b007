import { keyedPermutation } from "../order/permutation.js";
import { stopWith } from "../shared/abort.js";
import { type ProgressCallback, readProgress } from "../shared/progress-callback.js";
import { requireSignal } from "../shared/sample-context.js";
import { requireInteger, wrongType } from "../shared/validation.js";
import { MultimodalDataset } from "./dataset.js";

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
  if (signal !== undefined) requireSignal(signal);
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

/** One of several pieces of work, done one after the other or a few at a time. */
export interface OrderedWork<T, R> {
  /** Given up at the signal, where work before it has failed or nobody wants it any more. */
  work(task: T, signal: AbortSignal): Promise<R>;
  collect(result: R, task: T): void | Promise<void>;
  /** Frees a result that is not collected. Default: there is nothing to be freed. */
  discard?(result: R): void;
}

/**
 * Does work on tasks, a few at a time, and collects the results in order. Memory is that of the tasks
 * under way.
 */
export async function inOrder<T, R>(
  tasks: Iterable<T>,
  { work, collect, discard }: OrderedWork<T, R>,
  signal?: AbortSignal,
): Promise<void> {
  const stop = stopWith(signal);
  const underWay: { task: T; result: Promise<R> }[] = [];
  const left = tasks[Symbol.iterator]();
  const start = (): boolean => {
    const next = left.next();
    if (next.done) return false;
    const result = work(next.value, stop.signal);
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
      const result = await first.result;
      underWay.shift();
      await collect(result, first.task);
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    stop.unlink();
    stop.abort();
    for (const one of await Promise.allSettled(underWay.map(({ result }) => result))) {
      if (one.status === "fulfilled") discard?.(one.value);
    }
  }
}

/** As inOrder(), of batches of an order's indices. */
export async function walkDataset<R>(
  { count, indexAt }: WalkOrder,
  batchSize: number,
  work: (indices: number[], signal: AbortSignal) => Promise<R>,
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
  await inOrder(batches(), { work, collect: collectAndTell }, signal);
}
