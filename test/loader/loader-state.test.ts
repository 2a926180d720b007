import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import {
  type Batch,
  DataLoader,
  type DataLoaderOptions,
  isOutOfMemoryError,
  type LoaderState,
  MultimodalDataset,
  PixtokError,
  weightedSampler,
} from "pixtok";
import { numberedDataset, numberedPairs, randomIntegers, seed } from "../support/pairs.js";

/** Delivers at most `batches` batches, over as many epochs as it takes. */
async function take(loader: DataLoader, batches: number): Promise<number[]> {
  const indices: number[] = [];
  let left = batches;
  while (left > 0) {
    for await (const batch of loader) {
      indices.push(...batch.indices);
      batch.release();
      left -= 1;
      if (left === 0) break;
    }
  }
  return indices;
}

const throughJson = (state: LoaderState) => JSON.parse(JSON.stringify(state)) as LoaderState;

describe("a loader that resumes", () => {
  test(`goes on with exactly the next pair, whatever the batch size (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    for (let i = 0; i < 6; i += 1) {
      const length = 1 + random(50);
      const dataset = await numberedDataset(length);
      const options: DataLoaderOptions = { shuffle: true, seed: random(1000) };
      if (random(3) === 0) options.lengthBuckets = { window: 10, size: 3 };
      const enough = 2 * length + 4 * 9; // the last run may go this far
      const whole = await take(new DataLoader(dataset, { ...options, batchSize: 1 }), enough);
      const seen: number[] = [];
      let state: LoaderState | undefined;
      while (seen.length < 2 * length) {
        const loader = new DataLoader(dataset, { ...options, batchSize: 1 + random(9) });
        if (state !== undefined) loader.resume(throughJson(state));
        seen.push(...(await take(loader, 1 + random(4))));
        state = loader.state();
      }
      assert.deepEqual(seen, whole.slice(0, seen.length));
    }
  });

  test(`goes on with another number of ranks (seed ${seed})`, async () => {
    const random = randomIntegers(seed + 1);
    for (let i = 0; i < 5; i += 1) {
      const dataset = await numberedDataset(60);
      const options = { shuffle: true, seed: random(1000), batchSize: 1 + random(3) };
      const [before, after] = [1 + random(4), 1 + random(4)];
      const batches = 1 + random(3);
      const seen: number[] = [];
      const states: LoaderState[] = [];
      for (let rank = 0; rank < before; rank += 1) {
        const loader = new DataLoader(dataset, { ...options, rank, worldSize: before });
        seen.push(...(await take(loader, batches)));
        states.push(loader.state());
      }
      for (const state of states) assert.deepEqual(state, states[0]);
      for (let rank = 0; rank < after; rank += 1) {
        const slice = { rank, worldSize: after, padRanks: false };
        const loader = new DataLoader(dataset, { ...options, ...slice });
        loader.resume(throughJson(states[0] as LoaderState));
        for await (const batch of loader) seen.push(...batch.indices);
      }
      assert.equal(new Set(seen).size, seen.length);
      assert.ok(seen.length > 60 - after);
    }
  });

  test("is at the start of the next epoch after the last batch", async () => {
    const loader = new DataLoader(await numberedDataset(6), { batchSize: 4, dropLast: true });
    const states: LoaderState[] = [];
    for await (const _ of loader) states.push(loader.state());
    assert.deepEqual(
      states.map(({ epoch, position }) => [epoch, position]),
      [[1, 0]],
    );
    assert.deepEqual(loader.state(), states[0]);
  });

  test("does not count what is only prepared", async () => {
    const loader = new DataLoader(await numberedDataset(40), { batchSize: 4, prefetch: 5 });
    for await (const _ of loader) break;
    assert.equal(loader.state().position, 4);
  });

  test("is of the loop that delivered last, where another one was within it", async () => {
    const loader = new DataLoader(await numberedDataset(12), { batchSize: 2 });
    const positions: number[] = [];
    const repeated: number[][] = [];
    for await (const batch of loader) {
      repeated.push(batch.indices.slice());
      const { epoch, position } = loader.state();
      assert.deepEqual([epoch, loader.stats().epoch], [position > 0 ? 0 : 2, 0]);
      positions.push(position);
      if (repeated.length === 2) for await (const _ of loader) break;
      if (repeated.length === 3) loader.retry();
    }
    assert.deepEqual(positions, [2, 4, 6, 6, 8, 10, 0]);
    assert.deepEqual(repeated.slice(1, 4), [
      [2, 3],
      [4, 5],
      [4, 5],
    ]);
  });

  test("is of a whole epoch, where a loop before it was left behind without an end", async () => {
    const loader = new DataLoader(await numberedDataset(6), { batchSize: 2 });
    const left = loader[Symbol.asyncIterator]();
    await left.next();
    for await (const _ of loader);
    const { epoch, position } = loader.state();
    assert.deepEqual([epoch, position], [2, 0]);
    await left.return();
    assert.equal(loader.state().epoch, 2);
  });

  test("is at the epoch that setEpoch names", async () => {
    const loader = new DataLoader(await numberedDataset(6), { batchSize: 4 });
    loader.setEpoch(3);
    assert.deepEqual([loader.state().epoch, loader.state().position], [3, 0]);
    for await (const _ of loader) loader.setEpoch(7);
    assert.deepEqual([loader.state().epoch, loader.state().position], [7, 0]);
  });

  test("goes on in the middle of an epoch, also where setEpoch names that epoch once more", async () => {
    const dataset = await numberedDataset(9);
    const loader = new DataLoader(dataset, { batchSize: 4 });
    loader.setEpoch(2);
    await take(loader, 1);
    const state = loader.state();
    for (const [epoch, first] of [
      [2, 4],
      [3, 0],
    ] as const) {
      const other = new DataLoader(dataset, { batchSize: 4 });
      other.resume(state);
      other.setEpoch(epoch);
      assert.deepEqual([other.state().epoch, other.state().position], [epoch, first]);
      assert.equal((await take(other, 1))[0], first);
    }
  });

  test("refuses the state of another run, naming what differs", async () => {
    const dataset = await numberedDataset(10);
    const state = new DataLoader(dataset, { shuffle: true, seed: 1 }).state();
    for (const [other, differs] of [
      [new DataLoader(dataset, { shuffle: true, seed: 2 }), /seed is 1, here it is 2/],
      [new DataLoader(dataset, { seed: 1 }), /order is "shuffled, seed 1, length 10", here/],
      [
        new DataLoader(await numberedDataset(11), { shuffle: true, seed: 1 }),
        /dataset is "10 pairs/,
      ],
    ] as const) {
      assert.throws(
        () => other.resume(state),
        (error) =>
          error instanceof PixtokError &&
          error.code === "STATE_MISMATCH" &&
          differs.test(error.message),
      );
    }
    const same = new DataLoader(dataset, { shuffle: true, seed: 1 });
    assert.throws(() => same.resume({ ...state, version: 2 as 1 }), /version is 2, here it is 1/);
    assert.throws(() => same.resume({ ...state, position: -1 }), /state.position: expected/);
    assert.throws(() => same.resume({ ...state, position: 10 }), /state.position: expected/);
    assert.throws(() => same.resume("x" as unknown as LoaderState), /state: expected/);
  });

  test("says of another dataset of as many pairs what may differ, as paths do", async () => {
    const paths = ["a.jpg", "b.jpg"];
    const loaderOf = (imagePaths: string[]) =>
      new DataLoader(new MultimodalDataset({ imagePaths, text: null }));
    const state = loaderOf(paths).state();
    const absolute = loaderOf(paths.map((path) => resolve(path)));
    assert.throws(() => absolute.resume(state), {
      code: "STATE_MISMATCH",
      message: /as many pairs, and .* paths are written differ: absolute and relative/,
    });
    const more = loaderOf([...paths, "c.jpg"]);
    assert.throws(() => more.resume(state), { message: /^(?!.*as many pairs)/ });
  });

  test("tells orders of one dataset apart by weights and number of draws", async () => {
    const dataset = await numberedDataset(4);
    const make = (weights: number[], length: number) =>
      new DataLoader(dataset, { sampler: weightedSampler(weights, { length }) });
    const state = make([1, 2, 3, 4], 8).state();
    make([1, 2, 3, 4], 8).resume(state);
    for (const other of [make([1, 2, 4, 3], 8), make([1, 2, 3, 4], 9)]) {
      assert.throws(() => other.resume(state), /order is "weighted/);
    }
  });

  test("tells orders in other buckets apart", async () => {
    const dataset = await numberedDataset(8);
    const make = (window: number, size: number) =>
      new DataLoader(dataset, { lengthBuckets: { window, size } });
    const state = make(4, 2).state();
    make(4, 2).resume(state);
    for (const other of [make(4, 4), make(8, 2), new DataLoader(dataset)]) {
      assert.throws(() => other.resume(state), { code: "STATE_MISMATCH", message: /order is/ });
    }
  });

  test("tells arrays of the same length apart", async () => {
    const { tokenizer, image } = await numberedDataset(2);
    const make = (texts: string[]) =>
      new MultimodalDataset({ imagePaths: ["a.jpg", "b.jpg"], texts, tokenizer, image });
    const state = new DataLoader(make(["one", "two"])).state();
    new DataLoader(make(["one", "two"])).resume(state);
    assert.throws(() => new DataLoader(make(["one", "three"])).resume(state), /dataset is/);
  });
});

describe("the batch size", () => {
  test(`changes in the middle of an epoch without loss or repetition (seed ${seed})`, async () => {
    const random = randomIntegers(seed + 2);
    for (let i = 0; i < 5; i += 1) {
      const length = 20 + random(60);
      const loader = new DataLoader(await numberedDataset(length), {
        batchSize: 1 + random(9),
        prefetch: random(4),
      });
      const seen: number[] = [];
      for await (const batch of loader) {
        assert.ok(batch.indices.length === loader.batchSize || batch.indices.at(-1) === length - 1);
        seen.push(...batch.indices);
        if (random(2) === 0) loader.setBatchSize(1 + random(9));
      }
      assert.deepEqual(seen, [...Array(length).keys()]);
    }
  });

  test("changed while a batch is made is already that of this batch", async () => {
    const pairs = numberedPairs(8);
    let isFirst = true;
    const get = (index: number) => {
      if (index === 2 && isFirst) {
        isFirst = false;
        loader.setBatchSize(3);
      }
      return pairs.get(index);
    };
    const dataset = await numberedDataset(8, { source: { ...pairs, get } });
    const loader = new DataLoader(dataset, { batchSize: 2, prefetch: 0 });
    const batches: (readonly number[])[] = [];
    for await (const { indices } of loader) batches.push(indices);
    assert.deepEqual(batches, [
      [0, 1],
      [2, 3, 4],
      [5, 6, 7],
    ]);
  });

  test("changed in one of two loops at once disturbs neither", async () => {
    const loader = new DataLoader(await numberedDataset(30), { batchSize: 4, prefetch: 3 });
    const streams: number[][] = [[], []];
    const loops = [loader, loader].map((each) => each[Symbol.asyncIterator]());
    for (let round = 0; round < 30; round += 1) {
      for (const [which, loop] of loops.entries()) {
        const { value } = await loop.next();
        streams[which]?.push(...(value?.indices ?? []));
      }
      if (round === 1) loader.setBatchSize(3);
      if (round === 3) loader.setBatchSize(5);
    }
    const all = [...Array(30).keys()];
    assert.deepEqual(streams, [all, all]);
  });

  test("is halved when the device is out of memory, and retry() gives the same pairs again", async () => {
    const budget = 10; // bytes of images, three each
    const trainStep = (batch: Batch) => {
      if (batch.image.data.byteLength > budget) throw new Error("CUDA error: out of memory");
    };
    const loader = new DataLoader(await numberedDataset(20), { batchSize: 8 });
    const trained: number[] = [];
    for await (const batch of loader) {
      try {
        trainStep(batch);
        trained.push(...batch.indices);
      } catch (error) {
        assert.ok(isOutOfMemoryError(error));
        const { position } = loader.state();
        loader.setBatchSize(Math.ceil(batch.indices.length / 2));
        loader.retry();
        assert.equal(loader.state().position, position - batch.indices.length);
      }
    }
    assert.equal(loader.batchSize, 2);
    assert.deepEqual(trained, [...Array(20).keys()]);
  });

  test("of nothing delivered cannot be retried", async () => {
    const loader = new DataLoader(await numberedDataset(4));
    assert.throws(() => loader.retry(), /retry\(\): expected a loop under way/);
  });
});
