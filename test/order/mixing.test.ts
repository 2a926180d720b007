// What ranks read of an order in lanes, and how well its batches are mixed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blockSampler } from "pixtok";
import { laneOf } from "../../src/order/lanes.js";
import { lanesOfGroups } from "../../src/order/lanes-of-groups.js";
import { blocksOfBatch, mixingOf } from "../../src/order/mixing.js";
import { slicePosition } from "../../src/order/rank-slice.js";
import { sequentialSampler, shuffledSampler } from "../../src/order/sampler.js";
import { randomIntegers, seed } from "../support/pairs.js";
import { fc } from "../support/properties.js";

test("the lanes of a group of ranks are those that its ranks have in an epoch", () => {
  const numbers = fc.record({
    ranks: fc.integer({ min: 1, max: 20 }),
    ofGroup: fc.integer({ min: 1, max: 8 }),
    lanes: fc.constantFrom(1, 2, 4, 8, 16),
  });
  fc.assert(
    fc.property(numbers, ({ ranks, ofGroup, lanes }) => {
      const length = ranks * lanes;
      const seen = Array.from({ length: Math.ceil(ranks / ofGroup) }, () => new Set<number>());
      for (let rank = 0; rank < ranks; rank += 1) {
        const slice = { rank, worldSize: ranks, padded: true };
        for (let i = 0; i < lanes; i += 1) {
          const position = slicePosition(i, 0, length, slice, lanes);
          seen[Math.floor(rank / ofGroup)]?.add(laneOf(position, lanes));
        }
      }
      assert.deepEqual(lanesOfGroups(ranks, ofGroup, lanes), seen);
    }),
  );
});

describe("the mixing of batches", () => {
  test("counts blocks", () => {
    const set = { blocks: 10, rowsOfBlock: 10 };
    const batches = [
      [7, 7, 7, 7],
      [1, 1, 1, 2],
    ];
    assert.equal(mixingOf(batches, set).blocks, 1.5);
  });

  test("has a spread of 1 where no order makes a difference", () => {
    assert.equal(mixingOf([[0, 0]], { blocks: 1, rowsOfBlock: 10 }).spread, 1);
    assert.equal(mixingOf([[0, 0, 1, 1]], { blocks: 2, rowsOfBlock: 2 }).spread, 1);
    // a batch of more rows than the set has begins again
    assert.equal(mixingOf([[0, 0, 1, 1, 0]], { blocks: 2, rowsOfBlock: 2 }).spread, 1);
  });

  test("has a spread of 0 where all batches have all blocks by equal shares", () => {
    assert.equal(mixingOf([[0, 1, 2]], { blocks: 3, rowsOfBlock: 100 }).spread, 0);
  });

  describe(`has the spread of the means of batches, by that of rows drawn at random (seed ${seed})`, () => {
    const set = { blocks: 12, rowsOfBlock: 40 };
    const rows = set.blocks * set.rowsOfBlock;
    const random = randomIntegers(seed);
    const values = Array.from({ length: set.blocks }, () => random(2 ** 30));
    const meanOf = (numbers: readonly number[]) =>
      numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
    const meanOfAll = meanOf(values);
    /** Blocks of rows drawn without putting them back. */
    const left = Array.from({ length: rows }, (_, row) => Math.floor(row / set.rowsOfBlock));
    const drawn = (size: number) => {
      for (let i = 0; i < size; i += 1) {
        const other = i + random(rows - i);
        [left[i], left[other]] = [left[other] as number, left[i] as number];
      }
      return left.slice(0, size);
    };
    const deviation = (batches: readonly (readonly number[])[]) =>
      Math.sqrt(
        meanOf(
          batches.map(
            (batch) => (meanOf(batch.map((block) => values[block] as number)) - meanOfAll) ** 2,
          ),
        ),
      );
    const orders = {
      "at random": drawn,
      "of three blocks": (size: number) => {
        const some = Array.from({ length: 3 }, () => random(set.blocks));
        return Array.from({ length: size }, () => some[random(3)] as number);
      },
    };
    for (const [name, order] of Object.entries(orders)) {
      for (const size of [4, 60]) {
        test(`${size} rows ${name}`, () => {
          const batches = Array.from({ length: 1000 }, () => order(size));
          const byRandom = Array.from({ length: 1000 }, () => drawn(size));
          const simulated = deviation(batches) / deviation(byRandom);
          const { spread } = mixingOf(batches, set);
          if (order === drawn) assert.ok(Math.abs(spread - 1) < 0.05, `${spread}`);
          assert.ok(Math.abs(spread / simulated - 1) < 0.2, `${spread}, not ${simulated}`);
        });
      }
    }
  });

  const rowsOfBlock = 10;
  const of = { ranks: 4, batchSize: 16, rowsOfBlock };
  const set = { blocks: 1000, rowsOfBlock };

  test("is that of a rank's rows: of an order that is none, every fourth one", () => {
    for (const number of [0, 1, 5, 11]) {
      const blocks = blocksOfBatch(sequentialSampler(10_000), number, of);
      // 16 rows of each of 4 ranks lie within 64 rows, which 7 or 8 blocks have
      assert.ok(blocks.length === 16 && new Set(blocks).size >= 7 && new Set(blocks).size <= 8);
      assert.deepEqual(
        blocks,
        [...blocks].sort((a, b) => a - b),
      );
      // and of each rank in its turn
      const rows = blocksOfBatch(sequentialSampler(10_000), number, { ...of, rowsOfBlock: 1 });
      assert.ok(rows.every((row) => row % 4 === number % 4));
    }
  });

  test("of a full shuffle is as that of rows drawn at random", () => {
    const sampler = shuffledSampler(10_000);
    const batches = Array.from({ length: 100 }, (_, i) => blocksOfBatch(sampler, i, of));
    const { blocks, spread } = mixingOf(batches, set);
    // blocks that 16 of 10 000 rows are of, of 1000
    assert.ok(Math.abs(blocks - 1000 * (1 - (1 - 1 / 1000) ** 16)) < 0.2, `${blocks}`);
    assert.ok(Math.abs(spread - 1) < 0.05, `${spread}`);
  });

  test("of blocks is bounded by their window", () => {
    const sampler = blockSampler(new Array(1000).fill(rowsOfBlock), { window: 4 });
    const batches = Array.from({ length: 50 }, (_, i) => blocksOfBatch(sampler, i, of));
    // 64 rows of all ranks: 4 blocks, and those that come in meanwhile
    for (const batch of batches) assert.ok(new Set(batch).size <= 4 + Math.ceil(64 / rowsOfBlock));
    assert.ok(mixingOf(batches, set).spread > 1);
  });

  test("of a set of less than a batch begins again", () => {
    assert.deepEqual(
      blocksOfBatch(sequentialSampler(8), 0, { ...of, ranks: 1 }),
      Array(16).fill(0),
    );
  });
});
