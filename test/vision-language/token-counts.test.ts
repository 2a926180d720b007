// How many tokens stand for an image, as LlavaOnevisionProcessor of transformers 5.24 counts them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { boundedResolution } from "../../src/vision-language/classes/token-counts.js";

/** An image of a row of so many, on a canvas of tiles of 14 pixels. */
const image = (width: number, height: number, down: number, across: number, count = 1) => ({
  ...{ size: { width, height }, count, units: 1 + down * across },
  ...{ unit: { width: 14, height: 14 }, facts: { canvas: [14 * down, 14 * across] } },
});

test("patches of an image are bounded by those of nine tiles, from a tenth more on", () => {
  const tokensOf = boundedResolution(16, 9, false);
  for (const [width, height, down, across, tokens] of [
    [100, 100, 3, 3, 172],
    [97, 61, 2, 3, 120],
    [100, 160, 4, 3, 192],
    [100, 151, 4, 3, 192],
    [100, 130, 4, 3, 159],
    [300, 200, 3, 4, 186],
    [320, 300, 5, 6, 159],
  ] as const) {
    assert.equal(tokensOf(image(width, height, down, across)), tokens, `${width} x ${height}`);
  }
});

test("of several images in a row the whole of each counts", () => {
  for (const count of [2, 3]) {
    assert.equal(boundedResolution(16, 9, false)(image(320, 300, 5, 6, count)), 17);
    assert.equal(boundedResolution(16, 9, true)(image(320, 300, 5, 6, count)), 16);
  }
});
