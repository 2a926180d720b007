// Images that declare how they are to be turned, in EXIF data, XMP data or by their format. Expected
// values: ImageOps.exif_transpose, by test/goldens/make_damaged.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ImageProcessor } from "pixtok";
import { imageSize } from "../../src/image/image-size.js";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";

interface Turned {
  name: string;
  width: number;
  height: number;
  rgb: string;
  at: number;
  bytes: number;
}

const cases = readJsonLines<Turned>(fixture("damaged/turned.jsonl"));
const files = readFileSync(fixture("damaged/turned.bin"));

describe("with exifOrientation, an image is turned as Pillow turns it", () => {
  for (const { name, width, height, rgb, at, bytes } of cases) {
    test(name, async () => {
      const processor = new ImageProcessor({
        resize: null,
        centerCrop: { width, height },
        type: "uint8",
        layout: "hwc",
        exifOrientation: true,
      });
      const { pixel_values } = await processor.process(files.subarray(at, at + bytes));
      assert.equal(sha256(pixel_values.data), rgb);
    });
  }
});

test("with exifOrientation, the size of an image is that of the turned one, wherever its file says so", async () => {
  const reading = { maxPixels: 1000, exifOrientation: true };
  for (const { name, width, height, at, bytes } of cases) {
    const size = await imageSize(files.subarray(at, at + bytes), 0, reading);
    assert.deepEqual(size, { width, height }, name);
  }
});

test("without it, the size is the stored one, but of TIFF, which Pillow turns when it opens it", async () => {
  const reading = { maxPixels: 1000, exifOrientation: false };
  for (const { name, width, height, at, bytes } of cases) {
    const size = await imageSize(files.subarray(at, at + bytes), 0, reading);
    const stored = { width: Math.max(width, height), height: Math.min(width, height) };
    assert.deepEqual(size, name.startsWith("tiff") ? { width, height } : stored, name);
  }
});
