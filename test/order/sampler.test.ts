import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DataLoader, sequentialSampler, weightedSampler } from "pixtok";
import { aliasTableMaker, weightSum } from "../../src/order/alias-table.js";
import { numberedDataset } from "../support/pairs.js";

describe("the weighted sampler", () => {
  test("draws each index as often as its weight says", () => {
    const weights = [1, 0, 3, 6];
    const sampler = weightedSampler(weights, { length: 100_000, seed: 5 });
    const drawn = [0, 0, 0, 0];
    for (let position = 0; position < sampler.length; position += 1) {
      const index = sampler.indexAt(position, 0);
      drawn[index] = (drawn[index] ?? 0) + 1;
    }
    assert.equal(drawn[1], 0);
    // chi-square with 2 degrees of freedom: 13.8 is passed once in a thousand seeds, and this one is fixed
    let chiSquare = 0;
    for (const [index, weight] of weights.entries()) {
      const expected = (weight / 10) * sampler.length;
      if (expected > 0) chiSquare += ((drawn[index] as number) - expected) ** 2 / expected;
    }
    assert.ok(chiSquare < 13.8, `chi-square ${chiSquare}`);
  });

  test("draws the same for the same seed, epoch and position, and otherwise something else", () => {
    const draw = (seed: number, epoch: number) => {
      const sampler = weightedSampler(new Float32Array(1000).fill(1), { seed });
      return Array.from({ length: 20 }, (_, position) => sampler.indexAt(position, epoch));
    };
    assert.deepEqual(draw(1, 2), draw(1, 2));
    assert.notDeepEqual(draw(1, 2), draw(1, 3));
    assert.notDeepEqual(draw(1, 2), draw(2, 2));
  });

  test("draws by weights whose multiples no number holds as by smaller ones of the same ratio", () => {
    const draw = (weights: number[]) => {
      const sampler = weightedSampler(weights, { length: 200 });
      return Array.from({ length: 200 }, (_, position) => sampler.indexAt(position, 0));
    };
    assert.deepEqual(draw([7e307, 7e307, 1e306]), draw([70, 70, 1]));
  });

  test("names the first weight that is none by its place among all, also where they come in pieces", () => {
    const adding = weightSum();
    assert.equal(adding.add([1, 2, 3]), undefined);
    assert.equal(adding.add([4, -5])?.place, 4);
  });

  test("pairs columns off some at a time, to the same table", () => {
    const weights = [1, 5, 2, 8, 1, 1];
    const made = (most: number) => {
      const maker = aliasTableMaker(weights.length, 18);
      maker.add(weights);
      let turns = 1;
      while (!maker.pairOff(most)) turns += 1;
      return { turns, ...maker.finish() };
    };
    const [atOnce, oneByOne] = [made(100), made(1)];
    assert.deepEqual([atOnce.turns, oneByOne.turns > 3], [1, true]);
    assert.deepEqual([oneByOne.kept, oneByOne.alias], [atOnce.kept, atOnce.alias]);
  });

  test("refuses more weights than there can be", () => {
    const many = { length: 2 ** 32 } as ArrayLike<number>;
    assert.throws(() => weightedSampler(many), /weights.length: expected an integer from 1 to/);
  });

  for (const [weights, message] of [
    [[1, -1], /weights\[1\]: expected a finite number of at least 0, got -1/],
    [[0, 0], /weights: expected at least one above 0/],
    [[], /weights.length: expected an integer from 1/],
    [[1e308, 1e308], /weights: expected a finite sum/],
    [["a"], /weights\[0\]: expected a number, got "a"/],
    ["12", /weights: expected an array of numbers, got "12"/],
  ] as [number[], RegExp][]) {
    test(`refuses ${JSON.stringify(weights)}`, () => {
      assert.throws(() => weightedSampler(weights), message);
    });
  }
});

describe("a loader's sampler", () => {
  test("is any object with a length and indexAt", async () => {
    const dataset = await numberedDataset(10);
    const sampler = { length: 4, indexAt: (position: number, epoch: number) => position + epoch };
    const loader = new DataLoader(dataset, { batchSize: 3, sampler });
    assert.equal(loader.length, 2);
    const seen: number[] = [];
    for await (const batch of loader) seen.push(...batch.indices);
    for await (const batch of loader) seen.push(...batch.indices);
    assert.deepEqual(seen, [0, 1, 2, 3, 1, 2, 3, 4]);
  });

  test("is no array, and has functions for what is read together with a row", async () => {
    const dataset = await numberedDataset(2);
    const indexAt = (position: number) => position;
    for (const [sampler, message] of [
      [[1, 0], /^sampler: expected an object with length and indexAt/],
      [{ indexAt }, /^sampler: expected an object with length and indexAt/],
      [{ length: 2, indexAt: 1 }, /^sampler: expected an object with length and indexAt/],
      [{ length: 0, indexAt }, /^sampler\.length: expected an integer of at least 1, got 0/],
      [{ length: 2, indexAt, blockOf: 1 }, /^sampler\.blockOf: expected a function, got 1/],
      [{ length: 2, indexAt, blocksAt: [0] }, /^sampler\.blocksAt: expected a function, got \[0\]/],
    ] as const) {
      assert.throws(() => new DataLoader(dataset, { sampler: sampler as never }), { message });
    }
  });

  test("is not given beside shuffle, and gives indices of the dataset", async () => {
    const dataset = await numberedDataset(10);
    assert.throws(
      () => new DataLoader(dataset, { sampler: sequentialSampler(10), shuffle: true }),
      /shuffle: expected false beside a sampler/,
    );
    const loader = new DataLoader(dataset, { sampler: sequentialSampler(11), batchSize: 11 });
    await assert.rejects(loader[Symbol.asyncIterator]().next(), /sampler.indexAt\(…\): expected/);
  });
});
