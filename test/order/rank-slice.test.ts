import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DataLoader, type DataLoaderOptions } from "pixtok";
import { fixture, readJsonLines } from "../support/fixtures.js";
import { numberedDataset, randomIntegers, seed } from "../support/pairs.js";

async function indicesOf(length: number, options: DataLoaderOptions): Promise<number[]> {
  const loader = new DataLoader(await numberedDataset(length), options);
  const indices: number[] = [];
  let batches = 0;
  for await (const batch of loader) {
    indices.push(...batch.indices);
    batches += 1;
    batch.release();
  }
  assert.equal(batches, loader.length);
  return indices;
}

interface SlicesLine {
  length: number;
  worldSize: number;
  padRanks: boolean;
  /** Positions that each rank takes. */
  ranks: number[][];
}

describe("rank slices", () => {
  test(`are torch's DistributedSampler's of one order, for any number of ranks (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    for (const line of readJsonLines<SlicesLine>(fixture("goldens/rank-slices.jsonl"))) {
      const { length, worldSize, padRanks, ranks } = line;
      const options = { shuffle: true, seed: random(100), batchSize: 1 + random(9) };
      const whole = await indicesOf(length, options);
      for (const [rank, positions] of ranks.entries()) {
        const slice = await indicesOf(length, { ...options, rank, worldSize, padRanks });
        assert.deepEqual(
          slice,
          positions.map((position) => whole[position]),
        );
      }
    }
  });

  test("of one rank need no number of it", async () => {
    assert.deepEqual(await indicesOf(4, { worldSize: 1 }), [0, 1, 2, 3]);
  });

  test("refuse half of rank and worldSize, and ranks that do not exist", async () => {
    const dataset = await numberedDataset(4);
    assert.throws(() => new DataLoader(dataset, { rank: 1 }), /worldSize: expected a number/);
    assert.throws(() => new DataLoader(dataset, { worldSize: 2 }), /rank: expected a number/);
    assert.throws(() => new DataLoader(dataset, { rank: 2, worldSize: 2 }), /rank: expected/);
  });
});
