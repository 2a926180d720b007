// Sizes and grids of classes that take images apart, at the limits where their rules begin and end: as transformers has them.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  patchBudgetSize,
  patchedSize,
  smartSize,
  tokenGridSize,
} from "../../src/image/pretrained/vision/target-size.js";
import { closestGrid } from "../../src/image/pretrained/vision/tile-grid.js";
import { drawnImage } from "../support/drawn-image.js";
import { load } from "../support/processor-folders.js";

test("Qwen2VL takes images that are 200 times as long as wide, and no longer ones", () => {
  const budget = { least: 1, most: 1e6 };
  assert.deepEqual(smartSize({ width: 2000, height: 10 }, 8, budget), { width: 2000, height: 8 });
  assert.throws(() => smartSize({ width: 2001, height: 10 }, 8, budget), { code: "DOES_NOT_FIT" });
});

test("Gemma4 makes a line of pixels as long as its tokens reach", () => {
  const sizeOf = (width: number, height: number) =>
    patchBudgetSize({ width, height }, 16, 280 * 9, 3);
  assert.deepEqual(sizeOf(10_000, 1), { width: 280 * 48, height: 48 });
  assert.deepEqual(sizeOf(1, 10_000), { width: 48, height: 280 * 48 });
});

test("Pixtral cuts off what is less than a pixel before sides go up to whole patches", () => {
  const limit = { width: 64, height: 64 };
  const sizeOf = (width: number, height: number) =>
    patchedSize({ width, height }, limit, { width: 4, height: 4 });
  assert.deepEqual(sizeOf(65, 5), { width: 64, height: 4 });
  assert.deepEqual(sizeOf(65, 9), { width: 64, height: 8 });
});

test("MuseGlimmer takes the first of the grids that are as close to the image's aspect", () => {
  const sizeOf = (width: number, height: number) => tokenGridSize({ width, height }, 8, 4);
  assert.deepEqual(sizeOf(6, 9), { width: 8, height: 8 });
  assert.deepEqual(sizeOf(8, 20), { width: 8, height: 24 });
  assert.deepEqual(sizeOf(9, 9), { width: 8, height: 8 });
});

test("of grids as close the later one is taken that the image fills by half", () => {
  const tile = { width: 10, height: 10 };
  const grids = [1, 2, 3].map((side) => ({ across: side, down: side }));
  const sideOf = (side: number) => closestGrid({ width: side, height: side }, tile, grids).across;
  assert.deepEqual([9, 14, 15, 21, 22].map(sideOf), [1, 1, 2, 2, 3]);
  // 144 pixels are half of four tiles, and not more
  const square = { width: 12, height: 12 };
  assert.equal(closestGrid(square, { width: 8, height: 9 }, grids).across, 1);
});

test("Gemma3 cuts images from its ratio on", async () => {
  const gemma3 = await load({
    ...{ image_processor_type: "Gemma3ImageProcessor", size: { height: 8, width: 8 } },
    ...{ do_pan_and_scan: true, pan_and_scan_min_crop_size: 1, pan_and_scan_max_num_crops: 4 },
    pan_and_scan_min_ratio_to_activate: 2,
  });
  const { num_crops } = await gemma3.process([drawnImage(20, 10), drawnImage(19, 10)]);
  assert.deepEqual(num_crops?.data, BigInt64Array.of(2n, 0n));
});

test("GraniteDocling has no more than 16 tiles in a row", async () => {
  const granite = await load({
    ...{ image_processor_type: "GraniteDoclingImageProcessor", size: { height: 4, width: 4 } },
    ...{ crop_to_patches: true, min_patches: 1, max_patches: 20, dense_max_patches: 0 },
  });
  const { cols } = await granite.process([drawnImage(64, 4), drawnImage(80, 4)]);
  assert.deepEqual(cols, [[16, 16]]);
});

test("Lfm2Vl has rows of as many patches as a tile or the whole image may have", async () => {
  const keys = {
    ...{ image_processor_type: "Lfm2VlImageProcessor", encoder_patch_size: 2 },
    ...{ downsample_factor: 1, min_image_tokens: 1, max_image_tokens: 4, tile_size: 8 },
    ...{ min_tiles: 2, max_tiles: 2 },
  };
  const rowOf = async (more: object) =>
    (await (await load({ ...keys, ...more })).process(drawnImage(9, 9))).pixel_values.dims[1];
  assert.deepEqual(
    await Promise.all([{}, { max_image_tokens: 20 }, { do_image_splitting: false }].map(rowOf)),
    [16, 20, 4],
  );
});
