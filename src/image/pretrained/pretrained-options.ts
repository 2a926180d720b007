import { type PretrainedOptions, pretrainedReaders } from "../../hub/pretrained-files.js";
import { asGiven, type OptionReaders, oneOf, optional, readOptions } from "../../shared/options.js";
import { requireBoolean } from "../../shared/validation.js";
import { type AlphaTreatment, alphaTreatments } from "../image-choices.js";
import type { PerChannel } from "../normalization-options.js";
import type { Size } from "../output-size.js";
import { backends, type ProcessorBackend } from "./processor-backend.js";
import type { ProcessorKeys } from "./processor-keys.js";

/** A size by transformers' names: a number is the shorter edge or a square, by the class. */
export type PretrainedSize =
  | number
  | readonly [height: number, width: number]
  | {
      /** Rows. */
      readonly height: number;
      /** Columns. */
      readonly width: number;
    }
  | {
      /** Length of the shorter edge. */
      readonly shortest_edge: number;
      /** Most of the longer edge; the shorter one then follows it. Default: no limit. */
      readonly longest_edge?: number;
    }
  | {
      /** Most rows. */
      readonly max_height: number;
      /** Most columns. */
      readonly max_width: number;
    };

/**
 * What `ImageProcessor.fromPretrained` is given besides the name. Names with an underscore are transformers',
 * and stand in place of what the file says.
 */
export interface PretrainedProcessorOptions extends PretrainedOptions, VisionOptions {
  /**
   * Which of the two implementations of transformers 5 is followed, where a class has both. Default
   * "torchvision".
   */
  backend?: ProcessorBackend;
  /** Version of Pillow that backend "pil" resizes by. Default "pillow13". */
  resampler?: "pillow13" | "pillow12";
  /** Turn images as their EXIF data say. Default true, as transformers does with paths. */
  exifOrientation?: boolean;
  /**
   * What becomes of transparency. "drop" is what transformers did before 5.21. Default "white" where the class
   * converts to RGB, else "drop".
   */
  alpha?: AlphaTreatment;
  /** Whether images are resized. Default: the file's. */
  do_resize?: boolean;
  /** Size after the resize. Default: the file's. */
  size?: PretrainedSize;
  /** Pillow's number of a filter: 0 nearest, 1 lanczos, 2 bilinear, 3 bicubic, 4 box, 5 hamming. Default: the file's. */
  resample?: number;
  /** Whether the middle is cut out. Default: the file's. */
  do_center_crop?: boolean;
  /** Size of the middle. Default: the file's. */
  crop_size?: number | readonly [height: number, width: number] | Size;
  /** Share of the resized image that is cut out, for ConvNeXT and PoolFormer. Default: the file's. */
  crop_pct?: number;
  /** Whether bytes are multiplied. Default: the file's. */
  do_rescale?: boolean;
  /** What they are multiplied by. Default: the file's. */
  rescale_factor?: number;
  /** Whether mean and std are applied. Default: the file's. */
  do_normalize?: boolean;
  /** Subtracted from each channel. Default: the file's. */
  image_mean?: number | PerChannel;
  /** Each channel is divided by it. Default: the file's. */
  image_std?: number | PerChannel;
  /** Whether zeros fill up to pad_size. Default: the file's. */
  do_pad?: boolean;
  /** Size with the zeros. Default: the file's. */
  pad_size?: number | readonly [height: number, width: number] | Size;
  /** Whether images with alpha or a transparency are put on white. Default: the file's. */
  do_convert_rgb?: boolean;
  /** Whether a number as `size` is a square, rather than the shorter edge. Default: the class's. */
  default_to_square?: boolean;
  /** Whether one scale is taken for both sides, for DPT and PromptDepthAnything. Default: the file's. */
  keep_aspect_ratio?: boolean;
  /** Number that sides are multiples of, for DPT and PromptDepthAnything. Default: the file's. */
  ensure_multiple_of?: number;
  /** Number that sides are multiples of, for TextNet, GLPN, MaskFormer and others. Default: the file's. */
  size_divisor?: number;
  /** Length of the shorter edge, for PPLCNet. Default: the file's. */
  resize_short?: number;
  /** Whether images are turned as the page lies, for Donut. Default: the file's. */
  do_align_long_axis?: boolean;
  /** Whether blue comes first, for MobileViT. Default: the file's. */
  do_flip_channel_order?: boolean;
  /** Whether 1 is subtracted after rescaling, for EfficientNet. Default: the file's. */
  rescale_offset?: boolean;
  /** Whether std divides once more, for EfficientNet. Default: the file's. */
  include_top?: boolean;
  /** `min_pixels` by a name of ours. Default: the file's. */
  minPixels?: number;
  /** `max_pixels` by a name of ours. Default: the file's. */
  maxPixels?: number;
}

/** A size as transformers writes it. */
export interface LongestEdge {
  /** Pixels of the longer side. */
  readonly longest_edge: number;
}

