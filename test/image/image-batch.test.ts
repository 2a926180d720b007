// Batches of which some images are not decoded by the native threads.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { readFileSync } from "node:fs";
import { describe, mock, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { ImageProcessor } from "pixtok";
import { prepareImages } from "../../src/image/image-batch.js";
import { type ImageInput, imageLabel, requireImage } from "../../src/image/image-input.js";
import { addNativeTimes, imageTimes } from "../../src/image/image-times.js";
import { processorCore } from "../../src/image/processor-core.js";
import { mixRows } from "../../src/image/row-mixing.js";
import { runtime } from "../../src/native/runtime.js";
import { fixture, sha256 } from "../support/fixtures.js";

const plan = processorCore({
  resize: { width: 8, height: 8 },
  type: "uint8",
  exifOrientation: true,
}).plan();
const { slotBytes } = plan;
const png = fixture("images/png-rgb.png");
/** No thread of the addon decodes it. */
const tiff = fixture("images/tiff-rgb.tiff");
const cut = readFileSync(fixture("broken/cut.png"));

async function prepare(images: readonly ImageInput[], more: object = {}) {
  const memory = new Uint8Array(images.length * slotBytes);
  const indices = images.map((_, row) => 100 + row);
  const request = {
    images: images.map((image) => requireImage(image, undefined)),
    indices,
    sources: images.map(imageLabel),
    ...more,
  };
  const failed = await prepareImages(plan, request, memory);
  const rows = images.map((_, row) =>
    sha256(memory.subarray(row * slotBytes, (row + 1) * slotBytes)),
  );
  return { failed, rows };
}

test("the last image of a batch is done when the last one is, whichever is told of last", () => {
  const times = imageTimes();
  const since = (milliseconds: number) => [0, 0, 0, 0, 0, milliseconds, 0, 0] as const;
  addNativeTimes(times, since(0));
  const { finishedAt } = times;
  addNativeTimes(times, since(1e6));
  assert.equal(times.finishedAt, finishedAt);
});

describe("an error of a batch", () => {
  test("names the source that was given for its image", async () => {
    const sources = [png, "shard.tar, key 7", "buffer"];
    const { failed } = await prepare([png, cut, cut], { sources });
    assert.deepEqual(
      failed.map(({ row, error }) => [row, error.index, error.source, error.code]),
      [
        [1, 101, "shard.tar, key 7", "TRUNCATED_IMAGE"],
        [2, 102, "buffer", "TRUNCATED_IMAGE"],
      ],
    );
    assert.match(failed[0]?.error.message ?? "", /"shard\.tar, key 7": the file is truncated/);
  });

  test("names the source of what is no image, too", () => {
    const source = "table.parquet, row 3";
    for (const image of [5, { data: 5 }, { path: 5 }, { path: "a.tar", offset: -1, length: 1 }])
      assert.throws(() => requireImage(image, 0, source), { code: "INVALID_IMAGE", source });
    const range = { path: "a.tar", offset: -1, length: 1 };
    assert.throws(() => requireImage(range, 0), { code: "INVALID_IMAGE", source: "a.tar" });
  });
});

describe("where the addon has no memory, or no thread, it is OUT_OF_MEMORY of", () => {
  const lacking = () => {
    throw Object.assign(new Error("there is not enough memory"), { code: "ENOMEM" });
  };
  const expected = { name: "PixtokError", code: "OUT_OF_MEMORY" };

  test("images that are prepared", async () => {
    const engine = mock.method(runtime(), "engine", lacking);
    try {
      await assert.rejects(prepare([png]), expected);
    } finally {
      engine.mock.restore();
    }
  });

  test("rows that are mixed", async () => {
    const { addon } = runtime();
    Object.assign(runtime(), { addon: { mixRows: lacking } });
    const labels = { column: "label", classes: 2 };
    const { config } = processorCore({ resize: { width: 1, height: 1 } });
    const context = { seed: 0, epoch: 0, indices: [0, 1] };
    try {
      const mixing = mixRows(
        { mixUp: 1, cutMix: null, labels },
        config,
        new Uint8Array(24),
        context,
      );
      await assert.rejects(mixing, expected);
    } finally {
      Object.assign(runtime(), { addon });
    }
  });
});

describe("each image that no thread of the addon decodes", () => {
  const region = (left: number) => ({
    crop: [left, 0, 5, 5] as const,
    box: null,
    window: null,
    fill: [0, 0, 0] as const,
    flip: false,
    operations: [],
  });

  test("gets its own region", async () => {
    const regions = [region(0), region(9), region(4)];
    const together = await prepare([tiff, tiff, tiff], { regions });
    const apart = await Promise.all(
      regions.map(async (each) => (await prepare([tiff], { regions: [each] })).rows[0]),
    );
    assert.deepEqual(together.rows, apart);
    assert.equal(new Set(apart).size, 3);
  });

  test("goes to its own slot, behind the first one", async () => {
    const images = [tiff, png].map((image) => requireImage(image, undefined));
    const memory = new Uint8Array(3 * slotBytes);
    const request = { images, indices: [0, 1], sources: ["a", "b"], firstSlot: 1 };
    assert.deepEqual(await prepareImages(plan, request, memory), []);
    const slots = [0, 1, 2].map((slot) => memory.subarray(slot * slotBytes).slice(0, slotBytes));
    const { rows } = await prepare([tiff, png]);
    assert.deepEqual(slots.map(sha256), [sha256(new Uint8Array(slotBytes)), ...rows]);
  });

  test("is named where it does not fit", async () => {
    const { failed } = await prepare([tiff, tiff], { regions: [null, region(1e4)] });
    assert.deepEqual(
      failed.map(({ row, error }) => [row, error.index, error.code]),
      [[1, 101, "DOES_NOT_FIT"]],
    );
  });
});

test("many images that wait for a decoder print no warning", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on("warning", listen);
  const { failed } = await prepare(Array.from({ length: 40 }, () => tiff));
  await setImmediate();
  process.off("warning", listen);
  assert.deepEqual([failed, warnings], [[], []]);
});

