import { type TaskWork, taskQueue } from "../shared/task-queue.js";

/** Batches that are worked on at once: enough that no thread idles where two of them meet. */
const UNDER_WAY = 3;

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
