// Which crops a packed set can give of what was stored: those that are the same pixels as of the original image.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor, type ImageProcessorOptions } from "pixtok";
import { readyProcessor } from "../../src/sources/packed/pack-match.js";
import { drawnImage } from "../support/drawn-image.js";

type Options = Pick<ImageProcessorOptions, "resize" | "centerCrop" | "convention">;

const bytes = { type: "uint8", layout: "hwc" } as const;
const image = drawnImage(37, 24);

/** What a set of these images gives with another crop; it throws where it gives none. */
async function ofPack(stored: Options, asked: Options): Promise<Uint8Array> {
  const processor = new ImageProcessor({ ...stored, ...bytes });
  const { pixel_values: kept } = await processor.process(image);
  const [, height = 0, width = 0] = kept.dims;
  const pack = { processor: processor.config, size: { width, height } };
  const wanted = new ImageProcessor({ ...asked, ...bytes }).config;
  const { rescaleOffset, lastStd, ...ready } = readyProcessor("folder", pack, wanted);
  const { pixel_values } = await new ImageProcessor(ready as ImageProcessorOptions).process({
    data: kept.data as Uint8Array,
    ...{ width, height, channels: 3 },
  });
  return pixel_values.data as Uint8Array;
}

const side = (size: number) => ({ width: size, height: size });
const wide = { resize: { width: 22, height: 13 } };
const short = { resize: { shortestEdge: 13 } };

describe("a crop of what was stored", () => {
  for (const [what, resized, stored, asked, convention] of [
    ["of a whole image", wide, null, side(8), "torchvision"],
    ["less by four", wide, side(12), side(8), "torchvision"],
    ["less by eight", wide, side(12), side(4), "torchvision"],
    ["less by four, of the shorter edge", short, side(13), side(9), "torchvision"],
    ["less by two", wide, side(12), side(10), "huggingface"],
    ["less by two, of the shorter edge", short, side(13), side(11), "huggingface"],
    ["less by four across and none down", wide, side(12), { width: 8, height: 12 }, "torchvision"],
    ["that is the same", wide, side(11), side(11), "torchvision"],
  ] as const) {
    test(`is that of the original image (${what})`, async () => {
      const pack: Options = { ...resized, centerCrop: stored, convention };
      const wanted: Options = { ...resized, centerCrop: asked, convention };
      const original = new ImageProcessor({ ...wanted, ...bytes });
      const { pixel_values: expected } = await original.process(image);
      assert.deepEqual(await ofPack(pack, wanted), expected.data);
    });
  }

  for (const [what, resized, stored, asked, convention] of [
    ["less by two, which is rounded to even", wide, side(12), side(10), "torchvision"],
    ["less by one", wide, side(12), side(11), "huggingface"],
    ["less by two across and one down", wide, side(12), { width: 10, height: 11 }, "huggingface"],
    ["larger", wide, side(8), side(12), "torchvision"],
    ["larger down", wide, side(8), { width: 8, height: 12 }, "torchvision"],
    ["none", wide, side(8), null, "torchvision"],
    ["of a stored one beyond its height", wide, side(14), side(10), "torchvision"],
    ["of a stored one beyond its shorter edge", short, side(14), side(10), "torchvision"],
    [
      "of a stored one beyond its width",
      { resize: { width: 13, height: 22 } },
      side(14),
      side(10),
      "torchvision",
    ],
    [
      "of images by their longer edge",
      { resize: { longestEdge: 20 } },
      side(8),
      side(4),
      "torchvision",
    ],
    [
      "of images by their shorter edge that the longer one bounds",
      { resize: { shortestEdge: 13, longestEdge: 14 } },
      side(12),
      side(8),
      "torchvision",
    ],
    ["of images as they were", { resize: null }, side(8), side(4), "torchvision"],
  ] as const) {
    test(`is refused (${what})`, async () => {
      const pack: Options = { ...resized, centerCrop: stored, convention };
      const wanted: Options = { ...resized, centerCrop: asked, convention };
      await assert.rejects(ofPack(pack, wanted), {
        code: "PACK_MISMATCH",
        message: /image\.centerCrop.* in the pack, and .* is asked for/,
      });
    });
  }
});
