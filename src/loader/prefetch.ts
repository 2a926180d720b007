import { taskQueue } from "../shared/task-queue.js";
import { type BatchBytes, byteBudget } from "./byte-budget.js";

/** Positions of a rank that make a batch. */
export interface BatchPositions {
  readonly first: number;
  /** Behind the last one. */
  readonly end: number;
}

/** Batches of one epoch that are prepared ahead, in order. */
export interface Prefetch<B> {
  /** The next batch, which is started, and those ahead of it as soon as there is room. Undefined at the end of the epoch. */
  next(): { readonly positions: BatchPositions; readonly batch: Promise<B> } | undefined;
  /** Removes the next batch, which is the caller's. */
  take(): void;
  /** Discards what is prepared, and goes on from a position. */
  restartAt(position: number): Promise<void>;
  /** Discards what is prepared, and waits until nothing is under way. */
  end(): Promise<void>;
}

/** What batches are made with. */
export interface PrefetchWork<B> {
  /** Batches prepared beside the next one, as things are. */
  ahead(): number;
  /** Bytes that these may have in memory, the next one included. */
  mostBytes: number;
  /** Where a batch that begins at `first` ends; undefined where there is none. */
  endOf(first: number): number | undefined;
  /** @param onRead is to be called with the bytes that the batch has in memory, once its rows have been read. */
  make(positions: BatchPositions, signal: AbortSignal, onRead: (bytes: number) => void): Promise<B>;
  /** Bytes of a batch that is made. */
  bytesOf(batch: B): number;
  discard(batch: B): void;
}

/** So that the threads have work while one of them ends a batch and the next one is begun. */
const PAIRS_A_THREAD = 16;

/**
 * Batches to prepare ahead where the user does not say: small ones, and those of many threads, are more.
 *
 * @param underWay images that have to be on their way from slow storage beside these.
 */
export function batchesAhead(threads: number, batchSize: number, underWay: number): number {
  const prepared = Math.max(2, Math.ceil((PAIRS_A_THREAD * threads) / batchSize));
  return prepared + Math.ceil(underWay / batchSize);
}

interface BatchTask extends BatchPositions {
  readonly bytes: BatchBytes;
}

/** @param signal ends what is under way. */
export function prefetch<B>(
  { ahead, mostBytes, endOf, make, bytesOf, discard }: PrefetchWork<B>,
  signal: AbortSignal,
): Prefetch<B> {
  const budget = byteBudget(mostBytes);
  /** Batches that may be under way: the one that is taken does not count. */
  let most = 0;
  let position = 0;
  const work = async ({ bytes, ...positions }: BatchTask, stop: AbortSignal): Promise<B> => {
    const note = (size: number) => {
      bytes.set(size);
      if (!stop.aborted) fill();
    };
    const batch = await make(positions, stop, note);
    note(bytesOf(batch));
    return batch;
  };
  const batches = taskQueue<BatchTask, B>({ work, discard }, signal);
  const started: BatchTask[] = [];
  let isFilling = false;
  const fill = () => {
    if (isFilling) return; // a batch has been read while it was started: the loop goes on
    isFilling = true;
    while (batches.length < most) {
      const end = endOf(position);
      if (end === undefined || !budget.admits(end - position)) break;
      const task = { first: position, end, bytes: budget.start(end - position) };
      position = end;
      started.push(task);
      batches.start(task);
    }
    isFilling = false;
  };
  const clear = async () => {
    await batches.clear();
    for (const { bytes } of started.splice(0)) bytes.end();
  };
  return {
    next() {
      most = ahead() + 1;
      fill();
      const first = batches.first();
      if (first === undefined) return undefined;
      const { bytes: _, ...positions } = first.task;
      return { positions, batch: first.result };
    },
    take() {
      most = ahead();
      batches.shift();
      started.shift()?.bytes.end();
      fill();
    },
    async restartAt(start) {
      await clear();
      position = start;
    },
    end: clear,
  };
}
