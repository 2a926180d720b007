import {
  BICUBIC,
  BILINEAR,
  crop,
  HALF,
  LANCZOS,
  OPENAI_CLIP,
  RGB,
  shortest,
  square,
} from "../class-defaults.js";
import { type ProcessorClass, processorClass } from "../processor-class.js";
import type { ProcessorKeys } from "../processor-keys.js";

const clip = { ...OPENAI_CLIP, ...BICUBIC, ...RGB };
const half = { ...HALF, ...BILINEAR };

/** `size` counts pixels there. */
const pixels = (least: number, most: number) => ({
  size: { shortest_edge: least, longest_edge: most },
  default_to_square: false,
});

/** Keys of a budget from before `size` had it. */
function budgetKeys(size: ProcessorKeys) {
  return ({ min_pixels: least = null, max_pixels: most = null, ...keys }: ProcessorKeys) => {
    if (least === null && most === null) return keys;
    const { min_pixels, max_pixels, ...own } = (keys.size ?? size) as ProcessorKeys;
    return {
      ...keys,
      size: {
        ...own,
        ...(least === null ? {} : { shortest_edge: least }),
        ...(most === null ? {} : { longest_edge: most }),
      },
    };
  };
}

function budgeted(
  models: string,
  defaults: ProcessorKeys & { readonly size: ProcessorKeys },
  rest: Parameters<typeof processorClass>[2],
): ProcessorClass {
  return processorClass(models, defaults, { ...rest, oldKeys: budgetKeys(defaults.size) });
}

const patches = { patch_size: 14, temporal_patch_size: 1, merge_size: 2 };
const qwenPixels = pixels(56 * 56, 28 * 28 * 1280);
const qwen = { ...clip, ...qwenPixels, ...patches, temporal_patch_size: 2 };
const glm = { ...qwen, ...pixels(112 * 112, 28 * 28 * 15000) };
const minimaxPixels = pixels(4 * 28 * 28, 451584);
const hunyuan = { ...clip, ...pixels(512 * 512, 2048 * 2048), ...patches, patch_size: 16 };
/** They resize so, whatever a file says. */
const bicubic = { ignored: ["spatial_patch_size"], fixed: BICUBIC };

const gemma4 = {
  image_mean: [0, 0, 0],
  image_std: [1, 1, 1],
  ...BICUBIC,
  ...RGB,
  do_normalize: false,
  patch_size: 16,
  max_soft_tokens: 280,
  pooling_kernel_size: 3,
};

const emu3Area = { min_pixels: 512 * 512, max_pixels: 1024 * 1024 };

const pinpoints = (heights: readonly number[], widths: readonly number[]) =>
  heights.flatMap((height) => widths.map((width) => [height, width]));
const sixth = [384, 768, 1152, 1536, 1920, 2304];

const idefics3 = {
  ...HALF,
  ...LANCZOS,
  ...RGB,
  size: { longest_edge: 4 * 364 },
  max_image_size: { longest_edge: 364 },
  do_image_splitting: true,
  do_pad: true,
  return_row_col_info: false,
};

const janus = {
  ...OPENAI_CLIP,
  ...BICUBIC,
  ...square(384),
  min_size: 14,
  do_pad: true,
};
/** The mean says the ground, whatever a file does. */
const ground = { ignored: ["background_color"], fixed: { do_center_crop: false } };

/** Rows and columns of 490 pixels. */
const ariaSplits = [
  ...[2, 3, 4, 5, 6, 7, 8].map((across) => [1, across]),
  ...[4, 3, 2, 1].map((across) => [2, across]),
  ...[1, 2].map((across) => [3, across]),
  ...[1, 2].map((across) => [4, across]),
  ...[5, 6, 7, 8].map((down) => [down, 1]),
].map((counts) => counts.map((count) => 490 * count));

const miniCpm = {
  ...HALF,
  ...BICUBIC,
  ...RGB,
  max_slice_nums: 9,
  scale_resolution: 448,
  patch_size: 14,
  slice_mode: true,
  downsample_mode: "16x",
  use_image_id: true,
};

