import { keyedPermutation, type Permutation } from "./permutation.js";

/** Blocks of an epoch on a line, in the order in which they are visited. */
export interface BlockLine {
  readonly seed: number;
  readonly epoch: number;
  /** Ends of the blocks on the line. None is empty. */
  readonly ends: Float64Array;
  /** Number of the block at a place of the order. */
  blockAt(place: number): number;
  /** Dataset index of a block's first row. */
  firstOf(block: number): number;
}

/** A stretch of the line, the order of whose rows is a function. */
export interface BlockLane {
  /** Dataset index of the row at a place of the lane. */
  indexAt(place: number): number;
  /** Numbers of the blocks that are mixed there, and of the one that comes in next. */
  blocksAt(place: number): number[];
}

/** Tells the permutations of one epoch from each other, as a part of their keys. */
const ROWS = 1;
const STAGE = 2;

/** Stages that are looked at one by one: places are mostly asked for in their order. */
const NEAR_STAGES = 4;

/** What a stage has of a block. */
interface Share {
  /** Rows of the stage up to this share's last one. */
  readonly end: number;
  /** What is added to a row of the stage to have its place in the order of the block's rows. */
  readonly offset: number;
  readonly block: Block;
}

/** A block in the window. */
interface Block {
  /** Dataset index of its first row. */
  readonly first: number;
  /** Number of its rows, and of those of them that are not the lane's and come before the lane's. */
  readonly rows: number;
  readonly before: number;
  readonly number: number;
  /** Of all its rows. Made when it is asked for first. */
  order: Permutation | undefined;
}

/** What a lane shows between two blocks' coming in. */
interface Stage {
  readonly number: number;
  /** The lane's rows before it, and behind it. */
  readonly first: number;
  readonly end: number;
  readonly shares: readonly Share[];
  readonly order: Permutation;
}

/**
 * Rows `from` to `to` of the line, mixed within a window of `window` blocks. In each stage one block leaves the
 * window and the next one comes in. A block's rows are shared evenly among the stages that have it: which ones, and
 * their order within the stage, keyed permutations decide.
 */
export function blockLane(
  line: BlockLine,
  lane: number,
  from: number,
  to: number,
  window: number,
): BlockLane {
  const { ends, seed, epoch } = line;
  const firstBlock = firstAbove(from, (place) => ends[place] as number, ends.length);
  const blocks = firstAbove(to - 1, (place) => ends[place] as number, ends.length) - firstBlock + 1;
  const width = Math.min(window, blocks);
  const stages = blocks - width + 1;
  const startOf = (block: number) =>
    firstBlock + block === 0 ? 0 : (ends[firstBlock + block - 1] as number);
  const endOf = (block: number) => ends[firstBlock + block] as number;
  /** Rows of a block, or of its part, that are the lane's. */
  const rowsOf = (block: number) => Math.min(to, endOf(block)) - Math.max(from, startOf(block));

  /** Rows of the `block`-th block that are shown before a stage that has it, or that follows one. */
  const shownBefore = (block: number, stage: number): number => {
    const first = Math.max(0, block - width + 1);
    const count = Math.min(block, stages - 1) - first + 1;
    return Math.floor(rowsOf(block) * ((stage - first) / count));
  };
  /** All rows of the lane before a stage. */
  const firstRowOf = (stage: number): number => {
    let rows = (stage === 0 ? from : Math.min(to, endOf(stage - 1))) - from;
    for (let block = stage; block < Math.min(stage + width - 1, blocks); block += 1) {
      rows += shownBefore(block, stage);
    }
    return rows;
  };

  const blockOf = (block: number): Block => {
    const number = line.blockAt(firstBlock + block);
    const start = startOf(block);
    const before = Math.max(0, from - start);
    return {
      number,
      first: line.firstOf(number),
      rows: endOf(block) - start,
      before,
      order: undefined,
    };
  };

  /** @param last the stage that was last, whose blocks are used again. */
  const stageAt = (number: number, last?: Stage): Stage => {
    const first = firstRowOf(number);
    const shares: Share[] = [];
    let rows = 0;
    for (let block = number; block < number + width; block += 1) {
      const shown = shownBefore(block, number);
      const { [block - (last?.number ?? 0)]: same } = last?.shares ?? [];
      const found = same?.block ?? blockOf(block);
      // a block that two lanes share has one order of its rows, in which each lane has its part
      const offset = found.before + shown - rows;
      rows += shownBefore(block, number + 1) - shown;
      shares.push({ end: rows, offset, block: found });
    }
    const order = keyedPermutation(rows, seed, epoch, STAGE, lane, number);
    return { number, first, end: first + rows, shares, order };
  };
  let current = stageAt(0);
  const stageOf = (place: number): number => {
    const near = place < current.end ? 0 : Math.min(stages, current.number + 1 + NEAR_STAGES);
    for (let stage = current.number + 1; stage < near; stage += 1) {
      if (place < firstRowOf(stage + 1)) return stage;
    }
    return firstAbove(place, (stage) => firstRowOf(stage + 1), stages);
  };
  const findStage = (place: number) => {
    if (place >= current.first && place < current.end) return;
    current = stageAt(stageOf(place), current);
  };

  return {
    blocksAt(place) {
      findStage(place);
      const { number: stage } = current;
      const count = Math.min(width + 1, blocks - stage);
      return Array.from({ length: count }, (_, i) => line.blockAt(firstBlock + stage + i));
    },
    indexAt(place) {
      findStage(place);
      const { first, shares, order } = current;
      const row = order.indexAt(place - first);
      let slot = 0;
      while (row >= (shares[slot] as Share).end) slot += 1;
      const { block, offset } = shares[slot] as Share;
      block.order ??= keyedPermutation(block.rows, seed, epoch, ROWS, block.number);
      return block.first + block.order.indexAt(row + offset);
    },
  };
}

/** The first place whose value is above a number, of places with ascending values. One of them has to be. */
function firstAbove(number: number, valueAt: (place: number) => number, places: number): number {
  let low = 0;
  let high = places - 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (valueAt(middle) > number) high = middle;
    else low = middle + 1;
  }
  return low;
}
