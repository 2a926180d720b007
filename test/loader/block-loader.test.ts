// A loader whose order goes through blocks: the same order whatever the ranks, gone on from anywhere.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  blockSampler,
  concat,
  DataLoader,
  type DataLoaderOptions,
  type MultimodalDataset,
  PixtokError,
  repeat,
  weightedSampler,
} from "pixtok";
import { blocksTold } from "../../src/loader/epoch-rows.js";
import { numberedDataset, numberedPairs, randomIntegers, seed } from "../support/pairs.js";
import { assertSameTurns, byNumber, epochInPieces, inOne } from "../support/pieces-of-epochs.js";
import { spoiledPairs } from "../support/spoiled-pairs.js";

function inBlocks(lengths: readonly number[]): Promise<MultimodalDataset> {
  const length = lengths.reduce((sum, one) => sum + one, 0);
  const source = { ...numberedPairs(length), blockLengths: () => lengths };
  return numberedDataset(length, { source });
}

test(`an epoch in pieces, of any number of ranks, is the epoch in one (seed ${seed})`, async () => {
  const random = randomIntegers(seed);
  for (let round = 0; round < 7; round += 1) {
    const lengths = Array.from({ length: 1 + random(30) }, () => 1 + random(6));
    const dataset = await inBlocks(lengths);
    const options: DataLoaderOptions = {
      shuffle: "blocks",
      shuffleWindow: 1 + random(40),
      seed: random(1000),
      ...(random(4) === 0 && { lengthBuckets: { window: 7, size: 2 } }),
    };
    const how = { epoch: random(3), random, mostRanks: 9 };
    const epoch = await epochInPieces(dataset, options, how);
    assert.deepEqual(epoch.whole.toSorted(byNumber), [...Array(dataset.length).keys()]);
    assertSameTurns(epoch);
  }
});

describe('shuffle: "blocks"', () => {
  test("is the order of blockSampler, whatever the batch size", async () => {
    const lengths = [5, 9, 1, 14, 3, 8, 8, 2, 7, 10];
    const dataset = await inBlocks(lengths);
    const sampler = blockSampler(lengths, { window: 8, seed: 5 });
    const order = [...Array(sampler.length).keys()].map((position) => sampler.indexAt(position, 0));
    for (const batchSize of [1, 4, 9]) {
      const options = { shuffle: "blocks", shuffleWindow: 8, seed: 5, batchSize } as const;
      assert.deepEqual(await inOne(new DataLoader(dataset, options)), order);
    }
    const window32 = new DataLoader(dataset, { shuffle: "blocks" });
    assert.deepEqual(
      (await inOne(window32))[0],
      blockSampler(lengths, { window: 32 }).indexAt(0, 0),
    );
  });

  test("tells the source which blocks a rank is at and which come next, as they change", async () => {
    const lengths = Array<number>(40).fill(6);
    const told: number[][] = [];
    const source = {
      ...numberedPairs(240),
      blockLengths: () => lengths,
      readAhead: (blocks: readonly number[]) => void told.push([...blocks]),
    };
    const dataset = await numberedDataset(240, { source });
    const options = { shuffle: "blocks", shuffleWindow: 16, prefetch: 0, batchSize: 5 } as const;
    const all = new Set<number>();
    for (let rank = 0; rank < 4; rank += 1) {
      told.length = 0;
      let batches = 0;
      for await (const { indices } of new DataLoader(dataset, { ...options, rank, worldSize: 4 })) {
        const known = new Set(told.flat());
        for (const index of indices) assert.ok(known.has(Math.floor(index / 6)));
        batches += 1;
      }
      assert.ok(told.length > 3 && told.length < batches, `${told.length} of ${batches}`);
      assert.ok(told.every((blocks) => blocks.length <= 5));
      assert.ok(new Set(told.flat()).size <= 12);
      for (const block of told.flat()) all.add(block);
    }
    assert.equal(all.size, 40);
  });

  test("tells the source the blocks of each lane that a batch has rows of", () => {
    const told: (readonly number[])[] = [];
    const readAhead = (blocks: readonly number[]) => void told.push(blocks);
    const sampler = {
      ...{ length: 8, lanes: 2, indexAt: (position: number) => position },
      blocksAt: (position: number, epoch: number) => [100 * epoch + position],
    };
    blocksTold(sampler, { ...numberedPairs(8), readAhead }, 3)([0, 1, 2, 3]);
    assert.deepEqual(told, [[302, 303]]);
  });

  test("goes on where reading ahead fails, as the pairs themselves are read later", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const one = {
      ...numberedPairs(12),
      blockLengths: () => [6, 6],
      readAhead: () => Promise.reject(new Error("no line")),
    };
    for (const source of [one, repeat(one, 1), concat([one])]) {
      const dataset = await numberedDataset(12, { source });
      assert.equal((await inOne(new DataLoader(dataset, { shuffle: "blocks" }))).length, 12);
    }
    await nextTurn(); // what nobody has handled by then is told
    process.off("unhandledRejection", note);
    assert.deepEqual(unhandled, []);
  });

  test("changes the size of its batches in mid-epoch without loss", async () => {
    const dataset = await inBlocks(Array<number>(12).fill(5));
    const options = { shuffle: "blocks", worldSize: 3, rank: 1, batchSize: 4 } as const;
    const whole = await inOne(new DataLoader(dataset, options));
    const loader = new DataLoader(dataset, options);
    const seen: number[] = [];
    for await (const { indices } of loader) {
      seen.push(...indices);
      loader.setBatchSize(1 + (seen.length % 5));
    }
    assert.deepEqual(seen, whole);
  });

  test("has another state than another window, or other blocks", async () => {
    const make = async (lengths: readonly number[], shuffleWindow: number) =>
      new DataLoader(await inBlocks(lengths), { shuffle: "blocks", shuffleWindow });
    const state = (await make([4, 4, 4], 2)).state();
    (await make([4, 4, 4], 2)).resume(state);
    for (const other of [await make([4, 4, 4], 3), await make([6, 2, 4], 2)]) {
      assert.throws(
        () => other.resume(state),
        (error) => error instanceof PixtokError && error.code === "STATE_MISMATCH",
      );
    }
  });

  test("refuses a source that does not know its blocks, or has others than pairs", async () => {
    const options = { shuffle: "blocks" } as const;
    const unknown = await numberedDataset(4);
    assert.throws(() => new DataLoader(unknown, options), /no blockLengths\(\).*got "blocks"/);
    for (const last of [2, 4]) {
      const source = { ...numberedPairs(4), blockLengths: () => [1, last] };
      const wrong = await numberedDataset(4, { source });
      assert.throws(() => new DataLoader(wrong, options), {
        message: `source.blockLengths(): expected numbers whose sum is 4, got ${1 + last}`,
      });
    }
  });

  test("is refused beside a sampler, and a window without it", async () => {
    const dataset = await inBlocks([4, 4]);
    const sampler = weightedSampler(Array<number>(8).fill(1));
    assert.throws(
      () => new DataLoader(dataset, { shuffle: "blocks", sampler }),
      /shuffle: expected false beside a sampler/,
    );
    for (const shuffle of [true, false]) {
      assert.throws(
        () => new DataLoader(dataset, { shuffle, shuffleWindow: 4 }),
        /shuffleWindow: expected none without shuffle "blocks", got 4/,
      );
    }
    assert.throws(
      () => new DataLoader(dataset, { shuffle: "shards" as "blocks" }),
      /shuffle: expected true, false or "blocks", got "shards"/,
    );
  });

  test("is an order with lanes for a sampler of one's own", async () => {
    const dataset = await inBlocks([8]);
    const sampler = { length: 8, indexAt: (position: number) => position, lanes: 4 };
    const options = { sampler, worldSize: 4, batchSize: 2 };
    // lanes 0, 2, 1, 3 follow each other
    const ranks = [0, 1, 2, 3].map((rank) => inOne(new DataLoader(dataset, { ...options, rank })));
    assert.deepEqual(await Promise.all(ranks), [
      [0, 4],
      [2, 6],
      [1, 5],
      [3, 7],
    ]);
    assert.throws(
      () => new DataLoader(dataset, { sampler: { ...sampler, lanes: 3 } }),
      /sampler.lanes: expected a power of two, got 3/,
    );
  });
});

