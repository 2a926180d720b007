// Batches of which some images are not decoded by the native threads.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, mock, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { ImageProcessor } from "pixtok";
import { prepareImages } from "../../src/image/image-batch.js";
import { type ImageInput, imageLabel, requireImage } from "../../src/image/image-input.js";
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
    assert.throws(() => requireImage(5, 0, "table.parquet, row 3"), {
      code: "INVALID_IMAGE",
      source: "table.parquet, row 3",
    });
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

test("each image that sharp decodes gets its own region", async () => {
  const region = (left: number) => ({
    crop: [left, 0, 5, 5] as const,
    box: null,
    window: null,
    fill: [0, 0, 0] as const,
    flip: false,
    operations: [],
  });
  const regions = [region(0), region(9), region(4)];
  const together = await prepare([png, png, png], { regions });
  const apart = await Promise.all(
    regions.map(async (each) => (await prepare([png], { regions: [each] })).rows[0]),
  );
  assert.deepEqual(together.rows, apart);
  assert.equal(new Set(apart).size, 3);
});

test("many images that wait for a decoder print no warning", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on("warning", listen);
  const { failed } = await prepare(Array.from({ length: 40 }, () => png));
  await setImmediate();
  process.off("warning", listen);
  assert.deepEqual([failed, warnings], [[], []]);
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
