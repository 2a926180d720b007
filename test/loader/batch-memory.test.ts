import assert from "node:assert/strict";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import {
  type Batch,
  checkDataset,
  computeStats,
  contactSheet,
  DataLoader,
  ImageProcessor,
  isOutOfMemoryError,
  MultimodalDataset,
  type Pair,
  type PixtokError,
  showDataset,
} from "pixtok";
import { batchImages } from "../../src/dataset/batch-images.js";
import { imagePipeline } from "../../src/dataset/image-pipeline.js";
import { allocateMemory, releaseMemory } from "../../src/native/batch-memory.js";
import { plainContext } from "../../src/shared/sample-context.js";
import { fixture, sha256 } from "../support/fixtures.js";
import {
  numberedDataset,
  numberedPairs,
  photos,
  randomIntegers,
  seed,
  smallTokenizer,
} from "../support/pairs.js";

const digestOf = ({ image, input_ids, attention_mask }: Pick<Batch, "image"> & Partial<Batch>) =>
  [image, input_ids, attention_mask].map((tensor) => tensor && sha256(tensor.data)).join();

async function firstBatch(dataset: MultimodalDataset, batchSize = 8): Promise<Batch> {
  for await (const batch of new DataLoader(dataset, { batchSize })) return batch;
  throw new Error("no batch");
}

/** Epochs whose batches are given back, dropped or overwritten at random. */
async function churn(dataset: MultimodalDataset, epochs: number): Promise<void> {
  const random = randomIntegers(seed);
  const loader = new DataLoader(dataset, { batchSize: 8, shuffle: true });
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for await (const batch of loader) {
      batch.image.data.fill(7);
      if (random(2) === 0) batch.release();
    }
    globalThis.gc?.();
  }
}

describe(`memory of batches (PIXTOK_TEST_SEED=${seed})`, () => {
  test("a batch keeps its numbers for as long as anything of it is held", async () => {
    const dataset = await photos(48);
    const { image } = await firstBatch(dataset);
    const expected = sha256(image.data);
    const row = image.data.subarray(0, image.data.length / 8);
    const expectedRow = sha256(row);
    const held = new WeakRef(image);
    await churn(dataset, 4);
    assert.equal(sha256(row), expectedRow);
    const whole = held.deref();
    if (whole !== undefined) assert.equal(sha256(whole.data), expected);
  });

  test("memory that a user has moved elsewhere is not written into", async (context) => {
    const dataset = await photos(48);
    const batch = await firstBatch(dataset);
    const { buffer, byteOffset, byteLength } = batch.image.data;
    const expected = sha256(batch.image.data);
    if (!("transfer" in buffer)) return context.skip("this Node has no ArrayBuffer.transfer");
    const moved = (buffer as { transfer(): ArrayBuffer }).transfer();
    batch.release();
    await churn(dataset, 4);
    assert.equal(sha256(new Uint8Array(moved, byteOffset, byteLength)), expected);
  });

  test("what the image processor gave keeps its numbers", async () => {
    const processor = ImageProcessor.standard();
    const path = fixture("images/jpeg-420.jpg");
    const { pixel_values } = await processor.process(path);
    const expected = sha256(pixel_values.data);
    for (let i = 0; i < 100; i += 1) {
      const other = await processor.process(path);
      other.pixel_values.data.fill(7);
    }
    assert.equal(sha256(pixel_values.data), expected);
  });
});

test("the memory of a batch that cannot be made is used again", async () => {
  const pairs = numberedPairs(4);
  const source = {
    length: 4,
    get(index: number): Pair {
      const pair = pairs.get(index);
      return index === 2 ? { ...pair, image: Buffer.from("no image") } : pair;
    },
  };
  const image = new ImageProcessor({ resize: { width: 61, height: 67 } });
  const dataset = new MultimodalDataset({ source, image, tokenizer: await smallTokenizer() });
  const bytes = 4 * 3 * 61 * 67 * Float32Array.BYTES_PER_ELEMENT;
  const { buffer } = allocateMemory(bytes);
  releaseMemory(new Uint8Array(buffer));
  await assert.rejects(firstBatch(dataset, 4), { index: 2 });
  assert.equal(allocateMemory(bytes).buffer, buffer);
});

test("the memory of a batch whose columns cannot have any is used again", () => {
  const image = new ImageProcessor({ resize: { width: 53, height: 71 } });
  const own = imagePipeline(image, image, null, undefined);
  const bytes = 4 * own.plan.slotBytes;
  const { buffer } = allocateMemory(bytes);
  releaseMemory(new Uint8Array(buffer));
  const tooLarge = { ...own, plan: { ...own.plan, slotBytes: 2 ** 60 } };
  const small = new ImageProcessor({ resize: { width: 37, height: 41 } });
  const first = imagePipeline(small, small, null, undefined);
  const ofFirst = allocateMemory(4 * first.plan.slotBytes).buffer;
  releaseMemory(new Uint8Array(ofFirst));
  const column = (image: typeof own) => {
    return { name: "mask", image, followsDataset: false, drawnAs: 0 };
  };
  const of = { image: own, imageColumns: [column(first), column(tooLarge)] };
  assert.throws(() => batchImages(of, [], 4, plainContext(), { threads: 1 }), {
    code: "OUT_OF_MEMORY",
  });
  assert.equal(allocateMemory(bytes).buffer, buffer);
  assert.equal(allocateMemory(4 * first.plan.slotBytes).buffer, ofFirst);
});

