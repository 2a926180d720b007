import type { LoaderWait } from "./loader-stats.js";
import type { TimedBatch } from "./stage-sums.js";

/** Milliseconds that were waited, by what they were waited for. */
export type Waits = Record<LoaderWait, number>;

export function noWaits(): Waits {
  return { source: 0, images: 0, tokenize: 0, mix: 0, fields: 0, other: 0 };
}

/**
 * Adds the time from `from` to `to`, in which a batch was waited for, to what was being done for it. What is done on the
 * main thread, and what waits for it, is "other".
 *
 * @param batch undefined: none was under way.
 */
export function addWaits(
  waits: Waits,
  batch: TimedBatch | undefined,
  from: number,
  to: number,
): void {
  let at = from;
  const until = (end: number, wait: LoaderWait) => {
    const next = Math.min(to, end);
    if (next <= at) return;
    waits[wait] += next - at;
    at = next;
  };
  if (batch !== undefined) {
    const { startedAt, endedAt, times } = batch;
    until(startedAt, "other");
    until(Math.min(times.rowsAt, endedAt), "source");
    until(Math.min(times.imagesAt, endedAt), "images");
    until(Math.min(times.tokensAt, endedAt), "tokenize");
    const madeAt = Math.min(times.madeAt, endedAt);
    until(Math.min(times.mixFrom, madeAt), "other");
    until(Math.min(times.mixedAt, madeAt), "mix");
    until(madeAt, "other");
    until(endedAt, "fields");
  }
  until(to, "other");
}
