// Buckets, positions and errors of an epoch, apart from the batches that they are of.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DataLoader, ImageProcessor, MultimodalDataset } from "pixtok";
import { bucketedOrder, readLengthBuckets } from "../../src/loader/length-buckets.js";
import { epochErrors } from "../../src/loader/loader-errors.js";
import { loaderPosition } from "../../src/loader/loader-position.js";
import { batchesAhead, prefetch } from "../../src/loader/prefetch.js";
import { PixtokError } from "../../src/shared/errors.js";
import { sampleError } from "../../src/shared/sample-error.js";
import { smallTokenizer, tinyImage } from "../support/pairs.js";
import { fc } from "../support/properties.js";

describe("length buckets", () => {
  const orders = fc.record({
    length: fc.integer({ min: 1, max: 60 }),
    window: fc.integer({ min: 1, max: 25 }),
    size: fc.integer({ min: 1, max: 9 }),
    epoch: fc.nat(5),
  });
  /** The length of an index's text: many are equal. */
  const tokensOf = (index: number) => (index * 7) % 5;
  const count = async (indices: readonly number[]) => indices.map(tokensOf);
  const upTo = (length: number) => Array.from({ length }, (_, i) => i);

  test("have the pairs of their window once, in buckets of rising length that are full but for the last", async () => {
    await fc.assert(
      fc.asyncProperty(orders, async ({ length, window, size: wanted, epoch }) => {
        const size = Math.min(wanted, window);
        const order = { length, indexAt: (position: number) => length - 1 - position };
        const { indicesAt } = bucketedOrder(order, { window, size }, 3, epoch, count);
        const all = await indicesAt(upTo(length));
        for (let first = 0; first < length; first += window) {
          const end = Math.min(first + window, length);
          const found = all.slice(first, end);
          const expected = upTo(end - first).map((i) => order.indexAt(first + i));
          const sorted = expected.toSorted((a, b) => tokensOf(a) - tokensOf(b));
          const buckets: string[] = [];
          for (let at = 0; at < sorted.length; at += size)
            buckets.push(sorted.slice(at, at + size).join());
          const shown: string[] = [];
          for (let at = 0; at < found.length; at += size)
            shown.push(found.slice(at, at + size).join());
          assert.deepEqual(shown.toSorted(), buckets.toSorted());
          if (found.length % size > 0) assert.equal(shown.at(-1), buckets.at(-1));
        }
      }),
    );
  });

  test("are shuffled by seed, epoch and window", async () => {
    const order = { length: 120, indexAt: (position: number) => position };
    const orderOf = async (seed: number, epoch: number) =>
      bucketedOrder(order, { window: 60, size: 2 }, seed, epoch, count).indicesAt(upTo(120));
    const [first, otherSeed, otherEpoch, again] = await Promise.all([
      orderOf(1, 0),
      orderOf(2, 0),
      orderOf(1, 1),
      orderOf(1, 0),
    ]);
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, otherSeed);
    assert.notDeepEqual(first, otherEpoch);
    assert.notDeepEqual(
      first.slice(60).map((index) => index - 60),
      first.slice(0, 60),
    );
  });

  test("count the tokens of a window once while it is one of the last three, or the next one", async () => {
    const counted: number[] = [];
    const order = { length: 50, indexAt: (position: number) => position };
    const { indicesAt } = bucketedOrder(order, { window: 10, size: 2 }, 0, 0, (indices) => {
      counted.push(Math.floor((indices[0] as number) / 10));
      return count(indices);
    });
    for (const window of [0, 0, 1, 2, 0, 3, 1, 2, 0])
      await indicesAt([10 * window + 3, 10 * window + 9]);
    assert.deepEqual(counted, [0, 1, 2, 3, 4, 0]);
  });

  test("are read with their limits", () => {
    assert.deepEqual(readLengthBuckets("b", { window: 4, size: 4 }), { window: 4, size: 4 });
    assert.throws(
      () => readLengthBuckets("b", { window: 4, size: 5 }),
      /b\.size: expected at most window, 4, got 5/,
    );
    assert.throws(
      () => readLengthBuckets("b", { window: 0, size: 0 }),
      /b\.window: expected an integer of at least 1/,
    );
  });
});