describe('onError "replace" in blocks', () => {
  const options = { shuffle: "blocks", onError: "replace" } as const;
  const lengths = [12, 5, 30, 30, 9];
  const starts = lengths.map((_, block) => lengths.slice(0, block).reduce((a, b) => a + b, 0));
  const blockOf = (index: number) => starts.findLastIndex((start) => start <= index);
  const withBad = (bad: ReadonlySet<number>) => {
    const source = { ...spoiledPairs(86, bad), blockLengths: () => lengths };
    return numberedDataset(86, { source });
  };

  test("takes a pair of the same block, which is there already", async () => {
    const bad = new Set([0, 3, 13, 20, 40, 41, 42, 80]);
    const loader = new DataLoader(await withBad(bad), options);
    let replaced = 0;
    for await (const batch of loader) {
      for (const { index, by } of batch.replaced) {
        assert.equal(blockOf(by), blockOf(index));
        replaced += 1;
      }
    }
    assert.equal(replaced, bad.size);
  });

  test("takes one of another block where all of it is bad", async () => {
    const bad = new Set([12, 13, 14, 15, 16]);
    const loader = new DataLoader(await withBad(bad), options);
    const seen = await inOne(loader);
    assert.equal(seen.length, 86);
    assert.ok(seen.every((index) => !bad.has(index)));
  });

  test("refuses blocks of a sampler of one's own that are not around the index", async () => {
    const source = spoiledPairs(6, new Set([2]));
    const wrong = [
      { first: 3, length: 3 },
      { first: 0, length: 2 },
      { first: 0, length: 7 },
      { first: -1, length: 6 },
      { first: 2, length: 0 },
    ];
    for (const block of wrong) {
      const indexAt = (position: number) => position;
      const sampler = { length: 6, indexAt, blockOf: () => block };
      const dataset = await numberedDataset(6, { source });
      await assert.rejects(
        inOne(new DataLoader(dataset, { sampler, onError: "replace" })),
        /^RangeError: sampler\.blockOf\(…\)\.(first|length): expected an integer from/,
      );
    }
  });
});
