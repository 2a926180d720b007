import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { statSync } from "node:fs";
import { describe, test } from "node:test";
import { setTimeout as after, setImmediate } from "node:timers/promises";
import {
  DataLoader,
  ImageProcessor,
  type LoaderBatchMessage,
  type LoaderEpochMessage,
  type LoaderErrorMessage,
  type LoaderStats,
  MultimodalDataset,
  type Pair,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { numberedDataset, numberedPairs, photos, tinyImage } from "../support/pairs.js";

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

/** How far a number is from another, as a share of that one. */
const away = (value: number, from: number) => Math.abs(value - from) / from;

function assertWhole(stats: LoaderStats): void {
  const { seconds, waitForData, waitForTrainer, bothAtWork, waitsOn, threads } = stats;
  assert.ok(away(waitForData + waitForTrainer + bothAtWork, seconds) < 1e-9);
  assert.ok(Math.abs(sum(Object.values(waitsOn)) - waitForData) < 1e-9 * seconds);
  assert.ok(away(threads.busy + threads.idle, threads.count * seconds) < 1e-9);
}

/** Pairs whose rows are mixed. */
function mixedDataset(length: number) {
  const { get } = numberedPairs(length);
  return new MultimodalDataset({
    source: {
      length,
      get: (index) => ({ ...get(index), columns: { label: index % 2 } }) as Pair,
    },
    text: null,
    columns: { label: "int64" },
    augmentation: { mixUp: {}, cutMix: {}, labels: { column: "label", classes: 2 } },
  });
}

describe("loader.stats()", () => {
  test("sums to the time that the loop took, within 3 %", async () => {
    const loader = new DataLoader(await photos(48), { batchSize: 8, threads: 2 });
    const differences: number[] = [];
    for (let epoch = 0; epoch < 3; epoch += 1) {
      const start = performance.now();
      for await (const batch of loader) {
        await after(4);
        batch.release();
      }
      const passed = (performance.now() - start) / 1000;
      const stats = loader.stats();
      assertWhole(stats);
      differences.push(away(stats.waitForData + stats.waitForTrainer + stats.bothAtWork, passed));
    }
    // another process may take the processor between two readings of the clock, though hardly each time
    assert.ok(Math.min(...differences) < 0.03, `differs by ${differences.join(", ")}`);
  });

  test("has what the images of an epoch went through, and their bytes", async () => {
    const count = 6;
    const loader = new DataLoader(await photos(count), { batchSize: 4, threads: 2 });
    let tensorBytes = 0;
    for await (const { image, release } of loader) {
      tensorBytes += image.data.byteLength;
      release();
    }
    const { stages, pairs, batches, threads } = loader.stats();
    assert.deepEqual([pairs, batches, threads.count], [count, 2, 2]);
    const files = ["jpeg-420.jpg", "jpeg-500x375.jpg", "png-rgb.png"];
    const fileBytes = sum(files.map((name) => statSync(fixture(`images/${name}`)).size));
    assert.equal(stages.read.bytes, 2 * fileBytes);
    assert.equal(stages.normalize.bytes, tensorBytes);
    assert.equal(stages.resize.bytes, count * 3 * 224 * 224);
    assert.equal(stages.tokenize.bytes, 2 * 8 * 128 * count);
    for (const name of ["read", "decode", "resize", "normalize", "tokenize"] as const) {
      const { seconds, rate, depth, bytes } = stages[name];
      assert.ok(seconds > 0 && rate > 0 && depth > 0 && bytes > 0, name);
      assert.ok(away(rate * seconds, count) < 1e-9, name);
    }
    const { read, decode, resize, normalize } = stages;
    const busy = sum([read, decode, resize, normalize].map(({ seconds }) => seconds));
    assert.ok(away(busy, threads.busy) < 1e-9);
  });

  test("counts the images of columns with the rows' own", async () => {
    const { get } = numberedPairs(3);
    const bytes = new ImageProcessor({ resize: { width: 3, height: 2 }, type: "uint8" });
    const dataset = new MultimodalDataset({
      source: {
        length: 3,
        get(index) {
          const pair = get(index);
          return { ...pair, columns: { mask: pair.image } } as Pair;
        },
      },
      text: null,
      image: new ImageProcessor({ resize: { width: 5, height: 4 } }),
      columns: { mask: { type: "image", processor: bytes } },
    });
    const loader = new DataLoader(dataset, { batchSize: 2 });
    for await (const batch of loader) batch.release();
    const { resize, normalize } = loader.stats().stages;
    const [own, ofColumn] = [3 * 3 * 5 * 4, 3 * 3 * 3 * 2];
    assert.equal(resize.bytes, own + ofColumn);
    assert.equal(normalize.bytes, 4 * own + ofColumn);
    assert.equal(Math.round(normalize.rate * normalize.seconds), 6);
  });

  test("counts what sharp decodes as sharp's", async () => {
    const paths = ["avif-444.avif", "jpeg-420.jpg"].map((name) => fixture(`images/${name}`));
    const source = { length: 2, get: (i: number) => ({ image: paths[i] as string, text: "a" }) };
    const loader = new DataLoader(await numberedDataset(2, { source }), { batchSize: 2 });
    for await (const batch of loader) batch.release();
    const { sharp, decode, normalize } = loader.stats().stages;
    const counted = [sharp, decode, normalize].map(({ rate, seconds }) =>
      Math.round(rate * seconds),
    );
    assert.deepEqual(counted, [1, 1, 2]);
    assert.ok(sharp.bytes > 0);
  });

  test("has mixing as a stage and a wait of its own, and sums to the loop's time with it", async () => {
    const rows = 64;
    const dataset = mixedDataset(rows);
    // each batch is waited for from its beginning
    const loader = new DataLoader(dataset, { batchSize: 32, prefetch: 0 });
    const differences: number[] = [];
    for (let epoch = 0; epoch < 3; epoch += 1) {
      const start = performance.now();
      for await (const batch of loader) batch.release();
      const passed = (performance.now() - start) / 1000;
      const stats = loader.stats();
      assertWhole(stats);
      const { stages, waitsOn, waitForData } = stats;
      assert.equal(stages.mix.bytes, rows * 3 * 224 * 224 * 4);
      assert.ok(away(stages.mix.rate * stages.mix.seconds, rows) < 1e-9);
      assert.ok(stages.mix.seconds > 0);
      assert.ok(away(waitsOn.mix, stages.mix.seconds) < 1e-9);
      assert.ok(waitsOn.images > 0 && waitsOn.images < waitForData - waitsOn.mix);
      differences.push(away(stats.waitForData + stats.waitForTrainer + stats.bothAtWork, passed));
    }
    assert.ok(Math.min(...differences) < 0.03, `differs by ${differences.join(", ")}`);
  });

  test("says what limits: a slow trainer, a slow source, slow fields", async () => {
    const SLOW = 100; // milliseconds: longer than a thread of a busy machine waits for a processor
    const { get } = numberedPairs(8);
    const of = { image: tinyImage, text: null } as const;
    const dataset = new MultimodalDataset({ source: numberedPairs(8), ...of });
    const slow = new MultimodalDataset({
      source: {
        length: 8,
        async get(index) {
          await after(SLOW);
          return get(index);
        },
      },
      ...of,
    });
    const limitOf = async (
      loader: Pick<DataLoader, "stats"> & AsyncIterable<{ release(): void }>,
      work: () => Promise<unknown>,
    ) => {
      for await (const batch of loader) batch.release(); // what is loaded once
      for await (const batch of loader) {
        await work();
        batch.release();
      }
      return loader.stats();
    };
    const idle = async () => {};
    const trainer = await limitOf(new DataLoader(dataset, { batchSize: 2 }), () => after(SLOW));
    assert.equal(trainer.limit, "trainer");
    assert.match(trainer.sentence, /^the trainer: the loader waits \d+ % of the time$/);
    const source = await limitOf(new DataLoader(slow, { batchSize: 4, prefetch: 0 }), idle);
    assert.equal(source.limit, "source");
    const fields = { slow: () => after(SLOW) };
    const ownFields = new DataLoader(dataset, { batchSize: 4, prefetch: 0, fields });
    const { limit, stages, waitsOn } = await limitOf(ownFields, idle);
    assert.equal(limit, "fields");
    // there are no texts
    assert.deepEqual([stages.tokenize.seconds, waitsOn.tokenize], [0, 0]);
  });

  test("is of the epoch under way, then of the last one; and before it, nothing", async () => {
    const loader = new DataLoader(await numberedDataset(12), { batchSize: 4 });
    const { seconds, pairs, limit } = loader.stats();
    assert.deepEqual({ seconds, pairs, limit }, { seconds: 0, pairs: 0, limit: null });
    const seen: unknown[] = [];
    for (let epoch = 0; epoch < 2; epoch += 1) {
      for await (const _ of loader) {
        const stats = loader.stats();
        assertWhole(stats);
        seen.push([stats.epoch, stats.batches, stats.pairs]);
      }
    }
    const expected = [0, 1].flatMap((epoch) => [1, 2, 3].map((n) => [epoch, n, 4 * n]));
    assert.deepEqual(seen, expected);
    assert.deepEqual(loader.stats(), loader.stats());
    assert.equal(loader.stats().epoch, 1);
  });

  test("has no batch without rows among those that wait for the trainer", async () => {
    const { get } = numberedPairs(4);
    const source = {
      length: 4,
      get(index: number) {
        if (index < 2) throw new Error("no such pair");
        return get(index);
      },
    };
    const dataset = await numberedDataset(4, { source });
    const loader = new DataLoader(dataset, { batchSize: 2, onError: "skip", prefetch: 0 });
    for await (const _ of loader) {
      const { ready, bytes } = loader.stats().queue;
      assert.deepEqual({ ready, bytes }, { ready: 0, bytes: 0 });
    }
  });

  test("counts on when batches are made anew, are empty, or a loop is left early", async () => {
    const { get } = numberedPairs(12);
    const source = {
      length: 12,
      get(index: number) {
        if (index >= 4 && index < 8) throw new Error("no such pair");
        return get(index);
      },
    };
    const dataset = await numberedDataset(12, { source });
    const loader = new DataLoader(dataset, { batchSize: 2, onError: "skip" });
    const sizes: number[] = [];
    for await (const { indices } of loader) {
      sizes.push(indices.length);
      if (sizes.length === 1) {
        while (loader.stats().queue.ready === 0) await setImmediate();
        loader.setBatchSize(4);
      }
      if (sizes.length < 4) continue;
      assert.equal(loader.stats().queue.ready, 0, "what was prepared in another size is gone");
      break;
    }
    const stats = loader.stats();
    assertWhole(stats);
    // 0 1, then 2 3 with two that are bad, two that are bad with 8 9, and 10 11
    assert.deepEqual([stats.batches, stats.pairs], [sizes.length, sum(sizes)]);
    assert.deepEqual([stats.queue.ready, stats.queue.underWay, stats.queue.bytes], [0, 0, 0]);
  });
});

describe("diagnostics_channel", () => {
  /** What is published on a channel about a loader while the work is done. */
  async function published<M extends { loader: object }>(
    name: string,
    loader: object,
    work: () => Promise<void>,
  ): Promise<M[]> {
    const messages: M[] = [];
    const listen = (message: unknown) => {
      if ((message as M).loader === loader) messages.push(message as M);
    };
    subscribe(name, listen);
    await work().finally(() => unsubscribe(name, listen));
    return messages;
  }

  test("has each batch, with its stages", async () => {
    const loader = new DataLoader(await photos(6), { batchSize: 4 });
    const messages = await published<LoaderBatchMessage>(
      "pixtok:loader:batch",
      loader,
      async () => {
        for await (const batch of loader) batch.release();
      },
    );
    assert.deepEqual(
      messages.map(({ epoch, pairs }) => [epoch, pairs]),
      [
        [0, 4],
        [0, 2],
      ],
    );
    const { stages } = loader.stats();
    for (const name of ["read", "decode", "normalize", "tokenize"] as const) {
      const seconds = sum(messages.map((message) => message.stages[name].seconds));
      assert.ok(away(seconds, stages[name].seconds) < 1e-9, name);
    }
    for (const { startedAt, endedAt, waited } of messages) {
      assert.ok(startedAt < endedAt && endedAt <= performance.now() && waited >= 0);
    }
    const waited = sum(messages.map((message) => message.waited));
    assert.ok(waited > 0 && waited <= loader.stats().waitForData);
  });

  test("has the mixing of each batch", async () => {
    const loader = new DataLoader(mixedDataset(6), { batchSize: 4 });
    const messages = await published<LoaderBatchMessage>(
      "pixtok:loader:batch",
      loader,
      async () => {
        for await (const batch of loader) batch.release();
      },
    );
    const mixes = messages.map(({ stages }) => stages.mix);
    assert.deepEqual(
      mixes.map(({ bytes }) => bytes),
      [4, 2].map((rows) => rows * 3 * 224 * 224 * 4),
    );
    const seconds = sum(mixes.map((mix) => mix.seconds));
    assert.ok(away(seconds, loader.stats().stages.mix.seconds) < 1e-9);
  });

  test("has each epoch, also one that is left early", async () => {
    const loader = new DataLoader(await numberedDataset(12), { batchSize: 4 });
    const messages = await published<LoaderEpochMessage>(
      "pixtok:loader:epoch",
      loader,
      async () => {
        for await (const _ of loader);
        for await (const _ of loader) break;
      },
    );
    assert.deepEqual(
      messages.map(({ stats }) => [stats.epoch, stats.pairs]),
      [
        [0, 12],
        [1, 4],
      ],
    );
    assert.deepEqual(messages[1]?.stats, loader.stats());
  });

  test("has each pair that cannot be read", async () => {
    const imagePaths = ["no-such.jpg", fixture("images/jpeg-420.jpg")];
    const dataset = await numberedDataset(2, {
      source: { length: 2, get: (i) => ({ image: imagePaths[i] as string, text: "a" }) },
    });
    const loader = new DataLoader(dataset, { batchSize: 2, onError: "skip" });
    const messages = await published<LoaderErrorMessage>(
      "pixtok:loader:error",
      loader,
      async () => {
        for await (const _ of loader);
      },
    );
    assert.deepEqual(
      messages.map(({ epoch, error }) => [epoch, error.index, error.code]),
      [[0, 0, "FILE_NOT_FOUND"]],
    );
  });
});
