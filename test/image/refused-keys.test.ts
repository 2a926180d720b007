// Keys of a processor's file by which its class would do what is not matched: each is refused when the file is read,
// with the key and what is expected.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../support/processor-folders.js";

const square = { size: { height: 28, width: 28 } };
const oblong = { size: { height: 28, width: 27 } };

/** By class, without "ImageProcessor". */
const REFUSED: readonly [string, Record<string, unknown>, string][] = [
  ["Detr", { do_center_crop: true }, "do_center_crop: expected false, got true"],
  ["Detr", { size: { shortest_edge: 8 } }, "size: expected shortest_edge with longest_edge"],
  ["Yolos", { size: { shortest_edge: 8 } }, "size: expected shortest_edge with longest_edge"],
  ["MaskFormer", { size: { shortest_edge: 8 } }, "size: expected shortest_edge with longest_edge"],
  ["Vilt", { size: { height: 8, width: 8 } }, "size: expected { shortest_edge }"],
  ["BridgeTower", { crop_size: 8 }, "crop_size: expected { shortest_edge }, got 8"],
  [
    "Levit",
    { size: { max_height: 8, max_width: 8 } },
    "size: expected shortest_edge, or height and",
  ],
  ["Perceiver", { do_resize: false }, "do_resize: expected true, got false"],
  [
    "Perceiver",
    { size: { height: 9, width: 8 }, crop_size: { height: 8, width: 8 } },
    "crop_size: expected no less than size",
  ],
  [
    "Perceiver",
    { size: { height: 8, width: 9 }, crop_size: { height: 8, width: 8 } },
    "crop_size: expected no less than size",
  ],
  ["Sam", { do_center_crop: true }, "do_center_crop: expected false, got true"],
  ["Sam", { size: { shortest_edge: 8 } }, "size: expected { longest_edge }"],
  [
    "Eomt",
    { do_pad: true, size: { height: 8, width: 8 } },
    "size: expected shortest_edge where do_pad",
  ],
  ["Donut", { do_thumbnail: false }, "do_thumbnail: expected true, got false"],
  ["Donut", { do_pad: false }, "do_pad: expected true, got false"],
  ["Donut", { do_center_crop: true }, "do_center_crop: expected false, got true"],
  ["Donut", { resample: 0 }, "resample: expected 1 to 5, got 0"],
  ["DPT", { do_center_crop: true }, "do_center_crop: expected false, got true"],
  ["CHMv2", { do_center_crop: true }, "do_center_crop: expected false, got true"],
  ["DepthPro", { do_rescale: false }, "do_rescale: expected true, got false"],
  ["RfDetr", { resample: 3 }, "resample: expected 2, all that is matched, got 3"],
  ["ZoeDepth", { resample: 3 }, "resample: expected 2, all that is matched, got 3"],
  ["DINOv3ViT", { do_center_crop: true }, "do_center_crop: expected false, got true"],
  ["DINOv3ViT", { resample: 1 }, "resample: expected 0, 2 or 3, all that is matched, got 1"],
  ["Owlv2", { do_pad: false }, "do_pad: expected true, all that is matched, got false"],
  ["Owlv2", { do_resize: false }, "do_resize: expected true, all that is matched, got false"],
  ["Owlv2", { size: { height: 1, width: 8 } }, "size: expected sides of 2 or more"],
  ["Owlv2", { size: { height: 8, width: 1 } }, "size: expected sides of 2 or more"],
  [
    "Kimi_K25",
    { size: { max_height: 8, max_width: 9 } },
    "size: expected max_height and max_width",
  ],
  ["Pixtral", { do_center_crop: true }, "do_center_crop: expected false, got true"],
  ["Emu3", { min_pixels: "9", max_pixels: 10 }, "size: expected { min_pixels, max_pixels }"],
  ["Emu3", { min_pixels: 0, max_pixels: 10 }, "size: expected { min_pixels, max_pixels }"],
  ["Emu3", { min_pixels: 9, max_pixels: 0 }, "size: expected { min_pixels, max_pixels }"],
  ["Fuyu", { padding_value: 0.5 }, "padding_value: expected an integer from 0 to 255, all that is"],
  ["Fuyu", { padding_value: 256 }, "padding_value: expected an integer from 0 to 255, all that is"],
  ["Fuyu", { padding_value: -1 }, "padding_value: expected an integer from 0 to 255, all that is"],
  ["Janus", oblong, "size: expected a square"],
  ["Idefics2", { size: { longest_edge: 9 } }, "size: expected"],
  ["Idefics3", { max_image_size: 9 }, "max_image_size: expected { longest_edge }, got 9"],
  ["Aria", { max_image_size: 491 }, "max_image_size: expected 490 or 980, got 491"],
  ["Mllama", { ...square, do_resize: false }, "do_resize: expected true, got false"],
  ["Mllama", { ...square, do_pad: false }, "do_pad: expected true, got false"],
  ["Mllama", oblong, "size: expected a square"],
  ["Llama4", { ...square, do_resize: false }, "do_resize: expected true, got false"],
  ["Llama4", oblong, "size: expected a square"],
  ["Ovis2", { crop_to_patches: true, do_center_crop: true }, "do_center_crop: expected false"],
  ["LlavaNext", { do_pad: false }, "do_pad: expected true, got false"],
  ["LlavaNext", { image_grid_pinpoints: [[0, 5]] }, "image_grid_pinpoints: expected a list of [h"],
  [
    "LlavaNext",
    { size: { longest_edge: 9, shortest_edge: 8 } },
    "size: expected { shortest_edge } or",
  ],
  ["Phi4Multimodal", oblong, "size: expected a square"],
  [
    "Phi4Multimodal",
    { do_rescale: false, do_normalize: false },
    "do_rescale: expected true, or do_normalize",
  ],
  ["PerceptionLM", { do_resize: false }, "do_resize: expected true, got false"],
  ["Gemma4", { max_soft_tokens: 281 }, "max_soft_tokens: expected one of 70, 140, 280"],
  ["Lfm2Vl", { tile_size: 500 }, "tile_size: expected a multiple of encoder_patch_size, got 500"],
  ["Lfm2Vl", { min_tiles: 11 }, "min_tiles: expected no more than max_tiles, got 11"],
  ["Lfm2Vl", { do_pad: false }, "do_pad: expected true, got false"],
  ["MiniCPMV4_6", { do_resize: false }, "do_resize: expected true, got false"],
  ["MiniCPMOcr", { small_image_upsize: "adaptive" }, 'small_image_upsize: expected "always" or'],
  ["Qwen2VL", { size: { height: 8, width: 8 } }, "size: expected { shortest_edge, longest_edge }"],
  [
    "Qwen2VL",
    { size: { shortest_edge: 9, longest_edge: 0 } },
    "size: expected { shortest_edge, longest_edge }",
  ],
];

for (const [name, keys, message] of REFUSED) {
  test(`${name} with ${JSON.stringify(keys)} is refused`, async () => {
    await assert.rejects(
      load({ image_processor_type: `${name}ImageProcessor`, ...keys }),
      (error) => {
        const { code, message: got } = error as Error & { code: string };
        assert.equal(code, "INVALID_PROCESSOR");
        assert.ok(got.includes(message), got);
        return true;
      },
    );
  });
}

test("numbers of pixels are taken from 1 on", async () => {
  await load({ image_processor_type: "Emu3ImageProcessor", min_pixels: 1, max_pixels: 1 });
  const size = { shortest_edge: 1, longest_edge: 1 };
  await load({ image_processor_type: "Qwen2VLImageProcessor", size });
});
