import { type Stop, stopWith } from "./abort.js";

/** What the tasks of a queue do. */
export interface TaskWork<T, R> {
  /** Given up at the signal. */
  work(task: T, signal: AbortSignal): Promise<R>;
  /** Frees a result that nobody takes. Default: there is nothing to be freed. */
  discard?: ((result: R) => void) | undefined;
}

/** Tasks under way, in the order in which they were started. */
export interface TaskQueue<T, R> {
  readonly length: number;
  start(task: T): void;
  /** The task that was started first; undefined where none is under way. */
  first(): { readonly task: T; readonly result: Promise<R> } | undefined;
  /** Removes the first task, whose result is the caller's. */
  shift(): void;
  /** Gives up all tasks, and waits until they have ended. */
  clear(): Promise<void>;
}

/** @param parent gives up all tasks, with its own reason. */
export function taskQueue<T, R>(
  { work, discard }: TaskWork<T, R>,
  parent?: AbortSignal,
): TaskQueue<T, R> {
  const tasks: { task: T; result: Promise<R> }[] = [];
  let stop: Stop | undefined;
  return {
    get length() {
      return tasks.length;
    },
    start(task) {
      stop ??= stopWith(parent);
      const result = work(task, stop.signal);
      // it may fail long before it is awaited
      result.catch(() => {});
      tasks.push({ task, result });
    },
    first: () => tasks[0],
    shift() {
      tasks.shift();
    },
    async clear() {
      stop?.unlink();
      stop?.abort();
      stop = undefined;
      const ended = await Promise.allSettled(tasks.splice(0).map(({ result }) => result));
      for (const one of ended) if (one.status === "fulfilled") discard?.(one.value);
    },
  };
}