/** Keys of classes that take images apart for a language model, by transformers' names. */
export interface VisionOptions {
  /** Fewest pixels of a resized image, for Qwen2VL and PaddleOCRVL. Default: the file's. */
  min_pixels?: number;
  /** Most pixels of a resized image, for Qwen2VL and PaddleOCRVL. Default: the file's. */
  max_pixels?: number;
  /** Side of a patch. Default: the file's. */
  patch_size?: number | Size;
  /** Frames that an image stands for. Default: the file's. */
  temporal_patch_size?: number;
  /** Rows and columns of patches that make a token. Default: the file's. */
  merge_size?: number;
  /** Most patches of an image, for Siglip2. Default: the file's. */
  max_num_patches?: number;
  /** Tokens of an image, for Gemma4: 70, 140, 280, 560 or 1120. Default: the file's. */
  max_soft_tokens?: number;
  /** Rows and columns of patches that make a token, for Gemma4. Default: the file's. */
  pooling_kernel_size?: number;
  /** Sizes of the canvas that tiles are cut from, for LlavaNext and LlavaOnevision. Default: the file's. */
  image_grid_pinpoints?: readonly (readonly [height: number, width: number])[];
  /** Whether images are cut into tiles or parts, for Idefics2, Idefics3, SmolVLM and Lfm2Vl. Default: the file's. */
  do_image_splitting?: boolean;
  /** Side of a tile, for Idefics3 and SmolVLM; side of the output, for Aria. Default: the file's. */
  max_image_size?: number | LongestEdge;
  /** Whether rows and columns of tiles are given, for Idefics3, SmolVLM and Lfm2Vl. Default: the file's. */
  return_row_col_info?: boolean;
  /** Whether images are cut into tiles, for GotOcr2 and Ovis2. Default: the file's. */
  crop_to_patches?: boolean;
  /** Fewest tiles, for GotOcr2 and Ovis2. Default: the file's. */
  min_patches?: number;
  /** Most tiles, for GotOcr2, Ovis2 and Llama4. Default: the file's. */
  max_patches?: number;
  /** Whether long images are cut into parts, for Gemma3. Default: the file's. */
  do_pan_and_scan?: boolean;
  /** Length that both sides of a part have at least, for Gemma3. Default: the file's. */
  pan_and_scan_min_crop_size?: number;
  /** Most parts of an image, for Gemma3. Default: the file's. */
  pan_and_scan_max_num_crops?: number;
  /** Longer side to the shorter one, from which on an image is cut, for Gemma3. Default: the file's. */
  pan_and_scan_min_ratio_to_activate?: number;
  /** Most tiles, for Mllama. Default: the file's. */
  max_image_tiles?: number;
  /** Whether images are made as large as their canvas, for Llama4. Default: the file's. */
  resize_to_max_canvas?: boolean;
  /** Most tiles, for Phi4Multimodal. Default: the file's. */
  dynamic_hd?: number;
  /** Least side of a resized image, for Janus and DeepseekVL. Default: the file's. */
  min_size?: number;
  /** Whether images are cut into parts, for Aria. Default: the file's. */
  split_image?: boolean;
}

const visionReaders = {
  min_pixels: asGiven,
  max_pixels: asGiven,
  patch_size: asGiven,
  temporal_patch_size: asGiven,
  merge_size: asGiven,
  max_num_patches: asGiven,
  max_soft_tokens: asGiven,
  pooling_kernel_size: asGiven,
  image_grid_pinpoints: asGiven,
  do_image_splitting: asGiven,
  max_image_size: asGiven,
  return_row_col_info: asGiven,
  crop_to_patches: asGiven,
  min_patches: asGiven,
  max_patches: asGiven,
  do_pan_and_scan: asGiven,
  pan_and_scan_min_crop_size: asGiven,
  pan_and_scan_max_num_crops: asGiven,
  pan_and_scan_min_ratio_to_activate: asGiven,
  max_image_tiles: asGiven,
  resize_to_max_canvas: asGiven,
  dynamic_hd: asGiven,
  min_size: asGiven,
  split_image: asGiven,
} as const satisfies OptionReaders<VisionOptions>;

const overrideReaders = {
  ...visionReaders,
  do_resize: asGiven,
  size: asGiven,
  resample: asGiven,
  do_center_crop: asGiven,
  crop_size: asGiven,
  crop_pct: asGiven,
  do_rescale: asGiven,
  rescale_factor: asGiven,
  do_normalize: asGiven,
  image_mean: asGiven,
  image_std: asGiven,
  do_pad: asGiven,
  pad_size: asGiven,
  do_convert_rgb: asGiven,
  default_to_square: asGiven,
  keep_aspect_ratio: asGiven,
  ensure_multiple_of: asGiven,
  size_divisor: asGiven,
  resize_short: asGiven,
  do_align_long_axis: asGiven,
  do_flip_channel_order: asGiven,
  rescale_offset: asGiven,
  include_top: asGiven,
} as const;

const readers = {
  ...pretrainedReaders,
  backend: optional(oneOf(backends)),
  resampler: optional(oneOf(["pillow13", "pillow12"])),
  exifOrientation: optional(requireBoolean),
  alpha: optional(oneOf(alphaTreatments)),
  minPixels: asGiven,
  maxPixels: asGiven,
  ...overrideReaders,
} satisfies OptionReaders<PretrainedProcessorOptions>;

/** Read options. */
export interface PretrainedRequest {
  readonly revision: unknown;
  readonly backend: ProcessorBackend;
  readonly resampler: "pillow13" | "pillow12";
  readonly exifOrientation: boolean;
  readonly alpha: AlphaTreatment | undefined;
  /** Keys that stand in place of the file's. */
  readonly overrides: ProcessorKeys;
}

/** @throws {TypeError | RangeError} for options that do not exist or have no possible value. */
export function readPretrainedOptions(options: unknown): PretrainedRequest {
  const given = readOptions("ImageProcessor.fromPretrained", options, readers);
  const { revision, backend = "torchvision", resampler = "pillow13", alpha } = given;
  const { exifOrientation = true } = given;
  const overrides = Object.keys(overrideReaders) as (keyof typeof overrideReaders)[];
  return {
    revision,
    backend,
    resampler,
    exifOrientation,
    alpha,
    overrides: {
      ...(given.minPixels === undefined ? {} : { min_pixels: given.minPixels }),
      ...(given.maxPixels === undefined ? {} : { max_pixels: given.maxPixels }),
      ...Object.fromEntries(
        overrides.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
      ),
    },
  };
}
