import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { describe, test } from "node:test";
import {
  checkDataset,
  computeStats,
  DataLoader,
  type DataLoaderOptions,
  ImageProcessor,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  type Pair,
  PixtokError,
  packDataset,
} from "pixtok";
import { assertAligned } from "../support/alignment.js";
import { fixture } from "../support/fixtures.js";
import {
  numberedPairs,
  randomIntegers,
  seed,
  smallTokenizer,
  tinyImage,
} from "../support/pairs.js";
import { randomBad, spoiledPairs } from "../support/spoiled-pairs.js";

const tokenizer = await smallTokenizer();

async function datasetOf(
  length: number,
  bad: ReadonlySet<number>,
  text: MultimodalDatasetOptions["text"] = {},
): Promise<MultimodalDataset> {
  return new MultimodalDataset({
    source: spoiledPairs(length, bad),
    tokenizer,
    image: tinyImage,
    text: { maxLength: 12, ...text },
  });
}

describe("bad samples", () => {
  test(`are left out with "skip", image and text together (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    for (let i = 0; i < 8; i += 1) {
      const length = 10 + random(50);
      const bad = randomBad(random, length);
      const reported: number[] = [];
      const loader = new DataLoader(await datasetOf(length, bad), {
        batchSize: 1 + random(8),
        shuffle: true,
        seed: random(100),
        onError: "skip",
        onSampleError: ({ index }) => reported.push(index),
      });
      const seen: number[] = [];
      const dropped: number[] = [];
      for await (const batch of loader) {
        assert.ok(batch.indices.length > 0);
        await assertAligned(batch);
        seen.push(...batch.indices);
        dropped.push(...batch.dropped.map(({ index }) => index));
      }
      const byNumber = (a: number, b: number) => a - b;
      const good = [...Array(length).keys()].filter((index) => !bad.has(index));
      assert.deepEqual(seen.sort(byNumber), good);
      assert.deepEqual(reported.sort(byNumber), [...bad].sort(byNumber));
      assert.equal(loader.errors.count, bad.size);
      assert.ok(dropped.every((index) => bad.has(index)));
    }
  });

  test(`give way to others with "replace", the same on every run (seed ${seed})`, async () => {
    const random = randomIntegers(seed + 1);
    for (let i = 0; i < 8; i += 1) {
      const length = 10 + random(50);
      const bad = randomBad(random, length);
      const dataset = await datasetOf(length, bad);
      const options: DataLoaderOptions = { shuffle: true, seed: random(100), onError: "replace" };
      const streams: number[][] = [];
      for (const batchSize of [1 + random(8), 1 + random(8)]) {
        const stream: number[] = [];
        for await (const batch of new DataLoader(dataset, { ...options, batchSize })) {
          await assertAligned(batch);
          assert.deepEqual(batch.dropped, []);
          for (const { row, index, by } of batch.replaced) {
            assert.ok(bad.has(index) && !bad.has(by));
            assert.equal(batch.indices[row], by);
          }
          stream.push(...batch.indices);
        }
        streams.push(stream);
      }
      assert.equal(streams[0]?.length, length);
      assert.deepEqual(streams[0], streams[1]);
      assert.ok(streams[0]?.every((index) => !bad.has(index)));
    }
  });

  test('end the loop with "throw", naming the sample', async () => {
    for (const [index, code] of [
      [4, "FILE_NOT_FOUND"],
      [5, "UNSUPPORTED_FORMAT"],
      [6, "SAMPLE_FAILED"],
      [7, "INVALID_TEXT"],
    ] as const) {
      const loader = new DataLoader(await datasetOf(8, new Set([index])), { batchSize: 8 });
      await assert.rejects(
        loader[Symbol.asyncIterator]().next(),
        (error) => error instanceof PixtokError && error.code === code && error.index === index,
      );
    }
  });

  test("are listed with index, source, code, message and epoch", async () => {
    const dataset = await datasetOf(8, new Set([4]));
    const loader = new DataLoader(dataset, { batchSize: 8, onError: "skip" });
    for await (const _ of loader);
    for await (const _ of loader);
    const [listed, again] = loader.errors.list;
    assert.deepEqual(again, { ...listed, epoch: 1 });
    assert.deepEqual(
      { ...listed, message: "" },
      { index: 4, source: "no-such-file.jpg", code: "FILE_NOT_FOUND", message: "", epoch: 0 },
    );
    assert.match(listed?.message ?? "", /sample 4, "no-such-file.jpg": no such file/);
  });

  test("are named by file and key where several are in one file or in memory", async () => {
    const path = fixture("broken/cut-at-70.jpg");
    const bytes = readFileSync(path);
    const images = [
      [bytes, "row 7", "row 7"],
      [{ path, offset: 0, length: bytes.length }, "cat/3", `${path}: cat/3`],
      [path, "cat/4", path],
      [bytes, undefined, "buffer"],
    ] as const;
    const source = {
      length: images.length,
      get(index: number): Pair {
        const [image, key] = images[index] as (typeof images)[number];
        return { image, text: "a", ...(key !== undefined && { key }) };
      },
    };
    const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
    const expected = images.map(([, , name]) => name);
    const loader = new DataLoader(dataset, { batchSize: 4, onError: "skip" });
    await assert.rejects(loader[Symbol.asyncIterator]().next(), { code: "NO_READABLE_SAMPLE" });
    assert.deepEqual(
      loader.errors.list.map((error) => error.source),
      expected,
    );
    const report = await checkDataset(dataset);
    assert.deepEqual(report.errors.list.map((error) => error.source).sort(), [...expected].sort());
    for (const walk of [computeStats(dataset), packDataset(dataset, "no-such-pack")]) {
      await assert.rejects(walk, /row 7/);
    }
    rmSync("no-such-pack", { recursive: true, force: true });
  });

  test("that fill batches leave their memory to the next ones", async () => {
    const Original = globalThis.ArrayBuffer;
    let made = 0;
    // as large as only the batches of this test are
    const most = 3 * 611 * 613 * 2;
    const counting = new Proxy(Original, {
      construct(target, [bytes]: [number]) {
        if (bytes >= most && bytes < 1.3 * most) made += 1;
        return new target(bytes);
      },
    });
    const bad = Buffer.from("this is no image");
    const source = { length: 12, get: (): Pair => ({ image: bad, text: "a" }) };
    const image = new ImageProcessor({ resize: { width: 611, height: 613 }, type: "uint8" });
    const dataset = new MultimodalDataset({ source, tokenizer, image });
    const loader = new DataLoader(dataset, { batchSize: 2, onError: "skip", prefetch: 0 });
    globalThis.ArrayBuffer = counting;
    try {
      await assert.rejects(loader[Symbol.asyncIterator]().next(), { code: "NO_READABLE_SAMPLE" });
    } finally {
      globalThis.ArrayBuffer = Original;
    }
    assert.equal(loader.errors.count, 12);
    assert.equal(made, 1);
  });

  test("end the loop by default, which refuses options of further ones", () => {
    const dataset = new MultimodalDataset({ imagePaths: ["a.jpg"], text: null });
    for (const [name, value] of Object.entries({ maxErrors: 3, onSampleError: () => {} })) {
      assert.throws(() => new DataLoader(dataset, { [name]: value }), {
        name: "TypeError",
        message: new RegExp(`^${name}: expected none without onError: "skip" or "replace", got `),
      });
    }
  });

  test("beyond maxErrors are an error all the same, in each epoch anew", async () => {
    const dataset = await datasetOf(40, new Set([1, 2, 33]));
    const run = async (maxErrors: number) => {
      const loader = new DataLoader(dataset, { batchSize: 4, onError: "skip", maxErrors });
      for (let epoch = 0; epoch < 2; epoch += 1) for await (const _ of loader);
    };
    await run(3);
    await assert.rejects(run(2), { code: "TOO_MANY_BAD_SAMPLES", index: 33 });
  });

  test("that fill a batch leave it out, and the state goes on", async () => {
    const dataset = await datasetOf(12, new Set([4, 5, 6, 7]));
    const loader = new DataLoader(dataset, { batchSize: 4, onError: "skip" });
    const positions: number[] = [];
    const seen: number[] = [];
    for await (const batch of loader) {
      seen.push(...batch.indices);
      positions.push(loader.state().position);
    }
    assert.deepEqual(seen, [0, 1, 2, 3, 8, 9, 10, 11]);
    assert.deepEqual(positions, [4, 0]);
  });

  test('that are all of an epoch are an error with "skip", in each epoch', async () => {
    const dataset = await datasetOf(6, new Set([0, 1, 2, 3, 4, 5]));
    const loader = new DataLoader(dataset, { batchSize: 4, onError: "skip" });
    for (let epoch = 0; epoch < 2; epoch += 1) {
      await assert.rejects(loader[Symbol.asyncIterator]().next(), {
        code: "NO_READABLE_SAMPLE",
        message:
          /^none of the 6 samples of this epoch .* one: sample 0, "no-such-file.jpg": no such/,
      });
    }
    assert.equal(loader.errors.count, 12);
  });

  test('that are all of a rank are an error there with "skip", and not on others', async () => {
    const dataset = await datasetOf(6, new Set([1, 3, 5]));
    const epochOf = async (rank: number) => {
      const options = { batchSize: 2, onError: "skip", rank, worldSize: 2 } as const;
      for await (const _ of new DataLoader(dataset, options));
    };
    await epochOf(0);
    await assert.rejects(epochOf(1), { code: "NO_READABLE_SAMPLE" });
  });

  test('that are all that is left are no error with "skip" in an epoch that goes on', async () => {
    const dataset = await datasetOf(6, new Set([4, 5]));
    const options = { batchSize: 4, onError: "skip" } as const;
    const loader = new DataLoader(dataset, options);
    await loader[Symbol.asyncIterator]().next();
    const resumed = new DataLoader(dataset, options);
    resumed.resume(loader.state());
    for await (const _ of resumed) assert.fail("nothing can be read");
    assert.equal(resumed.errors.count, 2);
  });

  test('that are all there is are an error with "replace", which says why', async () => {
    const dataset = await datasetOf(4, new Set([0, 1, 2, 3]));
    const loader = new DataLoader(dataset, { batchSize: 4, onError: "replace" });
    await assert.rejects(loader[Symbol.asyncIterator]().next(), (error: PixtokError) => {
      assert.equal(error.code, "TOO_MANY_BAD_SAMPLES");
      assert.match(error.message, /nor can any of 20 others in its place, the last one: sample/);
      assert.doesNotMatch(error.message, /maxErrors/); // there is none
      return true;
    });
  });

  test("leave what augmentation drew with its own row", async () => {
    const dataset = new MultimodalDataset({
      source: spoiledPairs(40, new Set([1, 4, 5, 17, 30])),
      tokenizer,
      image: tinyImage,
      augmentation: { horizontalFlip: 0.5 },
    });
    for (const onError of ["skip", "replace"] as const) {
      const options = { batchSize: 8, shuffle: true, seed: 3, onError };
      for await (const { augmentation, indices } of new DataLoader(dataset, options)) {
        assert.deepEqual(augmentation?.dims, [indices.length, 5]);
        for (const [row, index] of indices.entries()) {
          const item = await dataset.get(index, { seed: 3, epoch: 0 });
          const drawn = augmentation?.data.slice(5 * row, 5 * row + 5);
          assert.deepEqual(drawn, item.augmentation?.data);
        }
      }
    }
  });

  test("are counted once, also where their pairs come again", async () => {
    const bad = new Set([1, 6, 7, 9]);
    const reported: number[] = [];
    const loader = new DataLoader(await datasetOf(12, bad), {
      batchSize: 8,
      onError: "skip",
      maxErrors: bad.size,
      onSampleError: ({ index }) => reported.push(index),
    });
    let retries = 0;
    for await (const _ of loader) {
      if (retries === 2) continue;
      retries += 1;
      loader.setBatchSize(5 - retries);
      loader.retry();
    }
    assert.deepEqual(reported, [...bad]);
    assert.equal(loader.errors.count, bad.size);
  });

  test("are not tried in their own place", async () => {
    const dataset = await datasetOf(2, new Set([0]));
    for (let seed = 0; seed < 20; seed += 1) {
      const loader = new DataLoader(dataset, { batchSize: 2, seed, onError: "replace" });
      for await (const batch of loader) assert.deepEqual(batch.indices, [1, 1]);
      assert.equal(loader.errors.count, 1);
    }
  });

  test("may change the batch size when they are reported, and nothing is lost", async () => {
    const loader = new DataLoader(await datasetOf(20, new Set([9])), {
      batchSize: 4,
      onError: "skip",
      onSampleError: () => loader.setBatchSize(3),
    });
    const seen: number[] = [];
    for await (const batch of loader) seen.push(...batch.indices);
    assert.deepEqual(
      seen,
      [...Array(20).keys()].filter((index) => index !== 9),
    );
  });

  test("are not what a lack of memory is taken for", async () => {
    const pairs = numberedPairs(4);
    const source = {
      length: 4,
      get(index: number) {
        if (index === 2) throw new PixtokError("OUT_OF_MEMORY", "no memory", { index });
        return pairs.get(index);
      },
    };
    const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
    for (const onError of ["skip", "replace"] as const) {
      const loader = new DataLoader(dataset, { batchSize: 4, onError });
      await assert.rejects(loader[Symbol.asyncIterator]().next(), { code: "OUT_OF_MEMORY" });
    }
  });

  test("are not what misuse is taken for", async () => {
    const clean = (() => 5) as unknown as (text: string) => string;
    const loader = new DataLoader(await datasetOf(4, new Set(), { clean }), { onError: "skip" });
    await assert.rejects(loader[Symbol.asyncIterator]().next(), TypeError);
  });
});