test("nothing listens to a signal any more when its images are prepared", async () => {
  const { signal } = new AbortController();
  const request = { images: [png, tiff], indices: [0, 1], sources: ["a", "b"] };
  await prepareImages(plan, request, new Uint8Array(2 * slotBytes), { signal });
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});

describe("an EXIF orientation that cannot be read", () => {
  test("leaves the image upright, and the batch goes on", async () => {
    const file = readFileSync(png);
    const exif = Buffer.concat([Buffer.from("eXIf"), Buffer.from("no TIFF structure")]);
    const chunk = Buffer.alloc(exif.length + 8);
    chunk.writeUInt32BE(exif.length - 4, 0);
    exif.copy(chunk, 4);
    const { crc32 } = await import("node:zlib");
    chunk.writeUInt32BE(crc32(exif), 4 + exif.length);
    const odd = Buffer.concat([file.subarray(0, 33), chunk, file.subarray(33)]);
    const { failed, rows } = await prepare([png, odd, png]);
    assert.deepEqual(failed, []);
    assert.equal(rows[1], rows[0]);
  });
});

describe("maxPixels", () => {
  const images = [
    "png-rgb.png",
    "gif-still.gif",
    "tiff-rgb.tiff",
    "tiff-jpeg.tiff",
    "webp-lossy.webp",
    "avif-444.avif",
  ];
  for (const name of images) {
    test(`${name}: its own size is read, one pixel less is TOO_MANY_PIXELS`, async () => {
      const path = fixture(`images/${name}`);
      const { default: sharp } = await import("sharp");
      const { width, height } = await sharp(path).metadata();
      const limited = (maxPixels: number) => new ImageProcessor({ maxPixels }).process(path);
      await limited(width * height);
      await assert.rejects(limited(width * height - 1), { code: "TOO_MANY_PIXELS" });
    });
  }
});
