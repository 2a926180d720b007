import { createHash } from "node:crypto";
import { integer, type OptionReaders, readOptions, withDefault } from "../shared/options.js";
import { isObject, outOfRange, requireInteger, wrongType } from "../shared/validation.js";
import { type BlockLane, type BlockLine, blockLane } from "./block-lane.js";
import { laneOf, MOST_LANES } from "./lanes.js";
import { keyedPermutation } from "./permutation.js";
import type { Sampler } from "./sampler.js";

/** Options of `blockSampler`. */
export interface BlockSamplerOptions {
  /** Blocks whose rows are mixed at any time, at most. Default 32. */
  window?: number;
  /** Default 0. */
  seed?: number;
}

export const DEFAULT_WINDOW = 32;

/** What a sampler keeps of each block: where it is, and its place in each of two epochs. */
export const BYTES_OF_BLOCK = 44;

/** A lane mixes at least as many blocks, so that what one rank sees is mixed, too. */
const LEAST_BLOCKS_OF_LANE = 4;

/** The number of a block has 32 bits. */
const MOST_BLOCKS = 2 ** 32 - 1;

export const readWindow = integer(1, MOST_BLOCKS);

const readers = {
  window: withDefault(readWindow, DEFAULT_WINDOW),
  seed: withDefault(integer(0), 0),
} satisfies OptionReaders<BlockSamplerOptions>;

/** Where blocks that have rows begin among the dataset's rows, and their lengths. */
interface Blocks {
  /** Which of the given blocks each is. */
  readonly numbers: Uint32Array;
  readonly firsts: Float64Array;
  readonly lengths: Float64Array;
  readonly rows: number;
}

function requireBlocks(blockLengths: unknown): Blocks {
  if (!isObject(blockLengths) && !Array.isArray(blockLengths)) {
    throw wrongType("blockLengths", "an array of numbers of rows", blockLengths);
  }
  const given = blockLengths as unknown as ArrayLike<unknown>;
  const most = requireInteger("blockLengths.length", given.length, 1, MOST_BLOCKS);
  const numbers = new Uint32Array(most);
  const firsts = new Float64Array(most);
  const lengths = new Float64Array(most);
  let count = 0;
  let rows = 0;
  for (let i = 0; i < most; i += 1) {
    const length = requireInteger(`blockLengths[${i}]`, given[i], 0);
    if (length === 0) continue;
    numbers[count] = i;
    firsts[count] = rows;
    lengths[count] = length;
    count += 1;
    rows += length;
  }
  if (rows === 0) throw outOfRange("blockLengths", "at least one row", blockLengths);
  requireInteger("the sum of blockLengths", rows, 1);
  return { numbers, firsts: firsts.subarray(0, count), lengths: lengths.subarray(0, count), rows };
}

/** The largest power of two that leaves each lane some blocks to mix. */
function lanesFor(window: number): number {
  const most = Math.min(window / LEAST_BLOCKS_OF_LANE, MOST_LANES);
  let lanes = 1;
  while (2 * lanes <= most) lanes *= 2;
  return lanes;
}

interface EpochLanes {
  readonly epoch: number;
  readonly lanes: readonly BlockLane[];
}

/** The lanes of an epoch: its line of blocks, cut into stretches of equal length. */
function lanesOf(
  { firsts, lengths, rows }: Blocks,
  { seed, window, lanes }: { seed: number; window: number; lanes: number },
  epoch: number,
): readonly BlockLane[] {
  const count = lengths.length;
  const { indexAt } = keyedPermutation(count, seed, epoch);
  const order = new Uint32Array(count);
  const ends = new Float64Array(count);
  let end = 0;
  for (let place = 0; place < count; place += 1) {
    const block = indexAt(place);
    end += lengths[block] as number;
    order[place] = block;
    ends[place] = end;
  }
  const line: BlockLine = {
    seed,
    epoch,
    ends,
    blockAt: (place) => order[place] as number,
    firstOf: (block) => firsts[block] as number,
  };
  const made: BlockLane[] = [];
  const ofLane = Math.floor(window / lanes);
  let from = 0;
  for (let lane = 0; lane < lanes; lane += 1) {
    // the bits of a lane's number are those of its positions' remainder, the other way round
    const to = from + Math.ceil((rows - laneOf(lane, lanes)) / lanes);
    made.push(blockLane(line, lane, from, to, ofLane));
    from = to;
  }
  return made;
}

/**
 * Every index once an epoch, block by block: blocks, such as the shards of a set, come in an order that seed and epoch
 * decide, and rows are mixed within a window of some blocks. The order of an epoch is the same for every batch size
 * and number of ranks. It has as many lanes as leave each of them four blocks of the window or more, for ranks to
 * share: each block is in one lane, but for those where two lanes meet. 44 bytes a block are kept.
 *
 * @param blockLengths rows of each block, in the order of the dataset's indices.
 * @throws {TypeError | RangeError}
 */
export function blockSampler(
  blockLengths: ArrayLike<number>,
  options: BlockSamplerOptions = {},
): Sampler {
  const blocks = requireBlocks(blockLengths);
  const { seed, ...given } = readOptions("blockSampler", options, readers);
  const { firsts, lengths } = blocks;
  const window = Math.min(given.window, lengths.length);
  const lanes = lanesFor(window);
  const laneNumbers = Uint16Array.from({ length: lanes }, (_, i) => laneOf(i, lanes));
  /** Of the epoch that was asked for last, and of the one before: a loader goes on with the next one while one ends. */
  let made: EpochLanes | undefined;
  let other: EpochLanes | undefined;
  const laneAt = (position: number, epoch: number): BlockLane => {
    if (made?.epoch !== epoch) {
      const found =
        other?.epoch === epoch
          ? other
          : { epoch, lanes: lanesOf(blocks, { seed, window, lanes }, epoch) };
      other = made;
      made = found;
    }
    return made.lanes[laneNumbers[position % lanes] as number] as BlockLane;
  };
  return {
    length: blocks.rows,
    lanes,
    indexAt: (position, epoch) => laneAt(position, epoch).indexAt(Math.floor(position / lanes)),
    blocksAt(position, epoch) {
      const some = laneAt(position, epoch).blocksAt(Math.floor(position / lanes));
      return some.map((block) => blocks.numbers[block] as number);
    },
    blockOf(index) {
      const block = blockAt(firsts, index);
      return { first: firsts[block] as number, length: lengths[block] as number };
    },
    fingerprint: `blocks, seed ${seed}, window ${window}, lengths ${digestOf(lengths)}`,
  };
}

/** The last block that begins at an index or before it. */
function blockAt(firsts: Float64Array, index: number): number {
  let low = 0;
  let high = firsts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((firsts[middle] as number) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

function digestOf({ buffer, byteOffset, byteLength }: Float64Array): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
}
