// What a loader's batch has of images that are taken apart, beside what process() gives.

import assert from "node:assert/strict";
import {
  type ImageInput,
  type ImageProcessor,
  isVisionProcessor,
  type PretrainedProcessorOptions,
  type Tensor,
  type VisionProcessor,
} from "pixtok";
import { sha256 } from "./fixtures.js";
import { load } from "./processor-folders.js";

/** Small ones of each way to put images together. */
export const visionConfigs = {
  "patches of several frames": {
    image_processor_type: "MuseGlimmerImageProcessor",
    patch_size: 4,
    max_image_tokens: 64,
  },
  patches: {
    image_processor_type: "Qwen2VLImageProcessor",
    patch_size: 4,
    merge_size: 2,
    size: { shortest_edge: 1024, longest_edge: 4096 },
  },
  "images filled up to the largest": {
    image_processor_type: "PixtralImageProcessor",
    patch_size: 4,
    size: { longest_edge: 48 },
  },
  "images filled up, and a mask of their pixels": {
    image_processor_type: "Idefics2ImageProcessor",
    size: { shortest_edge: 16, longest_edge: 40 },
    do_image_splitting: false,
  },
  "tiles of lists": {
    image_processor_type: "Idefics3ImageProcessor",
    size: { longest_edge: 56 },
    max_image_size: { longest_edge: 28 },
  },
  "tiles of canvases": {
    image_processor_type: "MllamaImageProcessor",
    size: { height: 28, width: 28 },
  },
  "patches filled up": {
    image_processor_type: "Siglip2ImageProcessor",
    patch_size: 8,
    max_num_patches: 16,
  },
  "patches side by side": {
    image_processor_type: "MiniCPMV4_6ImageProcessor",
    scale_resolution: 32,
    patch_size: 4,
    max_slice_nums: 4,
  },
  "tiles filled up": {
    image_processor_type: "LlavaOnevisionImageProcessor",
    size: { height: 28, width: 28 },
    image_grid_pinpoints: [
      [28, 56],
      [56, 28],
      [56, 56],
    ],
  },
} as const;

export async function loadVision(
  keys: Record<string, unknown>,
  options: PretrainedProcessorOptions = {},
): Promise<VisionProcessor> {
  return vision(await load(keys, options));
}

export function vision(processor: ImageProcessor): VisionProcessor {
  assert.ok(isVisionProcessor(processor));
  return processor;
}

/** Outputs by name, with a digest of their numbers. */
export type Described = Record<string, unknown>;

export function described(outputs: object): Described {
  const entries = Object.entries(outputs as Record<string, Tensor | number[][]>);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      Array.isArray(value)
        ? value
        : { shape: value.dims, dtype: value.type, sha256: sha256(value.data) },
    ]),
  );
}

const ofRows = new Set([
  ...["columns", "indices", "keys", "texts", "dropped", "replaced", "fields", "paddingShare"],
  ...["input_ids", "attention_mask", "num_images", "release", "transfer"],
]);

/** What a batch has of its images. */
export function imagesOf(batch: object): Described {
  const entries = Object.entries(batch).filter(([name]) => !ofRows.has(name));
  return described(Object.fromEntries(entries));
}

/** What process() gives for the images of rows; nothing where there are none. */
export async function expectedOf(
  processor: ImageProcessor,
  rows: readonly (readonly ImageInput[])[],
): Promise<Described> {
  return rows.every(({ length }) => length === 0) ? {} : described(await processor.process(rows));
}
