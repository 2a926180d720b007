import { unitFraction } from "./permutation.js";
import { slicePosition } from "./rank-slice.js";
import type { Sampler } from "./sampler.js";

/** How well rows of different blocks are mixed in batches. */
export interface Mixing {
  /** Blocks that a batch has rows of, the mean of some batches. */
  readonly blocks: number;
  /**
   * How far means of batches are from the mean of all rows, where each block has a value of its own and all its rows have
   * that, such as shards sorted by topic: the standard deviation, by that of as many rows drawn at random. Less than 1:
   * blocks are in a batch by more equal shares than chance gives them. 1, too, where no order would make a difference: of
   * one block, and of batches that have all rows.
   */
  readonly spread: number;
}

/**
 * @param batches the number of the block of each row; all have as many rows.
 * @param set blocks that the rows are drawn from, and rows of each.
 */
export function mixingOf(
  batches: readonly (readonly number[])[],
  set: { blocks: number; rowsOfBlock: number },
): Mixing {
  let [blocks, squares] = [0, 0];
  for (const batch of batches) {
    const counts = new Map<number, number>();
    for (const block of batch) counts.set(block, (counts.get(block) ?? 0) + 1);
    blocks += counts.size;
    for (const count of counts.values()) squares += (count / batch.length) ** 2;
  }
  const size = batches[0]?.length ?? 0;
  const random = varianceOfRandom(size, set);
  const variance = Math.max(0, squares / batches.length - 1 / set.blocks);
  return {
    blocks: blocks / batches.length,
    spread: random === 0 ? 1 : Math.sqrt(variance / random),
  };
}

/** Variance of the mean of rows that are drawn at random, each once, where the values of blocks have a variance of 1. */
function varianceOfRandom(
  size: number,
  { blocks, rowsOfBlock }: { blocks: number; rowsOfBlock: number },
): number {
  const rows = blocks * rowsOfBlock;
  if (blocks === 1 || size >= rows) return 0;
  return ((1 - 1 / blocks) * (rows - size)) / ((rows - 1) * size);
}

const DRAWN = 4;

/** The blocks of a batch of one of the ranks, somewhere in the first epoch. */
export function blocksOfBatch(
  sampler: Sampler,
  number: number,
  { ranks, batchSize, rowsOfBlock }: { ranks: number; batchSize: number; rowsOfBlock: number },
): number[] {
  const turns = Math.max(0, sampler.length / ranks - batchSize);
  const first = Math.floor(unitFraction(DRAWN, number) * turns);
  const slice = { rank: number % ranks, worldSize: ranks, padded: true };
  return Array.from({ length: batchSize }, (_, i) => {
    const position = slicePosition(first + i, 0, sampler.length, slice, sampler.lanes);
    return Math.floor(sampler.indexAt(position, 0) / rowsOfBlock);
  });
}
