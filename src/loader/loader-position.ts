/** A position of an epoch's order, over all ranks. */
export interface EpochPosition {
  readonly epoch: number;
  readonly position: number;
  /** What tells the lengths of the rows that are joined to sequences there. Default: it is within no window of them. */
  readonly lengths?: string | undefined;
}

/** A position of the epoch that is under way. */
export interface ReachedPosition extends Omit<EpochPosition, "epoch"> {
  /** What one rank has behind it, where that is counted; Infinity as long as it is not known. */
  readonly left?: number;
}

/** An epoch under way. Its positions are this rank's, from where the epoch was begun. */
export interface EpochLoop {
  /** Where it was begun. */
  readonly begun: EpochPosition;
  /** Notes that a batch has been delivered. */
  deliver(batch: { first: number; end: number }): void;
  /** Whether batches that are prepared are to be discarded. */
  readonly isRestarted: boolean;
  /** The position to go on from, once; undefined where nothing is to be discarded. */
  takeRestart(): number | undefined;
  /** Notes that all of it has been delivered. */
  complete(): void;
  /** Notes that it is not under way any more. */
  end(): void;
}

/** Where a loader stands: the next loop, and what the loop that delivered last has delivered. */
export interface LoaderPosition {
  /** Where the next loop begins. */
  readonly next: EpochPosition;
  /** What the loop that delivered last has delivered: the batch behind it is not. */
  readonly delivered: EpochPosition & ReachedPosition;
  /** Makes the next loop begin there. */
  beginAt(start: EpochPosition): void;
  /**
   * Begins the next loop.
   *
   * @param reached the position behind so many of a rank's. Default: ranks take turns.
   */
  begin(reached?: (end: number) => ReachedPosition): EpochLoop;
  /** Makes all loops under way go on behind what they have delivered, with what is prepared discarded. */
  restart(): void;
  /**
   * Makes the loop that delivered last deliver its last batch again.
   *
   * @throws {Error} where that loop is not under way, or has not delivered a batch.
   */
  repeatBatch(): void;
}

/** A rank's loop, as the loader's position sees it. */
interface LoopState {
  /** Whether it has delivered a batch. */
  hasDelivered: boolean;
  /** The batch that was delivered last. */
  last: { first: number; end: number };
  /** Whether what is prepared is to be discarded, by this loop alone. */
  isRepeated: boolean;
  /** How many of the restarts of all loops it has made, or was begun behind. */
  restarts: number;
  deliver(batch: { first: number; end: number }): void;
}

export function loaderPosition(worldSize: number): LoaderPosition {
  let next: EpochPosition = { epoch: 0, position: 0 };
  let delivered: EpochPosition & ReachedPosition = next;
  /**
   * The loop that was begun or has delivered last, while it is under way. One that was begun before it may go on, or
   * may have been left for good: only its next batch tells.
   */
  let current: LoopState | undefined;
  let restarts = 0;
  return {
    get next() {
      return next;
    },
    get delivered() {
      return delivered;
    },
    beginAt(start) {
      next = start;
      if (current === undefined) delivered = start;
    },
    begin(reached) {
      const begun = next;
      const positionAt =
        reached ?? ((end: number) => ({ position: begun.position + end * worldSize }));
      next = { epoch: begun.epoch + 1, position: 0 };
      const loop: LoopState = {
        hasDelivered: false,
        last: { first: 0, end: 0 },
        isRepeated: false,
        restarts,
        deliver(batch) {
          loop.last = batch;
          current = loop;
          delivered = { epoch: begun.epoch, ...positionAt(batch.end) };
        },
      };
      loop.deliver(loop.last);
      const isRestarted = () => loop.isRepeated || loop.restarts < restarts;
      return {
        begun,
        deliver(batch) {
          loop.hasDelivered = true;
          loop.deliver(batch);
        },
        get isRestarted() {
          return isRestarted();
        },
        takeRestart() {
          if (!isRestarted()) return undefined;
          loop.isRepeated = false;
          loop.restarts = restarts;
          return loop.last.end;
        },
        complete() {
          if (current === loop) delivered = next;
        },
        end() {
          if (current === loop) current = undefined;
        },
      };
    },
    restart() {
      restarts += 1;
    },
    repeatBatch() {
      if (!current?.hasDelivered) {
        throw new Error("retry(): expected a loop under way that has delivered a batch, got none");
      }
      const { first } = current.last;
      current.isRepeated = true;
      current.deliver({ first, end: first });
    },
  };
}
