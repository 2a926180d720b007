import { taskQueue } from "../shared/task-queue.js";

/** Positions of a rank that make a batch. */
export interface BatchPositions {
  readonly first: number;
  /** Behind the last one. */
  readonly end: number;
}

/** Batches of one epoch that are prepared ahead, in order. */
export interface Prefetch<B> {
  /** The next batch, and those ahead of it, are started. Undefined at the end of the epoch. */
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
  /** Batches prepared beside the next one. */
  ahead: number;
  /** Where a batch that begins at `first` ends; undefined where there is none. */
  endOf(first: number): number | undefined;
  make(positions: BatchPositions, signal: AbortSignal): Promise<B>;
  discard(batch: B): void;
}

/** @param signal ends what is under way. */
export function prefetch<B>(
  { ahead, endOf, make, discard }: PrefetchWork<B>,
  signal: AbortSignal,
): Prefetch<B> {
  const batches = taskQueue<BatchPositions, B>({ work: make, discard }, signal);
  let position = 0;
  return {
    next() {
      while (batches.length <= ahead) {
        const end = endOf(position);
        if (end === undefined) break;
        batches.start({ first: position, end });
        position = end;
      }
      const first = batches.first();
      return first && { positions: first.task, batch: first.result };
    },
    take: () => batches.shift(),
    async restartAt(start) {
      position = start;
      await batches.clear();
    },
    end: () => batches.clear(),
  };
}
