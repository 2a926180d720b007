// What is said of a file that no thread of the addon decodes, and that cannot be decoded.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { decodeImage } from "../../src/image/decode/decode-image.js";
import { requireSize } from "../../src/image/decode/image-fault.js";
import { foreignFormat } from "../../src/image/decode/unsupported-format.js";
import { MAX_SIDE } from "../../src/image/image-side.js";
import { fixture } from "../support/fixtures.js";

const decode = (file: Uint8Array, maxPixels = 1e6) =>
  decodeImage(file, { maxPixels, exifOrientation: false, alpha: "drop", index: undefined });

const image = (name: string) => readFileSync(fixture(`images/${name}`));

describe("of a file that ends early it is said that it is truncated:", () => {
  for (const [name, bytes] of [
    ["tiff-rgb.tiff", 6],
    ["avif-444.avif", 100],
    ["jpeg-420.jpg", -100],
    ["webp-lossy.webp", -100],
    ["png-rgb.png", -100],
  ] as const) {
    test(name, async () => {
      const cut = image(name).subarray(0, bytes);
      await assert.rejects(decode(cut), { code: "TRUNCATED_IMAGE" });
    });
  }
});

test("of a WebP file that is whole, and not what it should be, it is said that it is corrupt", async () => {
  const file = image("webp-lossy.webp");
  file.fill(0xff, file.indexOf("VP8 ") + 18);
  for (const one of [file, Buffer.concat([file, Buffer.alloc(10)])])
    await assert.rejects(decode(one), { code: "CORRUPT_IMAGE" });
});

test("a file of more pixels than are allowed is too large, not corrupt", async () => {
  for (const name of [
    "jpeg-420.jpg",
    "webp-lossy.webp",
    "png-rgb.png",
    "tiff-rgb.tiff",
    "avif-444.avif",
  ])
    await assert.rejects(decode(image(name), 10), { code: "TOO_MANY_PIXELS" }, name);
});

test("a text is named by what it is, also behind a byte order mark", () => {
  for (const [text, what] of [
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG file"],
    ["<!DOCTYPE html><title>404</title>", "a web page, not an image"],
    ['<?xml version="1.0"?><a/>', "an XML file"],
  ] as const)
    for (const mark of ["", "\ufeff"])
      assert.equal(foreignFormat(Buffer.from(`${mark}${text}`)), what);
});

test("an image may have sides as long as any, and as many pixels as are allowed", () => {
  requireSize(MAX_SIDE, 2, 2 * MAX_SIDE);
  assert.throws(() => requireSize(2, MAX_SIDE + 1, 1e9), { code: "UNSUPPORTED_FORMAT" });
  assert.throws(() => requireSize(2, 3, 5), { code: "TOO_MANY_PIXELS" });
});
