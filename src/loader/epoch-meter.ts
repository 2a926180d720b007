import { type BatchTimes, batchTimes } from "../dataset/batch-times.js";
import { addWaits, noWaits } from "./batch-waits.js";
import { limitOf } from "./epoch-limit.js";
import type { LoaderStats, LoaderWait } from "./loader-stats.js";
import { addStages, stageSums, stagesOf, type TimedBatch } from "./stage-sums.js";

/** A batch that was handed to the trainer. */
export interface DeliveredBatch extends TimedBatch {
  /** Milliseconds that the trainer waited for it. */
  readonly waited: number;
}

/** Tokens of a batch. */
export interface DeliveredTokens {
  readonly all: number;
  readonly padding: number;
}

/** Measures one epoch. A batch is known by the first of its positions. */
export interface EpochMeter {
  readonly epoch: number;
  /** A batch is being made. What it takes is to be noted in the times. */
  begin(first: number): BatchTimes;
  /** It is made, and has these bytes; undefined: it has been given up. */
  end(first: number, bytes: number | undefined): void;
  /** The trainer waits for this batch. */
  wait(first: number): void;
  /** The trainer has it, and works. */
  deliver(first: number, pairs: number, tokens?: DeliveredTokens): DeliveredBatch;
  /** It has no rows, and the trainer waits on. */
  drop(first: number): void;
  /** The trainer asks for the next batch. */
  resume(): void;
  /** What is prepared is given up. */
  discard(): void;
  /** The epoch is over. */
  close(): void;
  stats(): LoaderStats;
}

interface MeasuredBatch extends TimedBatch {
  bytes: number;
  waited: number;
}

/**
 * Every moment of the epoch is one of three: the trainer waits, the loader waits, or both work. The loader works as long
 * as a batch is under way.
 *
 * @param threads that prepare images.
 * @param now milliseconds, as performance.now().
 */
export function epochMeter(
  epoch: number,
  threads: number,
  now: () => number = () => performance.now(),
): EpochMeter {
  const begun = now();
  const sums = stageSums();
  const spent = { waitForTrainer: 0, waitForData: 0, bothAtWork: 0 };
  const waits = noWaits();
  const batches = new Map<number, MeasuredBatch>();
  const delivered = { batches: 0, pairs: 0 };
  const tokens = { all: 0, padding: 0 };
  let last = begun;
  let isClosed = false;
  let underWay = 0;
  /** Batches that wait for the trainer, their bytes, and how many there were, times how long. */
  const ready = { count: 0, bytes: 0, countTimes: 0 };
  /** What the trainer waits for, and since when; undefined while it works. */
  let waiting: { first: number | undefined; since: number; begun: number } | undefined = {
    first: undefined,
    since: begun,
    begun,
  };

  const batchOf = (first: number | undefined) =>
    first === undefined ? undefined : batches.get(first);

  /** Which of the three the time since the last call was. */
  const tick = (): number => {
    const time = isClosed ? last : now();
    const passed = time - last;
    last = time;
    ready.countTimes += ready.count * passed;
    if (waiting !== undefined) spent.waitForData += passed;
    else if (underWay > 0) spent.bothAtWork += passed;
    else spent.waitForTrainer += passed;
    return time;
  };

  /** Until now the trainer has waited for this. */
  const settleWait = (time: number) => {
    if (waiting === undefined) return;
    addWaits(waits, batchOf(waiting.first), waiting.since, time);
    waiting.since = time;
  };

  const take = (first: number): MeasuredBatch | undefined => {
    const batch = batches.get(first);
    if (batch === undefined) return undefined;
    batches.delete(first);
    ready.count -= 1;
    ready.bytes -= batch.bytes;
    return batch;
  };

  return {
    epoch,
    begin(first) {
      const startedAt = tick();
      underWay += 1;
      const times = batchTimes();
      batches.set(first, { startedAt, endedAt: Infinity, times, bytes: 0, waited: 0 });
      return times;
    },
    end(first, bytes) {
      const endedAt = tick();
      underWay -= 1;
      const batch = batches.get(first);
      if (batch === undefined) return;
      batch.endedAt = endedAt;
      addStages(sums, batch);
      if (bytes === undefined) return;
      batch.bytes = bytes;
      ready.count += 1;
      ready.bytes += bytes;
    },
    wait(first) {
      const time = tick();
      settleWait(time);
      if (waiting !== undefined) waiting.first = first;
    },
    deliver(first, pairs, { all, padding } = { all: 0, padding: 0 }) {
      const time = tick();
      settleWait(time);
      const batch = take(first) as MeasuredBatch;
      if (waiting !== undefined) batch.waited = time - waiting.begun;
      waiting = undefined;
      delivered.batches += 1;
      delivered.pairs += pairs;
      tokens.all += all;
      tokens.padding += padding;
      return batch;
    },
    drop(first) {
      settleWait(tick());
      take(first);
    },
    resume() {
      const time = tick();
      waiting = { first: undefined, since: time, begun: time };
    },
    discard() {
      settleWait(tick());
      batches.clear();
      Object.assign(ready, { count: 0, bytes: 0 });
    },
    close() {
      settleWait(tick());
      waiting = undefined;
      batches.clear();
      Object.assign(ready, { count: 0, bytes: 0 });
      isClosed = true;
    },
    stats() {
      const time = tick();
      const passed = time - begun;
      const seconds = passed / 1000;
      const own = { ...waits };
      if (waiting !== undefined) addWaits(own, batchOf(waiting.first), waiting.since, time);
      const stages = stagesOf(sums, passed);
      const busy = ["read", "decode", "resize", "normalize"] as const;
      const busySeconds = busy.reduce((sum, name) => sum + stages[name].seconds, 0);
      const inSeconds = <Name extends string>(of: Record<Name, number>) =>
        Object.fromEntries(
          Object.entries<number>(of).map(([name, value]) => [name, value / 1000]),
        ) as Record<Name, number>;
      const measured = {
        epoch,
        seconds,
        ...delivered,
        paddingShare: tokens.all === 0 ? 0 : tokens.padding / tokens.all,
        rate: seconds === 0 ? 0 : delivered.pairs / seconds,
        ...inSeconds(spent),
        waitsOn: inSeconds<LoaderWait>(own),
        stages,
        threads: {
          count: threads,
          busy: busySeconds,
          idle: Math.max(0, threads * seconds - busySeconds),
        },
        queue: {
          ready: ready.count,
          meanReady: passed === 0 ? 0 : ready.countTimes / passed,
          bytes: ready.bytes,
          underWay,
        },
      };
      return { ...measured, ...limitOf(measured) };
    },
  };
}
