// An original as a page shows it, decoded as its processor does.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ImageProcessor, type ImageProcessorOptions, type RawPixels } from "pixtok";
import sharp from "sharp";
import { requireImage } from "../../src/image/image-input.js";
import { originalImage } from "../../src/show/original-image.js";
import { fixture } from "../support/fixtures.js";

const origin = { index: 5, source: "the fifth" };

function shown(
  image: string | Uint8Array | RawPixels,
  options: ImageProcessorOptions = {},
  signal = new AbortController().signal,
) {
  const { config } = new ImageProcessor(options);
  return originalImage(requireImage(image, 0), origin, config, signal);
}

describe("an original", () => {
  test("has the pixels that it has, whatever is made of them", async () => {
    const data = Uint8Array.from({ length: 3 * 7 * 5 }, (_, i) => (i * 37) % 256);
    const { pixels } = await shown({ data, width: 7, height: 5, channels: 3 });
    assert.deepEqual([...pixels.data], [...data]);
  });

  test("says what its file is", async () => {
    const path = fixture("images/png-rgb.png");
    const file = readFileSync(path);
    for (const image of [path, file]) {
      const { format, bytes } = await shown(image);
      assert.deepEqual([format, bytes], ["png", file.length]);
    }
  });

  test("is turned by its EXIF data where the processor does so", async () => {
    const path = fixture("images/jpeg-orientation-6.jpg");
    const { width, height } = await sharp(path).metadata();
    assert.notEqual(width, height);
    const [plain, turned] = [await shown(path), await shown(path, { exifOrientation: true })];
    assert.deepEqual(plain.size, { width, height });
    assert.deepEqual(turned.size, { width: height, height: width });
    const upright = await sharp(path).rotate().removeAlpha().raw().toBuffer();
    assert.deepEqual([...turned.pixels.data], [...upright]);
  });

  test("is put on white where the processor does so", async () => {
    const half = { create: { width: 1, height: 1, channels: 4, background: "#00000000" } } as const;
    const file = await sharp(half).png().toBuffer();
    assert.deepEqual([...(await shown(file)).pixels.data], [0, 0, 0]);
    assert.deepEqual([...(await shown(file, { alpha: "white" })).pixels.data], [255, 255, 255]);
  });

  test("that the processor refuses is refused, by its name", async () => {
    const path = fixture("images/jpeg-7x5.jpg");
    await assert.rejects(shown(path, { maxPixels: 34 }), { code: "TOO_MANY_PIXELS", index: 5 });
    await shown(path, { maxPixels: 35 });
    await assert.rejects(shown("none.jpg"), { code: "FILE_NOT_FOUND", index: 5 });
    const cut = readFileSync(fixture("images/jpeg-500x375.jpg")).subarray(0, 9000);
    await assert.rejects(shown(cut), { code: "TRUNCATED_IMAGE", ...origin });
  });

  test("is not decoded once its signal is aborted", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(shown(fixture("images/jpeg-7x5.jpg"), {}, signal), /enough/);
  });
});