describe("memory is used again after", () => {
  const image = new ImageProcessor({ resize: { width: 59, height: 71 } });
  const augmentation = { horizontalFlip: 0.5 };
  const options = { text: null, image, augmentation } as const;
  const dataset = new MultimodalDataset({ source: numberedPairs(4), ...options } as never);
  const drawn = { samples: 4, draws: 2, statsSamples: 0 };
  // draws are prepared while the pairs themselves are in memory
  for (const [work, ofDataset, blocks] of [
    ["checkDataset", () => checkDataset(dataset), 1],
    ["computeStats", () => computeStats(dataset), 1],
    ["showDataset", () => showDataset(dataset, drawn), 2],
    ["contactSheet", () => contactSheet(dataset, drawn), 2],
  ] as const) {
    test(work, async () => {
      const bytes = 4 * 3 * 59 * 71 * Float32Array.BYTES_PER_ELEMENT;
      const some = () => Array.from({ length: blocks }, () => allocateMemory(bytes));
      const before = some();
      for (const memory of before) releaseMemory(memory);
      await ofDataset();
      const after = some();
      assert.deepEqual(
        new Set(after.map(({ buffer }) => before.findIndex((one) => one.buffer === buffer))),
        new Set(before.keys()),
      );
      for (const memory of after) releaseMemory(memory);
    });
  }
});

describe("a batch for another thread", () => {
  const receiver = `
    import { createHash } from "node:crypto";
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", ({ image, input_ids, attention_mask, indices }) => {
      const digests = [image, input_ids, attention_mask].map(({ data }) =>
        createHash("sha256").update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest("hex"));
      parentPort.postMessage({ digests: digests.join(), indices, dims: image.dims });
    });`;

  test("arrives as it was, without a copy", { timeout: 60_000 }, async () => {
    const worker = new Worker(receiver, { eval: true, execArgv: ["--input-type=module"] });
    try {
      const dataset = await photos(24);
      for await (const batch of new DataLoader(dataset, { batchSize: 8 })) {
        const expected = {
          digests: digestOf(batch),
          indices: batch.indices,
          dims: batch.image.dims,
        };
        const { message, transferList } = batch.transfer();
        const answer = new Promise((resolve, reject) => {
          worker.once("message", resolve);
          worker.once("error", reject);
        });
        worker.postMessage(message, transferList);
        assert.deepEqual(
          transferList.map(({ byteLength }) => byteLength),
          [0, 0, 0],
        );
        assert.deepEqual(await answer, expected);
      }
    } finally {
      await worker.terminate();
    }
  });

  test("leaves the batch's own tensors empty, and cannot be sent twice", async () => {
    const batch = await firstBatch(await photos(8));
    const part = batch.image.data.subarray(5);
    const { message } = batch.transfer();
    assert.equal(batch.image.data.length, 0);
    assert.equal(batch.input_ids.data.length, 0);
    assert.equal(part.length, 0);
    assert.throws(() => batch.transfer(), TypeError);
    const expected = digestOf(message);
    batch.release();
    assert.equal(digestOf(message), expected, "release() does not reach what was transferred");
  });

  test("cannot be had of a batch that was released", async () => {
    const batch = await firstBatch(await photos(8));
    batch.release();
    assert.throws(() => batch.transfer(), /transfer\(\): expected a batch that has its memory/);
  });

  test("is not lost to whoever puts its tensors into a transfer list", async () => {
    const dataset = await photos(8);
    const { image } = await firstBatch(dataset);
    const expected = sha256(image.data);
    // Node 20 makes a copy, newer ones refuse
    try {
      structuredClone(image, { transfer: [image.data.buffer as ArrayBuffer] });
    } catch (error) {
      assert.equal((error as Error).name, "DataCloneError");
    }
    assert.equal(sha256(image.data), expected);
  });
});

describe("more memory than can be had", () => {
  test("a batch of it is an error that isOutOfMemoryError knows", { timeout: 60_000 }, async () => {
    // 200 TB: more than the processor can address
    const image = new ImageProcessor({ resize: { width: 65536, height: 65536 } });
    const loader = new DataLoader(await numberedDataset(4096, { image }), { batchSize: 4096 });
    await assert.rejects(
      async () => {
        for await (const _ of loader);
      },
      (error: PixtokError) => error.code === "OUT_OF_MEMORY" && isOutOfMemoryError(error),
    );
    const whole = await firstBatch(await photos(8));
    assert.equal(whole.indices.length, 8, "and the next loader works");
  });

  test("a packed file longer than any array is an error that says so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pixtok-long-file-"));
    try {
      const file = join(folder, "data-00000-of-00001.arrow");
      await writeFile(file, "");
      await truncate(file, 2 ** 32 + 4096); // of holes
      await assert.rejects(MultimodalDataset.from(folder), ({ code, source }: PixtokError) => {
        // since Node 22 arrays may be as long
        return ["FILE_TOO_LARGE", "NOT_A_PACK"].includes(code) && source === file;
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
