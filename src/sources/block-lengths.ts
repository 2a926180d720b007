import { outOfRange } from "../shared/validation.js";
import type { PairSource } from "./pair-source.js";

type WithBlocks = Pick<PairSource, "blockLengths" | "readAhead">;

/** Tells a source which blocks come next. What an async function fails at is left to get(), which needs the same. */
export function readBlocksAhead(source: PairSource, blocks: readonly number[]): void {
  const reading: unknown = source.readAhead?.(blocks);
  if (reading instanceof Promise) reading.catch(() => {});
}

/**
 * Blocks of a source whose pairs are made of another one's, where that one knows its own.
 *
 * @param change gives their lengths.
 * @param numberOf gives the number of a block in the other source. Default: its own.
 */
export function blocksFrom(
  source: PairSource,
  change: (lengths: ArrayLike<number>) => ArrayLike<number> = (lengths) => lengths,
  numberOf?: (block: number, count: number) => number,
): WithBlocks {
  if (source.blockLengths === undefined) return {};
  const lengths = () => source.blockLengths?.() as ArrayLike<number>;
  let count: number | undefined;
  const numbersOf = (blocks: readonly number[]) => {
    if (numberOf === undefined) return blocks;
    count ??= lengths().length;
    const known = count;
    return blocks.map((block) => numberOf(block, known));
  };
  return {
    blockLengths: () => change(lengths()),
    ...(source.readAhead && { readAhead: (blocks) => readBlocksAhead(source, numbersOf(blocks)) }),
  };
}

/** Blocks of several sources, one behind the other, where all of them know theirs. */
export function blocksOfAll(sources: readonly PairSource[]): WithBlocks {
  if (sources.some(({ blockLengths }) => blockLengths === undefined)) return {};
  const lengthsOf = (source: PairSource) =>
    Array.from(source.blockLengths?.() as ArrayLike<number>);
  let counts: readonly number[] | undefined;
  const readAhead = (blocks: readonly number[]) => {
    counts ??= sources.map((source) => lengthsOf(source).length);
    let first = 0;
    for (const [i, source] of sources.entries()) {
      const end = first + (counts[i] as number);
      const own = blocks.filter((block) => block >= first && block < end);
      const before = first;
      if (own.length > 0) {
        readBlocksAhead(
          source,
          own.map((block) => block - before),
        );
      }
      first = end;
    }
  };
  return {
    blockLengths: () => sources.flatMap(lengthsOf),
    ...(sources.some((source) => source.readAhead !== undefined) && { readAhead }),
  };
}

/**
 * How many rows of each block are among those selected.
 *
 * @throws {RangeError} where rows of one block are not beside each other.
 */
export function selectedBlocks(lengths: ArrayLike<number>, rows: Float64Array): Float64Array {
  const selected = new Float64Array(lengths.length);
  let block = 0;
  let first = 0;
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i] as number;
    if (row < first) {
      const expected =
        'indices that go on from block to block, as sorted ones do, for shuffle "blocks"';
      throw outOfRange("indices", expected, `${row} after ${rows[i - 1]}`);
    }
    while (row >= first + (lengths[block] as number)) {
      first += lengths[block] as number;
      block += 1;
    }
    selected[block] = (selected[block] as number) + 1;
  }
  return selected;
}

/** Lengths of the blocks that the first rows are of. */
export function firstBlocks(lengths: ArrayLike<number>, rows: number): number[] {
  const first: number[] = [];
  for (let left = rows; left > 0; left -= first.at(-1) as number) {
    first.push(Math.min(left, lengths[first.length] as number));
  }
  return first;
}

const MOST_BLOCKS = 2 ** 32 - 1;

/** @throws {RangeError} where they are too many. */
export function repeatedBlocks(lengths: ArrayLike<number>, times: number): Float64Array {
  const count = lengths.length * times;
  if (count > MOST_BLOCKS) {
    throw outOfRange("times", `at most ${MOST_BLOCKS} blocks in all, for shuffle "blocks"`, times);
  }
  const repeated = new Float64Array(count);
  for (let first = 0; first < count; first += lengths.length) repeated.set(lengths, first);
  return repeated;
}
