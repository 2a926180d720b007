import { unitFraction } from "./permutation.js";
import { slicePosition } from "./rank-slice.js";
import type { Sampler } from "./sampler.js";

/** How well rows of different blocks are mixed in batches. */
export interface Mixing {
  /** Blocks that a batch has rows of, the mean of some batches. */
  readonly blocks: number;
  /**
   * Standard deviation of a batch's mean where each block has a value of its own and all its rows have that, such as
   * shards sorted by topic. 1 is that of rows drawn at random.
   */
  readonly spread: number;
}

/** @param batches the number of the block of each row. */
export function mixingOf(batches: readonly (readonly number[])[]): Mixing {
  let [blocks, spread] = [0, 0];
  for (const batch of batches) {
    const counts = new Map<number, number>();
    for (const block of batch) counts.set(block, (counts.get(block) ?? 0) + 1);
    blocks += counts.size;
    let squares = 0;
    for (const count of counts.values()) squares += count ** 2;
    spread += Math.sqrt(squares / batch.length);
  }
  return { blocks: blocks / batches.length, spread: spread / batches.length };
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
