import { type AnyDataset, pipelineOf } from "../dataset/dataset.js";
import { tokenCounts } from "../dataset/dataset-tokens.js";
import { firstFit } from "../order/first-fit.js";
import { keyedPermutation } from "../order/permutation.js";
import { type RankStep, rankSteps } from "../order/rank-steps.js";
import { untilAborted } from "../shared/abort.js";
import { orderOf } from "./epoch-order.js";
import { blocksTold, type EpochRows } from "./epoch-rows.js";
import type { LoaderConfig } from "./loader-options.js";
import type { EpochPosition } from "./loader-position.js";
import type { SequencePackingConfig } from "./sequence-packing.js";

/** Number of tokens of rows, which is the same in every epoch; counted once. */
export interface RowLengths {
  of(
    indices: readonly number[],
    count: (unknown: readonly number[]) => Promise<number[]>,
  ): Promise<number[]>;
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
      const lengths = new Map(unknown.map((index, at) => [index, counts[at] as number]));
      // a row that could not be read has none, and may be read another time
      for (const [index, length] of lengths) if (length > 0) kept[index] = length + 1;
      return indices.map((index) => lengths.get(index) ?? (kept[index] as number) - 1);
    },
  };
}

/** Sequences of a window for each rank. */
interface Window {
  readonly steps: readonly RankStep<number>[];
  /** Position of the order behind each of the steps. */
  readonly ends: readonly number[];
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
  { epoch, position: start }: EpochPosition,
  signal: AbortSignal,
): EpochRows {
  const { sampler, seed, slice } = config;
  const { length, indexAt } = orderOf(dataset, sampler, epoch);
  const pipeline = pipelineOf(dataset);
  const tellBlocks = blocksTold(sampler, pipeline.source, epoch);
  const countTokens = (indices: readonly number[]) =>
    tokenCounts(pipeline, indices, { seed, epoch, signal });

  const arrange = async (number: number): Promise<Window> => {
    const first = number * window;
    const count = Math.min(window, length - first);
    const positions = Array.from({ length: count }, (_, i) => first + i);
    tellBlocks(positions);
    const indices = positions.map(indexAt);
    const counts = await lengths.of(indices, countTokens);
    const rows = counts.map((tokens) => Math.min(tokens, maxLength));
    const found = firstFit(rows, maxLength);
    const shuffled = keyedPermutation(found.length, seed, epoch, number + 1);
    const sequences = found.map((_, i) =>
      (found[shuffled.indexAt(i)] as number[]).map((place) => indices[place] as number),
    );
    const steps = rankSteps(sequences, slice);
    const done = start - first;
    if (done <= 0) return { steps, ends: steps.map(({ end }) => first + end) };
    const at = steps.findIndex(({ end }) => end === done);
    if (at >= 0) {
      const left = steps.slice(at + 1);
      return { steps: left, ends: left.map(({ end }) => first + end) };
    }
    // it was another number of ranks that came as far
    const left = rankSteps(without(sequences, done), slice);
    return { steps: left, ends: left.map(({ end }) => start + end) };
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

  /** Learns of windows until there are so many steps; one after the other. */
  let reading: Promise<void> = Promise.resolve();
  const readTo = async (steps: number): Promise<void> => {
    while ((before.at(-1) as number) < steps && firstWindow + before.length - 1 < windows) {
      const number = firstWindow + before.length - 1;
      const { steps: own, ends: theirs } = await windowAt(number);
      before.push((before.at(-1) as number) + own.length);
      ends.push(...theirs);
    }
  };
  const areAllKnown = () => firstWindow + before.length - 1 >= windows;

  return {
    get count() {
      return areAllKnown() ? ends.length : Number.POSITIVE_INFINITY;
    },
    async take({ first, end }, stop) {
      // also what is behind the batch, to know whether it is the last one
      reading = reading.then(() => readTo(end + 1));
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
    reached: (end) => (end === 0 ? start : (ends[Math.min(end, ends.length) - 1] as number)),
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
