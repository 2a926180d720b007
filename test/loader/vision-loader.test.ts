// Batches of images that are taken apart. What process() gives is held against transformers by the conformance suite; so
// is here, for several images, what a loader gives.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  DataLoader,
  type DataLoaderOptions,
  type ImageInput,
  MultimodalDataset,
  type OnError,
  PixtokError,
} from "pixtok";
import { imagePipeline } from "../../src/dataset/image-pipeline.js";
import { joinedImages } from "../../src/dataset/joined-images.js";
import { coreOfProcessor } from "../../src/image/image-processor.js";
import { type UnitPlace, unitBytes } from "../../src/image/views/native-views.js";
import type { PictureBatch } from "../../src/image/views/picture-batch.js";
import type {
  MeasuredLists,
  MeasuredPicture,
  PicturePlan,
} from "../../src/image/views/picture-plan.js";
import { runtime } from "../../src/native/runtime.js";
import { plainContext } from "../../src/shared/sample-context.js";
import { drawnImage } from "../support/drawn-image.js";
import { fixture, readJsonLines } from "../support/fixtures.js";
import { smallTokenizer, seed as testSeed } from "../support/pairs.js";
import { photo } from "../support/processor-folders.js";
import { fc } from "../support/properties.js";
import { expectedOf, imagesOf, loadVision, visionConfigs } from "../support/vision-batches.js";

const patches = await loadVision(visionConfigs.patches);

/** Of many sizes; one comes from a file of a format that pixtok's threads leave to sharp. */
const good: readonly ImageInput[] = [
  ...[drawnImage(40, 30), drawnImage(90, 20), drawnImage(20, 77), drawnImage(64, 64)],
  ...["jpeg-301x17.jpg", "png-rgb.png", "tiff-rgb.tiff"].map((name) => fixture(`images/${name}`)),
];
const noImage = readFileSync(fixture("wordpiece/vocab.txt"));
/** Of a size like any other; its pixels end too soon. */
const cut = fixture("broken/cut-at-70.jpg");
const tooLong = drawnImage(2010, 10);

const imagesOnly = { text: null } as const;

interface GoldenLine {
  processor: string;
  config: Record<string, unknown>;
  backend: "torchvision" | "pil";
  image: readonly unknown[];
  outputs: Record<string, unknown>;
}

type GoldenList = readonly (readonly [number, number])[];

describe("a batch is what transformers gives for its images", () => {
  for (const backend of ["torchvision", "pil"] as const) {
    const name = backend === "pil" ? "vision.jsonl" : "vision.torch.jsonl";
    const lines = readJsonLines<GoldenLine>(fixture(`goldens/${name}`));

    test(`of the rows of a call, each with its images (${backend})`, async () => {
      const nested = lines.filter(({ image: [first] }) => Array.isArray((first as unknown[])[0]));
      assert.ok(nested.length >= 8, `${nested.length}`);
      for (const { processor, config, image, outputs } of nested) {
        const imagePaths = (image as readonly GoldenList[]).map((row) =>
          row.map(([width, height]) => drawnImage(width, height)),
        );
        const own = await loadVision(config, { backend });
        const dataset = new MultimodalDataset({
          ...{ ...imagesOnly, imagePaths, image: own },
          maxImages: 4,
        });
        for await (const batch of new DataLoader(dataset, { batchSize: 2 })) {
          assert.deepEqual(imagesOf(batch), outputs, processor);
          assert.deepEqual([...batch.num_images.data], [2n, 1n]);
        }
      }
    });

    test(`of the images of a call, a row each (${backend})`, async () => {
      const two = lines.filter(
        ({ image, outputs: { pixel_values, num_tiles, batch_num_images, rows } }) =>
          image.length === 2 &&
          image.every((one) => Array.isArray(one) && typeof one[0] === "number") &&
          // not those that give one row for all images
          [num_tiles, rows, batch_num_images].every((one) => one === undefined) &&
          (pixel_values as { shape: number[] } | undefined)?.shape[0] !== 1,
      );
      let compared = 0;
      for (const { processor, config, image, outputs } of two) {
        const own = await loadVision(config, { backend }).catch(() => null);
        if (own === null) continue; // padded, not taken apart
        const imagePaths = (image as GoldenList).map(([width, height]) =>
          drawnImage(width, height),
        );
        const dataset = new MultimodalDataset({ ...imagesOnly, imagePaths, image: own });
        for await (const batch of new DataLoader(dataset, { batchSize: 2 })) {
          assert.deepEqual(imagesOf(batch), outputs, processor);
        }
        compared += 1;
      }
      assert.ok(compared >= 30, `${compared}`);
    });
  }
});

