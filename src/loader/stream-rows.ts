import { type RankSlice, sliceLength } from "../order/rank-slice.js";
import { shuffleBuffer } from "../order/shuffle-buffer.js";
import { untilAborted } from "../shared/abort.js";
import type { PairStream, StreamContext, StreamedPairs } from "../sources/pair-stream.js";
import type { EpochRows } from "./epoch-rows.js";

/** A pair of a stream, by its number in it. */
interface Row {
  readonly index: number;
  readonly pair: unknown;
}

/** Where an epoch of a stream begins, and what of it a rank takes. */
export interface StreamSlice {
  /** Position of the order that is the first one. */
  readonly start: number;
  readonly slice: RankSlice;
  /** Pairs that are mixed; undefined: they come in the stream's order. */
  readonly buffer: number | undefined;
  /** Called with the number of all pairs of the epoch, once it is known. */
  onEnd(length: number): void;
}

/**
 * A rank's rows of a stream. To begin in the middle, the stream is gone through from its start, so that the order is
 * the one that it would have been. Where ranks cannot share the pairs evenly, a rank that would have one less has its
 * first one again.
 */
export function streamRows(
  stream: PairStream,
  context: StreamContext,
  { start, slice, buffer, onEnd }: StreamSlice,
): EpochRows {
  const { rank, worldSize, padded } = slice;
  /** Positions behind a batch that are looked at, to know whether ranks have another row each. */
  const lookAhead = padded ? 0 : worldSize - 1;
  let pairs: StreamedPairs | undefined;
  let isClosed = false;
  const mixed = shuffleBuffer<Row>(buffer ?? 0, context.seed, context.epoch);
  /** Position of the order that comes next. */
  let position = 0;
  /** Number of all positions, once it is known. */
  let length = Number.POSITIVE_INFINITY;
  /** What the rank has once more, where it would have a row less. */
  let padding: Row | undefined;
  /** The rank's rows that may be taken. */
  const own: Row[] = [];
  /** Its rows before these. */
  let released = 0;

  const nextRow = async (): Promise<Row | undefined> => {
    const given = pairs ?? (await stream.begin(context));
    pairs = given;
    if (isClosed) await given.close();
    while (true) {
      const row = await given.next();
      if (buffer === undefined) return row;
      const out = row === undefined ? mixed.pop() : mixed.push(row);
      if (row === undefined || out !== undefined) return out;
    }
  };
  const end = () => {
    length = position;
    // counted where the rank has a row less; else it stands behind the last one that is
    if (padding !== undefined) own.push(padding);
    onEnd(length);
  };
  /** Reads until the position is known to be there, or not to be. */
  const readTo = async (last: number): Promise<void> => {
    while (position <= last && length === Number.POSITIVE_INFINITY) {
      const row = await nextRow();
      if (isClosed) return;
      if (row === undefined) {
        end();
        return;
      }
      if (position <= rank) padding = row;
      if (position >= start && (position - start) % worldSize === rank) own.push(row);
      position += 1;
    }
  };
  /** One batch after the other. */
  let reading: Promise<void> = Promise.resolve();
  return {
    get count() {
      return sliceLength(Math.max(0, length - start), slice);
    },
    async take({ first, end: behind }, signal) {
      // also behind the batch, to know whether it is the last one
      reading = reading.then(() => readTo(start + behind * worldSize + lookAhead));
      // what has failed is told to every batch that waits for it
      reading.catch(() => {});
      await untilAborted(reading, signal);
      const count = Math.min(behind, this.count);
      const taken = own.slice(first - released, Math.max(first, count) - released);
      return {
        indices: taken.map(({ index }) => index),
        rows: new Map(taken.map(({ index, pair }) => [index, pair])),
      };
    },
    release(first) {
      own.splice(0, first - released);
      released = first;
    },
    async close() {
      isClosed = true;
      await pairs?.close();
    },
  };
}
