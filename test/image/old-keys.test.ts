// Keys that only old files have. Expected values: what transformers 5.24 makes of such files.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  detectorKeys,
  maskFormerKeys,
  owlVitKeys,
  swin2srKeys,
} from "../../src/image/pretrained/old-keys.js";
import type { ProcessorClass } from "../../src/image/pretrained/processor-class.js";
import { visionClasses } from "../../src/image/pretrained/vision/vision-classes.js";

test("a detector's size has a longest edge of 1333, or what max_size says, or none", () => {
  assert.deepEqual(detectorKeys({}).size, { shortest_edge: 800, longest_edge: 1333 });
  assert.deepEqual(detectorKeys({ size: 300 }).size, { shortest_edge: 300, longest_edge: 1333 });
  const limited = detectorKeys({ size: 300, max_size: 400 });
  assert.deepEqual(limited, { size: { shortest_edge: 300, longest_edge: 400 } });
  assert.deepEqual(detectorKeys({ size: 300, max_size: null }).size, { shortest_edge: 300 });
  const size = { height: 9, width: 7 };
  assert.deepEqual(detectorKeys({ size, max_size: 400 }), { size });
});

test("a detector pads as pad_and_return_pixel_mask says, but for what do_pad does", () => {
  assert.equal(detectorKeys({ pad_and_return_pixel_mask: false }).do_pad, false);
  assert.equal(detectorKeys({ pad_and_return_pixel_mask: false, do_pad: true }).do_pad, true);
  assert.ok(!("do_pad" in detectorKeys({})));
  assert.deepEqual(detectorKeys({ size: 300, max_size: 400, pad_and_return_pixel_mask: false }), {
    ...{ do_pad: false, size: { shortest_edge: 300, longest_edge: 400 } },
  });
});

test("a segmenter's max_size is its longest edge, of the size that it has without another, too", () => {
  assert.deepEqual(maskFormerKeys({}), { size: { shortest_edge: 800, longest_edge: 1333 } });
  assert.deepEqual(maskFormerKeys({ max_size: 900 }).size, {
    shortest_edge: 800,
    longest_edge: 900,
  });
  assert.deepEqual(maskFormerKeys({ size: 300, max_size: 900 }), {
    size: { shortest_edge: 300, longest_edge: 900 },
  });
  assert.deepEqual(maskFormerKeys({ size: 300 }).size, { shortest_edge: 300 });
});

test("rescale is do_rescale of OWL-ViT, and pad_size the divisor of Swin2SR", () => {
  assert.deepEqual(owlVitKeys({ rescale: false, size: 9 }), { do_rescale: false, size: 9 });
  assert.deepEqual(owlVitKeys({ size: 9 }), { size: 9 });
  assert.deepEqual(swin2srKeys({ pad_size: 4, do_pad: true }), { size_divisor: 4, do_pad: true });
  assert.deepEqual(swin2srKeys({ pad_size: null }), {});
});

test("min_pixels and max_pixels are edges of Qwen2VL's size, beside that of the file", () => {
  const { oldKeys } = visionClasses.Qwen2VL as ProcessorClass;
  const size = { shortest_edge: 64, longest_edge: 4096 };
  assert.deepEqual(oldKeys({ size, min_pixels: 128 }).size, { ...size, shortest_edge: 128 });
  assert.deepEqual(oldKeys({ size, max_pixels: 2048 }).size, { ...size, longest_edge: 2048 });
  assert.deepEqual(oldKeys({ min_pixels: 128 }).size, {
    shortest_edge: 128,
    longest_edge: 28 * 28 * 1280,
  });
  assert.deepEqual(oldKeys({ size, patch_size: 7 }), { size, patch_size: 7 });
});
