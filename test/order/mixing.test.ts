// What ranks read of an order in lanes, and how well its batches are mixed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blockSampler } from "pixtok";
import { laneOf } from "../../src/order/lanes.js";
import { lanesOfGroups } from "../../src/order/lanes-of-groups.js";
import { blocksOfBatch, mixingOf } from "../../src/order/mixing.js";
import { slicePosition } from "../../src/order/rank-slice.js";
import { sequentialSampler, shuffledSampler } from "../../src/order/sampler.js";
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
  test("counts blocks, and the spread of a mean of as many values as there are rows in each", () => {
    assert.deepEqual(mixingOf([[7, 7, 7, 7]]), { blocks: 1, spread: 2 });
    assert.deepEqual(mixingOf([[1, 2, 3, 4]]), { blocks: 4, spread: 1 });
    // the mean of both batches; the second one has shares of 3 and 1 of 4 rows
    const spread = (2 + Math.sqrt((9 + 1) / 4)) / 2;
    assert.deepEqual(
      mixingOf([
        [7, 7, 7, 7],
        [1, 1, 1, 2],
      ]),
      { blocks: 1.5, spread },
    );
  });

  const rowsOfBlock = 10;
  const of = { ranks: 4, batchSize: 16, rowsOfBlock };

  test("is that of a rank's rows: of an order that is none, every fourth one", () => {
    for (const number of [0, 1, 5, 11]) {
      const blocks = blocksOfBatch(sequentialSampler(10_000), number, of);
      // 16 rows of each of 4 ranks lie within 64 rows, which 7 or 8 blocks have
      assert.ok(blocks.length === 16 && new Set(blocks).size >= 7 && new Set(blocks).size <= 8);
      assert.deepEqual(
        blocks,
        [...blocks].sort((a, b) => a - b),
      );
    }
  });

  test("of a full shuffle is as that of rows drawn at random", () => {
    const sampler = shuffledSampler(10_000);
    const batches = Array.from({ length: 100 }, (_, i) => blocksOfBatch(sampler, i, of));
    const { blocks, spread } = mixingOf(batches);
    // blocks that 16 of 10 000 rows are of, of 1000
    assert.ok(Math.abs(blocks - 1000 * (1 - (1 - 1 / 1000) ** 16)) < 0.2, `${blocks}`);
    assert.ok(Math.abs(spread - 1) < 0.05, `${spread}`);
  });

  test("of blocks is bounded by their window", () => {
    const sampler = blockSampler(new Array(1000).fill(rowsOfBlock), { window: 4 });
    const batches = Array.from({ length: 50 }, (_, i) => blocksOfBatch(sampler, i, of));
    // 64 rows of all ranks: 4 blocks, and those that come in meanwhile
    for (const batch of batches) assert.ok(new Set(batch).size <= 4 + Math.ceil(64 / rowsOfBlock));
    assert.ok(mixingOf(batches).spread > 1);
  });

  test("of a set of less than a batch begins again", () => {
    assert.deepEqual(
      blocksOfBatch(sequentialSampler(8), 0, { ...of, ranks: 1 }),
      Array(16).fill(0),
    );
  });
});