describe("errors of an epoch", () => {
  const at = (place: number) => ({
    place,
    error: sampleError(place, new PixtokError("EMPTY_FILE", `at ${place}`, { source: "a" })),
  });

  test("are counted once, also where pairs are read again", () => {
    const reported: number[] = [];
    const errors = epochErrors(9, ({ index }) => void reported.push(index));
    errors.add([at(0), at(3)], { first: 0, end: 4 });
    errors.add([at(1)], { first: 2, end: 6 });
    errors.add([at(2), at(3)], { first: 2, end: 6 });
    errors.add([at(0)], { first: 6, end: 8 });
    assert.deepEqual(reported, [0, 3, 0]);
  });

  test("may be as many as are allowed, and not one more", () => {
    const reported: number[] = [];
    const errors = epochErrors(2, ({ index }) => void reported.push(index));
    errors.add([at(0), at(1)], { first: 0, end: 4 });
    assert.throws(() => errors.add([at(2), at(3)], { first: 4, end: 8 }), {
      code: "TOO_MANY_BAD_SAMPLES",
      index: 3,
      source: "a",
      message: /more than 2 samples of this epoch could not be read, the last one: "a": at 3/,
    });
    assert.deepEqual(reported, [0, 1, 2, 3]);
    assert.throws(() => epochErrors(0, () => {}).add([at(0)], { first: 0, end: 1 }), /more than 0/);
  });
});

describe("a row that fails once while lengths of a window are counted", () => {
  const lengthBuckets = { window: 16, size: 4 };
  const read = async (failures: number, onError: "throw" | "skip") => {
    let left = failures;
    const source = {
      length: 16,
      fingerprint: "s",
      get(index: number) {
        if (index === 5 && left > 0) {
          left -= 1;
          throw new Error("socket hang up");
        }
        const image = { data: Uint8Array.of(1, 2, 3), width: 1, height: 1, channels: 3 as const };
        return { image, text: "a ".repeat(1 + ((index * 7) % 13)) };
      },
    };
    const dataset = new MultimodalDataset({
      source,
      tokenizer: await smallTokenizer(),
      image: tinyImage,
    });
    const indices: number[] = [];
    for await (const batch of new DataLoader(dataset, { batchSize: 4, lengthBuckets, onError })) {
      indices.push(...batch.indices);
    }
    return indices;
  };

  test("leaves the order as it is, with onError skip", async () => {
    assert.deepEqual(await read(1, "skip"), await read(0, "skip"));
  });

  test("is an error with onError throw, as another rank's order would not be this one", async () => {
    await assert.rejects(read(1, "throw"), { code: "SAMPLE_FAILED", index: 5 });
  });
});

describe("a loader's position", () => {
  test("counts what all ranks have delivered, from where the epoch was begun", () => {
    const position = loaderPosition(3);
    position.beginAt({ epoch: 2, position: 6 });
    assert.deepEqual(position.delivered, { epoch: 2, position: 6 });
    const loop = position.begin();
    assert.deepEqual(
      [loop.begun, position.next],
      [
        { epoch: 2, position: 6 },
        { epoch: 3, position: 0 },
      ],
    );
    loop.deliver({ first: 0, end: 4 });
    assert.deepEqual(position.delivered, { epoch: 2, position: 18 });
    position.beginAt({ epoch: 7, position: 0 });
    assert.deepEqual(position.delivered, { epoch: 2, position: 18 }, "a loop under way goes on");
    loop.complete();
    assert.deepEqual(position.delivered, { epoch: 7, position: 0 });
    loop.end();
  });

  test("goes back to the batch that is to be repeated, or goes on behind it", () => {
    const position = loaderPosition(1);
    const message = /retry\(\): expected a loop under way that has delivered a batch/;
    assert.throws(() => position.repeatBatch(), message);
    position.restart(); // without a loop there is nothing to be done again
    const loop = position.begin();
    assert.throws(() => position.repeatBatch(), message);
    assert.equal(loop.isRestarted, false);
    loop.deliver({ first: 0, end: 5 });
    position.repeatBatch();
    position.repeatBatch(); // once is enough
    assert.deepEqual(position.delivered, { epoch: 0, position: 0 });
    assert.equal(loop.takeRestart(), 0);
    loop.deliver({ first: 0, end: 5 });
    loop.deliver({ first: 5, end: 9 });
    position.restart();
    assert.equal(loop.isRestarted, true);
    assert.equal(loop.takeRestart(), 9);
    assert.equal(loop.takeRestart(), undefined);
    position.repeatBatch();
    position.restart(); // which does not undo it
    assert.deepEqual(position.delivered, { epoch: 0, position: 5 });
    assert.equal(loop.takeRestart(), 5);
    loop.end();
    assert.throws(() => position.repeatBatch(), message);
  });

  test("is that of the loop that was begun or has delivered last", () => {
    const position = loaderPosition(1);
    const old = position.begin();
    const young = position.begin();
    assert.deepEqual(position.delivered, { epoch: 1, position: 0 });
    old.deliver({ first: 0, end: 5 });
    assert.deepEqual(position.delivered, { epoch: 0, position: 5 });
    young.deliver({ first: 0, end: 2 });
    old.complete();
    old.end();
    assert.deepEqual(position.delivered, { epoch: 1, position: 2 });
    position.repeatBatch();
    assert.equal(young.takeRestart(), 0);
    assert.equal(old.isRestarted, false);
  });

  test("has all loops that are under way begin again where they are", () => {
    const position = loaderPosition(1);
    const [old, young] = [position.begin(), position.begin()];
    old.deliver({ first: 0, end: 5 });
    young.deliver({ first: 0, end: 2 });
    position.restart();
    assert.deepEqual([old.takeRestart(), young.takeRestart()], [5, 2]);
    assert.deepEqual([old.isRestarted, young.isRestarted], [false, false]);
  });
});

