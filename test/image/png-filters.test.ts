// Rows of PNG files by their filters, as Pillow undoes them (test/goldens/make_png_filters.py): by what reads damaged and
// unusual files, and by what reads the others.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor } from "pixtok";
import { readPngHead } from "../../src/image/decode/png/png-chunks.js";
import { decodePng } from "../../src/image/decode/png/png-pixels.js";
import { fixture, readJsonLines } from "../support/fixtures.js";

interface Case {
  readonly what: string;
  readonly filters: readonly number[];
  readonly file: string;
  readonly rgb: string;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("pixels of a PNG file are Pillow's", () => {
  for (const { what, filters, file, rgb } of readJsonLines<Case>(
    fixture("goldens/png-filters.jsonl"),
  )) {
    test(`${what}, with rows of the filters ${filters.join(" ")}`, async () => {
      const bytes = Buffer.from(file, "base64");
      const head = readPngHead(bytes);
      const { width, height } = head;
      assert.equal(hex((await decodePng(bytes, head)).data), rgb);
      const whole = new ImageProcessor({ resize: { width, height }, type: "uint8", layout: "hwc" });
      assert.equal(hex((await whole.process(bytes)).pixel_values.data as Uint8Array), rgb);
    });
  }
});
