import { type AnyDataset, pipelineOf } from "../dataset/dataset.js";
import { tokenCounts } from "../dataset/dataset-tokens.js";
import { firstFit } from "../order/first-fit.js";
import { keyedPermutation } from "../order/permutation.js";
import { type RankStep, rankSteps } from "../order/rank-steps.js";
import { untilAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { makeFingerprint } from "../sources/pair-source.js";
import { orderOf } from "./epoch-order.js";
import { blocksTold, type EpochRows } from "./epoch-rows.js";
import type { LoaderConfig } from "./loader-options.js";
import type { EpochPosition } from "./loader-position.js";
import type { SequencePackingConfig } from "./sequence-packing.js";

/** Number of tokens of rows, which is the same in every epoch; counted once. */
export interface RowLengths {
  /** Null for a row that could not be counted. */
  of(
    indices: readonly number[],
    count: (unknown: readonly number[]) => Promise<(number | null)[]>,
  ): Promise<(number | null)[]>;
}

export function rowLengths(rows: number): RowLengths {
  /** One more than the number of tokens; 0 where it is not known. */
  let known: Uint32Array | undefined;
  return {
    async of(indices, count) {
      known ??= new Uint32Array(rows);
      const kept = known;
      const unknown = indices.filter((index) => kept[index] === 0);
      const counts = unknown.length === 0 ? [] : await count(unknown);
      // what could not be read may be read another time
      for (const [at, index] of unknown.entries()) {
        const length = counts[at] as number | null;
        if (length !== null) kept[index] = length + 1;
      }
      return indices.map((index) => (kept[index] === 0 ? null : (kept[index] as number) - 1));
    },
  };
}

/** Sequences of a window for each rank. */
interface Window {
  readonly steps: readonly RankStep<number>[];
  /** Position of the order behind each of the steps. */
  readonly ends: readonly number[];
  /** What tells the lengths of its rows from others. */
  readonly lengths: string;
}

/** How long rows are for their sequences: one of unknown length has all of one, and one without tokens has a place. */
function roomOf(counts: readonly (number | null)[], maxLength: number): Uint32Array {
  return Uint32Array.from(counts, (tokens) =>
    Math.min(Math.max(tokens ?? maxLength, 1), maxLength),
  );
}

/** @throws {PixtokError} STATE_MISMATCH */
function requireLengths(lengths: string, expected: string | undefined): void {
  if (expected === undefined || lengths === expected) return;
  const what =
    "rows of the state's window have other lengths here, so that their sequences are others: some of them could not be counted, here or there, or were changed. A state without its `lengths` goes on all the same, and rows may come twice or not at all";
  throw new PixtokError("STATE_MISMATCH", what);
}

/**
 * The rows of a dataset in sequences, a function of seed and epoch. Ranks take the sequences of each window in turns, so that
 * the rows which all of them have taken are always the first ones of an order.
 */
export function sequenceRows(
  dataset: AnyDataset,
  config: LoaderConfig,
  { window, maxLength }: SequencePackingConfig,
  lengths: RowLengths,
  { epoch, position: start, lengths: expected }: EpochPosition,
  signal: AbortSignal,
): EpochRows {
  const { sampler, seed, slice, dropLast, onError } = config;
  const { length, indexAt } = orderOf(dataset, sampler, epoch);
  const pipeline = pipelineOf(dataset);
  const tellBlocks = blocksTold(sampler, pipeline.source, epoch);
  const countTokens = (indices: readonly number[]) =>
    tokenCounts(pipeline, indices, { seed, epoch, signal }, onError);

  const arrange = async (number: number): Promise<Window> => {
    const first = number * window;
    const count = Math.min(window, length - first);
    const positions = Array.from({ length: count }, (_, i) => first + i);
    tellBlocks(positions);
    const indices = positions.map(indexAt);
    const counts = await lengths.of(indices, countTokens);
    const rows = roomOf(counts, maxLength);
    const told = makeFingerprint([new Uint8Array(rows.buffer)]);
    if (first < start) requireLengths(told, expected);
    const found = firstFit(rows, maxLength);
    const shuffled = keyedPermutation(found.length, seed, epoch, number + 1);
    const sequences = found.map((_, i) =>
      (found[shuffled.indexAt(i)] as number[]).map((place) => indices[place] as number),
    );
    const steps = rankSteps(sequences, slice);
    const done = start - first;
    const of = { lengths: told };
    if (done <= 0) return { ...of, steps, ends: steps.map(({ end }) => first + end) };
    const at = steps.findIndex(({ end }) => end === done);
    if (at >= 0) {
      const left = steps.slice(at + 1);
      return { ...of, steps: left, ends: left.map(({ end }) => first + end) };
    }
    // it was another number of ranks that came as far
    const left = rankSteps(without(sequences, done), slice);
    return { ...of, steps: left, ends: left.map(({ end }) => start + end) };
  };

  const firstWindow = Math.floor(start / window);
  const windows = Math.ceil(length / window);
  /** By their numbers, those that may be taken. */
  const arranged = new Map<number, Promise<Window>>();
  const windowAt = (number: number): Promise<Window> => {
    const known = arranged.get(number) ?? arrange(number);
    // what has failed is told to whom it is asked by
    known.catch(() => {});
    arranged.set(number, known);
    return known;
  };
  /** Steps before each window, from the first one on; the last number is of all that is known. */
  const before = [0];
  /** Position of the order behind each step that is known. */
  const ends: number[] = [];
  /** What tells the lengths of each window's rows, from the first one on. */
  const toldLengths: string[] = [];

  /** Learns of windows until there are so many steps; one after the other. */
  let reading: Promise<void> = Promise.resolve();
  const readTo = async (steps: number): Promise<void> => {
    while ((before.at(-1) as number) < steps && firstWindow + before.length - 1 < windows) {
      const number = firstWindow + before.length - 1;
      const { steps: own, ends: theirs, lengths: told } = await windowAt(number);
      before.push((before.at(-1) as number) + own.length);
      ends.push(...theirs);
      toldLengths.push(told);
    }
  };
  const areAllKnown = () => firstWindow + before.length - 1 >= windows;
  const knownSteps = () => (areAllKnown() ? ends.length : Number.POSITIVE_INFINITY);

  return {
    get count() {
      return knownSteps();
    },
    async take({ first, end }, stop) {
      // also what the next batch needs, to know whether this is the last one
      const needed = dropLast ? end - first : 1;
      reading = reading.then(() => readTo(end + needed));
      reading.catch(() => {});
      await untilAborted(reading, stop);
      const next = firstWindow + before.length - 1;
      if (next < windows) windowAt(next);
      const own: (readonly number[])[] = [];
      for (let step = first; step < Math.min(end, ends.length); step += 1) {
        const at = before.findLastIndex((steps) => steps <= step);
        const { steps } = await untilAborted(windowAt(firstWindow + at), stop);
        own.push(steps[step - (before[at] as number)]?.lists[slice.rank] as readonly number[]);
      }
      return {
        indices: own.flat(),
        sequences: { rows: own.map((rows) => rows.length), maxLength },
      };
    },
    reached(end) {
      const left = knownSteps() - end;
      if (end === 0) return { position: start, lengths: expected, left };
      const position = ends[Math.min(end, ends.length) - 1] as number;
      const isWithin = position % window !== 0;
      const lengths = isWithin
        ? toldLengths[Math.floor(position / window) - firstWindow]
        : undefined;
      return { position, lengths, left };
    },
    release(first) {
      for (const number of arranged.keys()) {
        const behind = before[number - firstWindow + 1];
        if (behind !== undefined && behind <= first) arranged.delete(number);
      }
    },
    async close() {},
  };
}

/** Lists without their first things, of all together. */
function without(lists: readonly (readonly number[])[], count: number): (readonly number[])[] {
  let left = count;
  return lists.flatMap((list) => {
    const gone = Math.min(left, list.length);
    left -= gone;
    return gone === list.length ? [] : [list.slice(gone)];
  });
}