describe("batches ahead", () => {
  test("have 16 pairs for each thread, and are two at least", () => {
    assert.equal(batchesAhead(2, 64, 0), 2);
    assert.equal(batchesAhead(16, 64, 0), 4);
    assert.equal(batchesAhead(16, 65, 0), 4);
    assert.equal(batchesAhead(3, 1, 0), 48);
  });

  test("are as many more as have the images that slow storage is asked for", () => {
    assert.equal(batchesAhead(2, 64, 128), 4);
    assert.equal(batchesAhead(2, 64, 129), 5);
    assert.equal(batchesAhead(16, 64, 1), 5);
    assert.equal(batchesAhead(2, 512, 256), 3);
  });

  test("are as many as are asked for, in order, and go on from another place", async () => {
    const made: number[] = [];
    const discarded: number[] = [];
    const batches = prefetch<number>(
      {
        ahead: () => 2,
        mostBytes: 100,
        endOf: (first) => (first < 10 ? Math.min(first + 3, 10) : undefined),
        make: async ({ first }, _signal, onRead) => {
          made.push(first);
          onRead(1);
          return first;
        },
        bytesOf: () => 1,
        discard: (batch) => void discarded.push(batch),
      },
      new AbortController().signal,
    );
    const next = batches.next();
    assert.deepEqual(next?.positions, { first: 0, end: 3 });
    assert.equal(await next?.batch, 0);
    assert.deepEqual(made, [0, 3, 6]);
    batches.take();
    assert.deepEqual(batches.next()?.positions, { first: 3, end: 6 });
    assert.deepEqual(made, [0, 3, 6, 9]);
    await batches.restartAt(8);
    assert.deepEqual(discarded, [3, 6, 9]);
    assert.deepEqual(batches.next()?.positions, { first: 8, end: 10 });
    batches.take();
    assert.equal(batches.next(), undefined);
    await batches.end();
    assert.deepEqual(discarded, [3, 6, 9]);
  });
});

test("a batch that has no rows gives its memory back at once", async () => {
  const missing = { image: "no-such-file.jpg", text: "a" };
  const dataset = new MultimodalDataset({
    source: { length: 4, get: () => missing },
    tokenizer: await smallTokenizer(),
    image: new ImageProcessor({ resize: { width: 2048, height: 2048 } }), // 48 MiB
  });
  const before = process.memoryUsage().arrayBuffers;
  const loader = new DataLoader(dataset, { onError: "skip", prefetch: 0 });
  await assert.rejects(loader[Symbol.asyncIterator]().next(), { code: "NO_READABLE_SAMPLE" });
  assert.equal(loader.errors.count, 4);
  const more = (process.memoryUsage().arrayBuffers - before) / 2 ** 20;
  assert.ok(more < 100, `${more} MiB`);
});