/** Classes that take images apart for a language model, by name without "ImageProcessor". */
export const visionClasses: Readonly<Record<string, ProcessorClass>> = {
  Qwen2VL: budgeted(
    "qwen2_vl colqwen2 cosmos3_omni dots3_note exaone4_5 hyperclovax_vision_v2 lfm3_vl qwen2_5_omni qwen2_5_vl qwen3_5 qwen3_5_moe qwen3_omni_moe qwen3_vl qwen4_exp",
    qwen,
    { floatsOfBytes: ["pil"], geometry: "smartPatches" },
  ),
  Ernie4_5_VLMoe: processorClass(
    "ernie4_5_vl_moe",
    { ...clip, ...pixels(56 * 56, 28 * 28 * 6177), ...patches },
    { floatsOfBytes: ["pil"], geometry: "smartPatches" },
  ),
  Glm4v: processorClass("glm4v", glm, { floatsOfBytes: ["pil"], geometry: "framePatches" }),
  Glm46V: processorClass("glm46v", glm, { floatsOfBytes: ["pil"], geometry: "framePatches" }),
  Glmga: processorClass(
    "glmga",
    { ...glm, patch_expand_factor: 1 },
    { floatsOfBytes: ["pil"], geometry: "framePatches" },
  ),
  Cosmos3Edge: processorClass(
    "cosmos3_edge",
    {
      ...HALF,
      ...BICUBIC,
      ...RGB,
      ...pixels(256 * 256, 4096 * 4096),
      ...patches,
      patch_size: 16,
    },
    { floatsOfBytes: ["pil"], geometry: "framePixels", only: { temporal_patch_size: 1 } },
  ),
  Glm5Next: processorClass(
    "glm5_next",
    {
      ...clip,
      ...patches,
      temporal_patch_size: 2,
      patch_expand_factor: 1,
      min_image_tokens: 16,
      max_image_tokens: 8000,
    },
    { floatsOfBytes: ["pil"], geometry: "tokenPatches" },
  ),
  GlmImage: budgeted("glm_image", qwen, { floatsOfBytes: ["pil"], geometry: "halvedPatches" }),
  Kimi_K25: processorClass(
    "kimi_k25",
    {
      ...HALF,
      ...BICUBIC,
      ...RGB,
      size: { max_height: 512, max_width: 512 },
      max_patches: 16384,
      patch_size: 14,
      merge_size: 2,
    },
    { geometry: "shrunkPatches", onlyBackend: "torchvision" },
  ),
  MuseGlimmer: processorClass(
    "muse_glimmer muse_spark",
    { ...HALF, ...LANCZOS, ...RGB, ...patches, temporal_patch_size: 2, max_image_tokens: 4096 },
    { geometry: "aspectPatches", onlyBackend: "torchvision" },
  ),
  NeoMME: processorClass(
    "neomme",
    { ...half, ...RGB, patch_size: 32, max_side: null },
    { geometry: "limitedPixels", onlyBackend: "torchvision", fixed: { merge_size: 1 } },
  ),
  CohereCompass: budgeted("cohere_compass", qwen, {
    floatsOfBytes: ["pil"],
    geometry: "smartPatches",
  }),
  HYV4VL: budgeted("hy_v4_vl", hunyuan, {
    floatsOfBytes: ["pil"],
    geometry: "smartRows",
    ...bicubic,
  }),
  HunYuanVL: budgeted("hunyuan_vl", hunyuan, {
    floatsOfBytes: ["pil"],
    geometry: "smartRows",
    ...bicubic,
  }),
  MiniMaxM3VL: processorClass(
    "minimax_m3_vl",
    { ...qwen, ...minimaxPixels },
    {
      geometry: "smartPatches",
      onlyBackend: "torchvision",
      // its model's file has a size that the class takes for none
      oldKeys: ({ size, ...keys }) =>
        budgetKeys(minimaxPixels.size)(
          String(size) === "672,672" || size === undefined ? keys : { ...keys, size },
        ),
    },
  ),
  VideoLlama3: budgeted(
    "video_llama_3",
    { ...HALF, ...BICUBIC, ...RGB, ...qwenPixels, ...patches, merge_size: 1 },
    { floatsOfBytes: ["pil"], geometry: "mergedPatches" },
  ),
  PaddleOCRVL: budgeted(
    "paddleocr_vl",
    { ...clip, ...pixels(384 * 384, 1536 * 1536), ...patches },
    { floatsOfBytes: ["pil"], geometry: "pagePatches" },
  ),
  Siglip2: processorClass(
    "siglip2",
    { ...half, patch_size: 16, max_num_patches: 256 },
    { geometry: "siglip2" },
  ),
  Gemma4: processorClass("gemma4 embedding_gemma2", gemma4, { geometry: "gemma4" }),
  Gemma4Unified: processorClass("gemma4_unified", gemma4, {
    geometry: "gemma4Unified",
    onlyBackend: "torchvision",
  }),
  Lfm2Vl: processorClass(
    "lfm2_vl",
    {
      ...half,
      ...square(512),
      downsample_factor: 2,
      do_image_splitting: true,
      min_tiles: 2,
      max_tiles: 10,
      use_thumbnail: true,
      min_image_tokens: 64,
      max_image_tokens: 256,
      encoder_patch_size: 16,
      tile_size: 512,
      max_pixels_tolerance: 2,
      do_pad: true,
      return_row_col_info: false,
    },
    { geometry: "lfm2Vl", onlyBackend: "torchvision", ignored: ["max_num_patches"] },
  ),
  Pixtral: processorClass(
    "pixtral lighton_ocr mistral3 mistral_large4",
    {
      ...clip,
      patch_size: { height: 16, width: 16 },
      size: { longest_edge: 1024 },
      do_pad: true,
    },
    { geometry: "pixtral" },
  ),
  Apertus1p5: processorClass(
    "apertus1p5",
    {
      ...HALF,
      ...BICUBIC,
      ...RGB,
      size: { min_pixels: 128 * 128, max_pixels: 1400 * 1400 },
      spatial_factor: 16,
      do_pad: true,
    },
    { geometry: "factored", onlyBackend: "torchvision" },
  ),
  Emu3: processorClass(
    "emu3",
    { ...clip, size: emu3Area, spatial_factor: 8 },
    {
      geometry: "factored",
      onlyBackend: "pil",
      fixed: { do_pad: true },
      // the size in a file has no effect
      oldKeys: ({ min_pixels, max_pixels, size: _, ...keys }) => ({
        ...keys,
        size: {
          min_pixels: min_pixels ?? emu3Area.min_pixels,
          max_pixels: max_pixels ?? emu3Area.max_pixels,
        },
      }),
    },
  ),
  Llava: processorClass(
    "llava",
    { ...clip, ...shortest(224), ...crop(224), do_pad: false },
    { geometry: "llava" },
  ),
  LlavaNext: processorClass(
    "llava_next granite4_vision llava_next_video",
    {
      ...clip,
      ...shortest(224),
      ...crop(224),
      do_pad: true,
      image_grid_pinpoints: [
        [336, 672],
        [672, 336],
        [672, 672],
        [1008, 336],
        [336, 1008],
      ],
    },
    { geometry: "llavaNext" },
  ),
  LlavaOnevision: processorClass(
    "llava_onevision",
    {
      ...clip,
      ...square(384),
      default_to_square: false,
      do_pad: true,
      image_grid_pinpoints: pinpoints(sixth, sixth),
    },
    { geometry: "llavaOnevision" },
  ),
  Idefics2: processorClass(
    "idefics2",
    {
      ...half,
      ...RGB,
      size: { shortest_edge: 378, longest_edge: 980 },
      default_to_square: false,
      do_image_splitting: false,
      do_pad: true,
    },
    { floatsOfBytes: ["torchvision"], geometry: "idefics2" },
  ),
  Idefics3: processorClass("idefics3", idefics3, {
    floatsOfBytes: ["torchvision"],
    geometry: "idefics3",
  }),
  SmolVLM: processorClass("smolvlm", idefics3, {
    floatsOfBytes: ["torchvision"],
    geometry: "idefics3",
  }),
  Gemma3: processorClass(
    "gemma3 shieldgemma2 t5gemma2 t5gemma2_encoder",
    { ...half, ...RGB, ...square(224) },
    {
      geometry: "gemma3",
      ignored: [
        "image_seq_length",
        "do_pan_and_scan",
        "pan_and_scan_min_crop_size",
        "pan_and_scan_max_num_crops",
        "pan_and_scan_min_ratio_to_activate",
      ],
      fixed: { do_pad: false, do_center_crop: false },
      outputs: { num_crops: 0 },
    },
  ),
  GotOcr2: processorClass(
    "got_ocr2 aya_vision internvl qianfan_ocr",
    { ...clip, ...square(384), crop_to_patches: false, min_patches: 1, max_patches: 12 },
    {
      geometry: "gotOcr2",
      fixed: { do_pad: false, do_center_crop: false },
      outputs: { num_patches: 1 },
    },
  ),
  Cohere2Vision: processorClass(
    "cohere2_vision",
    { ...clip, ...square(512), crop_to_patches: true, min_patches: 1, max_patches: 12 },
    {
      geometry: "cohere2Vision",
      onlyBackend: "torchvision",
      ignored: ["patch_size"],
      fixed: { do_pad: false, do_center_crop: false },
      outputs: { num_patches: 1 },
    },
  ),
  GraniteDocling: processorClass(
    "granite_docling",
    {
      ...clip,
      ...square(512),
      crop_to_patches: true,
      min_patches: 1,
      max_patches: 32,
      fine_route: false,
      dense_max_patches: 0,
      dense_max_scale: 0,
      dense_min_aspect: 0,
      dense_max_aspect: 0,
    },
    { floatsOfBytes: ["pil"], geometry: "graniteDocling" },
  ),
  PerceptionLM: processorClass(
    "perception_lm",
    {
      ...HALF,
      ...BICUBIC,
      ...RGB,
      ...square(448),
      vision_input_type: "thumb+tile",
      tile_size: 448,
      max_num_tiles: 36,
    },
    { geometry: "perceptionLM", onlyBackend: "torchvision" },
  ),
  Ovis2: processorClass(
    "ovis2",
    {
      ...clip,
      ...square(384),
      crop_to_patches: false,
      min_patches: 1,
      max_patches: 12,
      use_covering_area_grid: true,
    },
    { geometry: "ovis2", fixed: { do_pad: false }, outputs: { grids: [1, 1] } },
  ),
  Mllama: processorClass(
    "mllama",
    { ...half, ...RGB, ...square(224), do_pad: true, max_image_tiles: 4 },
    { floatsOfBytes: ["torchvision", "pil"], geometry: "mllama" },
  ),
  Llama4: processorClass(
    "llama4",
    { ...half, ...RGB, ...square(336), max_patches: 16, resize_to_max_canvas: false },
    { geometry: "llama4", onlyBackend: "torchvision" },
  ),
  Janus: processorClass("janus", janus, { geometry: "janus", ...ground }),
  DeepseekVL: processorClass("deepseek_vl", janus, { geometry: "janus", ...ground }),
  Aria: processorClass(
    "aria",
    {
      ...HALF,
      ...BICUBIC,
      ...RGB,
      max_image_size: 980,
      min_image_size: 336,
      split_image: false,
      split_resolutions: ariaSplits,
    },
    { geometry: "aria" },
  ),
  Fuyu: processorClass(
    "fuyu",
    {
      image_mean: 0.5,
      image_std: 0.5,
      ...BILINEAR,
      size: { height: 1080, width: 1920 },
      do_pad: true,
      padding_value: 1,
      padding_mode: "constant",
    },
    {
      geometry: "fuyu",
      ignored: ["patch_size"],
      only: { padding_mode: "constant" },
      pixelValues: "images",
    },
  ),
  MiniCPMV4_6: processorClass("minicpmv4_6 minicpmv4_7", miniCpm, {
    floatsOfBytes: ["torchvision"],
    geometry: "miniCpmV",
  }),
  MiniCPMOcr: processorClass(
    "minicpm_ocr",
    { ...miniCpm, downsample_mode: "4x", small_image_upsize: "always" },
    {
      floatsOfBytes: ["torchvision"],
      geometry: "miniCpmOcr",
      onlyBackend: "torchvision",
    },
  ),
  Phi4Multimodal: processorClass(
    "phi4_multimodal",
    { ...HALF, ...RGB, ...square(448), resample: 3, patch_size: 14, dynamic_hd: 36 },
    {
      geometry: "phi4",
      onlyBackend: "torchvision",
      only: { resample: 3 },
      fixed: { do_resize: true },
      pixelValues: "image_pixel_values",
    },
  ),
};