describe("a batch is what process() gives for its rows", () => {
  for (const [name, config] of Object.entries(visionConfigs)) {
    test(`${name}, whatever images are bad, and whatever becomes of them`, async () => {
      const image = await loadVision(config);
      const all = [...good, noImage, cut];
      const one = fc.nat(all.length - 1);
      const cases = fc.asyncProperty(
        fc.array(fc.array(one, { maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom<OnError>("skip", "replace"),
        async (numbers, batchSize, onError) => {
          const imagePaths = numbers.map((row) => row.map((at) => all[at] as ImageInput));
          const isGood = (row: readonly ImageInput[]) => row.every((own) => good.includes(own));
          const kept = imagePaths.flatMap((row, index) => (isGood(row.slice(0, 2)) ? index : []));
          if (kept.length === 0) return; // NO_READABLE_SAMPLE
          // 20 others are tried in a bad one's place
          if (onError === "replace" && 2 * kept.length < imagePaths.length) return;
          const dataset = new MultimodalDataset({ ...imagesOnly, imagePaths, image, maxImages: 2 });
          const loader = new DataLoader(dataset, { batchSize, onError, shuffle: true });
          const seen: number[] = [];
          for await (const batch of loader) {
            const rows = batch.indices.map((index) => (imagePaths[index] ?? []).slice(0, 2));
            assert.deepEqual(imagesOf(batch), await expectedOf(image, rows));
            assert.deepEqual(
              [...batch.num_images.data].map(Number),
              rows.map(({ length }) => length),
            );
            seen.push(...batch.indices);
            batch.release();
          }
          if (onError === "replace") assert.equal(seen.length, imagePaths.length);
          else
            assert.deepEqual(
              seen.toSorted((a, b) => a - b),
              kept,
            );
          assert.ok(seen.every((index) => kept.includes(index)));
        },
      );
      await fc.assert(cases, { numRuns: 12 });
    });
  }

  test("one row with one image each, where there is no maxImages", async () => {
    const dataset = new MultimodalDataset({ ...imagesOnly, imagePaths: good, image: patches });
    for await (const batch of new DataLoader(dataset, { batchSize: 4 })) {
      const rows = batch.indices.map((index) => [good[index] as ImageInput]);
      assert.deepEqual(imagesOf(batch), await expectedOf(patches, rows));
      assert.ok(!("num_images" in batch) && !("image" in batch));
    }
  });

  test("a pair by itself, too", async () => {
    const imagePaths = [[good[1] as ImageInput, good[2] as ImageInput], []];
    const dataset = new MultimodalDataset({
      ...imagesOnly,
      imagePaths,
      image: patches,
      maxImages: 2,
    });
    const { pixel_values, image_grid_thw, num_images } = await dataset.get(0);
    const expected = await expectedOf(patches, [imagePaths[0] as ImageInput[]]);
    assert.deepEqual(imagesOf({ pixel_values, image_grid_thw }), expected);
    assert.deepEqual(num_images.data, BigInt64Array.of(2n));
    assert.equal((await dataset.get(1)).pixel_values, undefined);
  });
});

describe("a row whose image cannot be taken apart", () => {
  const dataset = new MultimodalDataset({
    ...{ ...imagesOnly, imagePaths: [photo, tooLong, cut, photo], image: patches },
  });

  test("is an error that names it, found before anything is decoded", async () => {
    const reads = async () => {
      for await (const _ of new DataLoader(dataset, { batchSize: 4 }));
    };
    await assert.rejects(reads, (error) => {
      assert.ok(error instanceof PixtokError);
      assert.deepEqual([error.code, error.index], ["DOES_NOT_FIT", 1]);
      return true;
    });
  });

  test("is dropped with all others that are bad, each named", async () => {
    for await (const batch of new DataLoader(dataset, { batchSize: 4, onError: "skip" })) {
      assert.deepEqual(batch.indices, [0, 3]);
      assert.deepEqual(
        batch.dropped.map(({ index, code }) => [index, code]),
        [
          [1, "DOES_NOT_FIT"],
          [2, "TRUNCATED_IMAGE"],
        ],
      );
    }
  });
});

test("a fault of the machine is told where images are prepared again without those that are bad", async (t) => {
  const { addon } = runtime();
  let hasFailed = false;
  const startBatch = (...given: Parameters<typeof addon.startBatch>) => {
    const faults = [[0, "STORAGE_FAILED", "EIO"]];
    if (hasFailed) return { done: Promise.resolve([faults, []]), cancel() {} };
    const batch = addon.startBatch(...given);
    const noted = batch.done.then((ended) => {
      hasFailed = ended[0] !== null;
      return ended;
    });
    return { done: noted, cancel: () => batch.cancel() };
  };
  Object.assign(runtime(), { addon: Object.create(addon, { startBatch: { value: startBatch } }) });
  t.after(() => Object.assign(runtime(), { addon }));
  const image = await loadVision(visionConfigs["images filled up to the largest"]);
  const imagePaths = [drawnImage(20, 10), cut];
  const dataset = new MultimodalDataset({ ...imagesOnly, imagePaths, image });
  const reads = async () => {
    for await (const _ of new DataLoader(dataset, { batchSize: 2, onError: "skip" }));
  };
  await assert.rejects(reads, { code: "STORAGE_FAILED", index: 0 });
  assert.ok(hasFailed);
});

test("images are laid out first: their memory is known, and one that does not fit is named by its row", () => {
  const plan = coreOfProcessor(patches).pictures as PicturePlan;
  const layOut = () => {
    throw new PixtokError("DOES_NOT_FIT", "it is of another size", { index: 2 });
  };
  const row = (index: number, ...sources: string[]) => ({
    index,
    images: sources.map((source, place) => ({ image: source, source, place })),
    pictures: sources.map(() => ({}) as MeasuredPicture),
  });
  const rows = [row(40, "a.png"), row(41, "b.png", "c.png")];
  const pipeline = imagePipeline(patches, patches, null, 2);
  assert.throws(
    () => joinedImages(pipeline, { ...plan, layOut }, rows, plainContext(), { threads: 1 }),
    { code: "DOES_NOT_FIT", index: 41, source: "c.png", reason: "it is of another size" },
  );
  const whole = { ...plan, layOut: () => ({ bytes: 48 }) as PictureBatch };
  const part = joinedImages(pipeline, whole, rows, plainContext(), { threads: 1 });
  assert.equal(part.bytes, 48);
  part.release();
});

test("images that others are put between are whole where they are moved up", async () => {
  const size = { width: 1, height: 1 };
  const place = (offset: number): UnitPlace => ({
    ...{ offset, size, elementBytes: 1, rowUnits: 1 },
    unit: { layout: "chw", copies: 1 },
  });
  const each = unitBytes(place(0));
  const layOut = ({ measured }: MeasuredLists) => {
    let bytes = 0;
    const places = measured.map(({ picture }) => {
      bytes += each * picture.units;
      return place(bytes - each * picture.units);
    });
    const zeros = measured.map(() => []);
    return { bytes, unitSize: size, sideBySide: false, places, zeros } as unknown as PictureBatch;
  };
  const plan: PicturePlan = {
    ...(coreOfProcessor(patches).pictures as PicturePlan),
    layOut,
    async prepare({ indices }, { measured }, { places }, memory, _how, at = []) {
      for (const [i, image] of at.entries()) {
        const begin = places[image]?.offset as number;
        const units = measured[image]?.picture.units as number;
        memory.fill(indices[i] as number, begin, begin + each * units);
      }
      return [];
    },
    results: (_given, _batch, memory) => ({ pixels: memory as never, outputs: {} }),
  };
  const row = (index: number, units: number) => ({
    ...{ index, images: [{ image: `${index}`, source: `${index}`, place: 0 }] },
    pictures: [{ size, picture: { units } } as MeasuredPicture],
  });
  const rows = [row(1, 1), row(2, 2), row(3, 2), row(4, 3)];
  const pipeline = imagePipeline(patches, patches, null, 1);
  const part = joinedImages(pipeline, plan, rows, plainContext(), { threads: 1 });
  await part.prepare(rows, [0, 1, 2, 3]);
  await part.prepare([row(5, 3), row(6, 1)], [0, 3]);
  const { pixels } = part.tensors(4, (memory) => memory);
  const unitsOf = [...(pixels as unknown as Uint8Array)].filter((_, at) => at % each === 0);
  assert.deepEqual(unitsOf, [5, 5, 5, 2, 2, 3, 3, 6]);
  part.release();
});

describe("the order", () => {
  test(`of ranks that are resumed anywhere is the order of one loader (seed ${testSeed})`, async () => {
    const imagePaths = Array.from({ length: 11 }, (_, i) => drawnImage(20 + 3 * i, 60 - 4 * i));
    const dataset = new MultimodalDataset({ ...imagesOnly, imagePaths, image: patches });
    const options: DataLoaderOptions = { batchSize: 2, shuffle: true, seed: testSeed };
    const read = async (own: object, from: number) => {
      const loader = new DataLoader(dataset, { ...options, ...own });
      let state = loader.state();
      const digests: string[] = [];
      for await (const batch of loader) {
        digests.push(JSON.stringify([batch.indices, imagesOf(batch)]));
        state = loader.state();
        if (digests.length === from) break;
      }
      const resumed = new DataLoader(dataset, { ...options, ...own });
      resumed.resume(state);
      for await (const batch of resumed) {
        digests.push(JSON.stringify([batch.indices, imagesOf(batch)]));
      }
      return digests;
    };
    for (const rank of [0, 1]) {
      const own = { rank, worldSize: 2 };
      const [whole, ...pieces] = await Promise.all([3, 1, 2].map((from) => read(own, from)));
      for (const piece of pieces) assert.deepEqual(piece.slice(0, 3), whole?.slice(0, 3));
    }
  });
});

describe("the memory of a batch", () => {
  const dataset = new MultimodalDataset({ ...imagesOnly, imagePaths: good, image: patches });

  test("is given back by release(), and used for a later one", async () => {
    const buffers = new Set<ArrayBufferLike>();
    for await (const batch of new DataLoader(dataset, { batchSize: 2 })) {
      buffers.add(batch.pixel_values.data.buffer);
      batch.release();
      assert.equal(batch.pixel_values.data.length, 0);
    }
    assert.equal(buffers.size, 4);
  });

  test("goes to another thread without a copy", async () => {
    for await (const batch of new DataLoader(dataset, { batchSize: 4 })) {
      const before = imagesOf(batch);
      const { message, transferList } = batch.transfer();
      assert.deepEqual(imagesOf(structuredClone(message, { transfer: transferList })), before);
      assert.equal(batch.pixel_values.data.length, 0);
    }
  });

  test("counts for prefetchBytes before it is filled", async () => {
    const loader = new DataLoader(dataset, { batchSize: 2, prefetch: 3, prefetchBytes: 1 });
    for await (const batch of loader) {
      assert.ok(batch.pixel_values.data.length > 0);
      assert.equal(loader.stats().queue.ready, 0);
    }
    assert.equal(loader.stats().pairs, good.length);
    assert.ok(loader.stats().stages.normalize.bytes > 0);
  });
});

test("texts, columns and other images stand beside them, row by row", async () => {
  const tokenizer = await smallTokenizer();
  const pairs = good.map((image, index) => ({
    image,
    text: `text ${index}`,
    columns: { label: index, other: photo },
  }));
  const source = {
    length: pairs.length,
    get: (index: number) => pairs[index] as (typeof pairs)[0],
  };
  const { ImageProcessor } = await import("pixtok");
  const processor = new ImageProcessor({ resize: { width: 4, height: 4 } });
  const dataset = new MultimodalDataset({
    ...{ source, tokenizer, image: patches },
    columns: { label: "int64", other: { type: "image", processor } },
  });
  for await (const batch of new DataLoader(dataset, { batchSize: 3, shuffle: true })) {
    assert.deepEqual([...batch.columns.label.data].map(Number), [...batch.indices]);
    assert.deepEqual(
      batch.texts,
      batch.indices.map((index) => `text ${index}`),
    );
    assert.deepEqual(batch.columns.other.dims, [batch.indices.length, 3, 4, 4]);
    const rows = batch.indices.map((index) => [good[index] as ImageInput]);
    assert.deepEqual(imagesOf(batch), await expectedOf(patches, rows));
    assert.match(inspect(batch), /pixel_values +float32 \[\d+, 96\].*\n +image_grid_thw +int64/);
  }
});
