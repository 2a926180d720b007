import { type Resampler, resamplers, STANDARD_RESAMPLER } from "../native/resampler.js";
import {
  asGiven,
  group,
  integer,
  type OptionReaders,
  oneOf,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { isObject, outOfRange, requireBoolean, wrongType } from "../shared/validation.js";

import { MAX_OUTPUT_SIDE } from "./image-side.js";

export type { Resampler };

/** Filter of the resize, by Pillow's names. */
export type ResampleFilter = "nearest" | "box" | "bilinear" | "hamming" | "bicubic" | "lanczos";
/** Element type of an image tensor. */
export type ImageType = "float32" | "float16" | "uint8";
/** Order of the axes of an image: channels first, or channels last. */
export type ImageLayout = "chw" | "hwc";
/** Whose rounding of sizes and crops is followed. */
export type GeometryConvention = "torchvision" | "huggingface" | "huggingface-torchvision";
/** Order of the channels of an image. */
export type ChannelOrder = "rgb" | "bgr";
/** What becomes of transparency. */
export type AlphaTreatment = "drop" | "white";
/** Whether JPEG files may be shrunk while they are decoded. */
export type JpegDecode = "exact" | "fast";

export const filters = [
  "nearest",
  "box",
  "bilinear",
  "hamming",
  "bicubic",
  "lanczos",
] as const satisfies ResampleFilter[];
export const types = ["float32", "float16", "uint8"] as const satisfies ImageType[];
export const layouts = ["chw", "hwc"] as const satisfies ImageLayout[];
export const conventions = [
  "torchvision",
  "huggingface",
  "huggingface-torchvision",
] as const satisfies GeometryConvention[];
export const channelOrders = ["rgb", "bgr"] as const satisfies ChannelOrder[];
export const alphaTreatments = ["drop", "white"] as const satisfies AlphaTreatment[];
export const jpegDecodes = ["exact", "fast"] as const satisfies JpegDecode[];

/** Three numbers, for red, green and blue. */
export type PerChannel = readonly [number, number, number];

/** In pixels. */
export interface Size {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/**
 * The size of an image after the resize, in pixels: a fixed one; the shorter edge (the longer one
 * follows, at most to longestEdge); the longer edge; or as large as fits into a frame.
 */
export type ResizeTarget =
  | Size
  | {
      /** Length of the shorter edge. */
      readonly shortestEdge: number;
      /** Most of the longer edge; the shorter one then follows it. Default: no limit. */
      readonly longestEdge?: number;
    }
  | {
      /** Length of the longer edge. */
      readonly longestEdge: number;
    }
  | {
      /** Most columns. */
      readonly maxWidth: number;
      /** Most rows. */
      readonly maxHeight: number;
    };

/** What is left out is the standard preset's. */
export interface ImageProcessorOptions {
  /** Size of the resized image, in pixels; `null`: not resized. Default 224 x 224. */
  resize?: ResizeTarget | null;
  /** Resample filter, antialiased as Pillow's (all but "nearest"). Default "bilinear". */
  filter?: ResampleFilter;
  /**
   * Whose resize of bytes. "pillow13": Pillow 13 and newer. "pillow12": before it, which takes other
   * images through the vertical pass first. "torch": of uint8 tensors with antialias, as torchvision's
   * transforms of tensors; it has neither "box" nor "hamming", and its "nearest" is "nearest-exact".
   * Default "pillow13".
   */
  resampler?: Resampler;
  /** The middle of the resized image; zeros (black) around one that is smaller. Default none. */
  centerCrop?: number | Size | null;
  /** Zeros to the right and below, up to this size, after normalization. Default none. */
  pad?: number | Size | null;
  /**
   * Whose rounding of sizes and crops, and of numbers where `rescale` is a factor: torchvision's transforms,
   * or Hugging Face's image processors, as they run on Pillow ("huggingface") or on torchvision
   * ("huggingface-torchvision"). Default "torchvision".
   */
  convention?: GeometryConvention;
  /**
   * How a byte becomes a number. `true`: float32 `u8 / 255`, as torchvision's ToTensor. A number: a
   * Hugging Face `rescale_factor`, float64 `u8 * factor` rounded to float32, or all in float32 and as a part of
   * mean and std with convention "huggingface-torchvision". `false`: as it is. Default `true`. Not with type
   * "uint8".
   */
  rescale?: boolean | number;
  /** Subtracted after rescaling by a factor: EfficientNet's `rescale_offset` is 1. Default 0. */
  rescaleOffset?: number;
  /**
   * Subtracted from each channel after rescaling, in float32; `null` (for `std` too): nothing is.
   * Default 0.485, 0.456, 0.406. Not with type "uint8".
   */
  mean?: PerChannel | null;
  /** Each channel is divided by it, in float32. Default 0.229, 0.224, 0.225. */
  std?: PerChannel | null;
  /** Each channel is divided by it once more, at the end: EfficientNet's `include_top`. Default `null`. */
  lastStd?: PerChannel | null;
  /** Order of the channels; mean and std are for channels in that order. Default "rgb". */
  channelOrder?: ChannelOrder;
  /** Order of the axes of an image. Default "chw". */
  layout?: ImageLayout;
  /** Type of the output. "uint8" is the resized image, not normalized. Default "float32". */
  type?: ImageType;
  /** An image that declares more pixels is an error. Default 178956970, Pillow's limit. */
  maxPixels?: number;
  /** Turn images as their EXIF data say, as Pillow's ImageOps.exif_transpose. Default false. */
  exifOrientation?: boolean;
  /**
   * What becomes of transparency. "drop": colours are taken as they stand, as by Pillow's `convert("RGB")`.
   * "white": images are put on a white ground, as transformers 5 does since 5.21. Default "drop".
   */
  alpha?: AlphaTreatment;
  /**
   * "fast": JPEG files of at least twice the resized size are shrunk to a half, a quarter or an eighth
   * while they are decoded, as by Pillow's `Image.draft`; other values come out. Not where a part of the
   * image is asked for or drawn. Default "exact".
   */
  decode?: JpegDecode;
}

/** All options with their values. */
export interface ImageProcessorConfig {
  /** Size after the resize; null: not resized. */
  readonly resize: ResizeTarget | null;
  /** Filter of the resize. */
  readonly filter: ResampleFilter;
  /** Whose resize of bytes is followed. */
  readonly resampler: Resampler;
  /** The middle that is cut out; null: nothing is. */
  readonly centerCrop: Size | null;
  /** Size that zeros fill up to; null: none are added. */
  readonly pad: Size | null;
  /** Whose rounding of sizes and crops is followed. */
  readonly convention: GeometryConvention;
  /** How a byte becomes a number. */
  readonly rescale: boolean | number;
  /** What is subtracted after rescaling. */
  readonly rescaleOffset: number;
  /** What is subtracted from each channel; null: nothing is. */
  readonly mean: PerChannel | null;
  /** What each channel is divided by; null: by nothing. */
  readonly std: PerChannel | null;
  /** What each channel is divided by at the end; null: by nothing. */
  readonly lastStd: PerChannel | null;
  /** Order of the channels. */
  readonly channelOrder: ChannelOrder;
  /** Order of the axes. */
  readonly layout: ImageLayout;
  /** Element type of the output. */
  readonly type: ImageType;
  /** Most pixels that an image may declare. */
  readonly maxPixels: number;
  /** Whether images are turned as their EXIF data say. */
  readonly exifOrientation: boolean;
  /** What becomes of transparency. */
  readonly alpha: AlphaTreatment;
  /** Whether JPEG files may be shrunk while they are decoded. */
  readonly decode: JpegDecode;
}

const PILLOW_MAX_PIXELS = 178_956_970;
const IMAGENET_MEAN: PerChannel = [0.485, 0.456, 0.406];
const IMAGENET_STD: PerChannel = [0.229, 0.224, 0.225];

const side = integer(1, MAX_OUTPUT_SIDE);
const readSize = group({ width: side, height: side } satisfies OptionReaders<Size>);

const readers = {
  resize: readResize,
  filter: withDefault(oneOf(filters), "bilinear"),
  resampler: withDefault(oneOf(resamplers), STANDARD_RESAMPLER),
  centerCrop: optionalSize,
  pad: optionalSize,
  convention: withDefault(oneOf(conventions), "torchvision"),
  rescale: asGiven,
  rescaleOffset: asGiven,
  mean: asGiven,
  std: asGiven,
  lastStd: asGiven,
  channelOrder: withDefault(oneOf(channelOrders), "rgb"),
  layout: withDefault(oneOf(layouts), "chw"),
  type: withDefault(oneOf(types), "float32"),
  maxPixels: withDefault(integer(1), PILLOW_MAX_PIXELS),
  exifOrientation: withDefault(requireBoolean, false),
  alpha: withDefault(oneOf(alphaTreatments), "drop"),
  decode: withDefault(oneOf(jpegDecodes), "exact"),
} satisfies OptionReaders<ImageProcessorOptions>;

/**
 * @param sizeMayVary whether the size of the output may depend on the image.
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 */
export function readImageProcessorOptions(
  options: unknown,
  sizeMayVary = false,
): ImageProcessorConfig {
  const given = readOptions("ImageProcessor", options, readers);
  const { resize, filter, resampler, centerCrop, pad, convention, channelOrder } = given;
  const { layout, type, maxPixels, exifOrientation, alpha, decode } = given;
  requireFilterOf(resampler, filter);
  // a pack stores them in this order
  const config = {
    resize,
    filter,
    resampler,
    centerCrop,
    pad,
    convention,
    ...(type === "uint8" ? requireNoNormalization(given) : readNormalization(given)),
    channelOrder,
    layout,
    type,
    maxPixels,
    exifOrientation,
    alpha,
    decode,
  };
  if (!sizeMayVary) outputSize(config);
  return Object.freeze(config);
}

/**
 * Size of the output.
 *
 * @throws {TypeError} where it would depend on the image.
 */
export function outputSize({
  resize,
  centerCrop,
  pad,
}: Pick<ImageProcessorConfig, "resize" | "centerCrop" | "pad">): Size {
  const size = pad ?? centerCrop ?? resize;
  if (size !== null && "width" in size) return size;
  throw wrongType(
    "resize",
    "one size for all images ({ width, height }), or centerCrop or pad beside it",
    resize,
  );
}

/**
 * Size of what is cut out of the resized image, or else of the resized image.
 *
 * @param option what cannot do without it.
 * @throws {TypeError} where it would depend on the image.
 */
export function contentSize(option: string, processor: ImageProcessorConfig): Size {
  const size = processor.centerCrop ?? processor.resize;
  if (size !== null && "width" in size) return size;
  throw wrongType(
    option,
    "an ImageProcessor with centerCrop or with resize: { width, height }",
    processor.resize,
  );
}

function requireFilterOf(resampler: Resampler, filter: ResampleFilter): void {
  if (resampler !== "torch" || (filter !== "box" && filter !== "hamming")) return;
  throw outOfRange(
    "filter",
    '"nearest", "bilinear", "bicubic" or "lanczos" with resampler "torch"',
    filter,
  );
}

function optionalSize(option: string, value: unknown): Size | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "number") return Object.freeze(readSize(option, value));
  const length = side(option, value);
  return Object.freeze({ width: length, height: length });
}

function readResize(option: string, value: unknown): ResizeTarget | null {
  return value === null ? null : requireTarget(option, value ?? { width: 224, height: 224 });
}

function requireTarget(option: string, value: unknown): ResizeTarget {
  const keys = isObject(value) ? Object.keys(value).sort().join(" ") : "";
  const kinds = [
    "height width",
    "shortestEdge",
    "longestEdge shortestEdge",
    "longestEdge",
    "maxHeight maxWidth",
  ];
  if (!isObject(value) || !kinds.includes(keys)) {
    throw wrongType(
      option,
      "{ width, height }, { shortestEdge }, { shortestEdge, longestEdge }, { longestEdge }, { maxWidth, maxHeight } or null",
      isObject(value) ? Object.keys(value) : value,
    );
  }
  const sides = Object.entries(value).map(([key, length]) => [
    key,
    side(`${option}.${key}`, length),
  ]);
  const target = Object.freeze(Object.fromEntries(sides)) as ResizeTarget;
  if ("shortestEdge" in target && (target.longestEdge ?? Infinity) <= target.shortestEdge) {
    throw outOfRange(`${option}.longestEdge`, "more than shortestEdge", target.longestEdge);
  }
  return target;
}

type Normalization = Pick<
  ImageProcessorConfig,
  "rescale" | "rescaleOffset" | "mean" | "std" | "lastStd"
>;

function requireNoNormalization(
  given: Readonly<Record<keyof Normalization, unknown>>,
): Normalization {
  for (const name of ["rescale", "rescaleOffset", "mean", "std", "lastStd"] as const) {
    const value = given[name] ?? false;
    if (value !== false && value !== 0) {
      throw wrongType(name, 'nothing with type "uint8", which is not normalized', value);
    }
  }
  return { rescale: false, rescaleOffset: 0, mean: null, std: null, lastStd: null };
}

function readNormalization(given: Readonly<Record<keyof Normalization, unknown>>): Normalization {
  const { mean = IMAGENET_MEAN, std = IMAGENET_STD, lastStd = null } = given;
  const rescale = requireRescale(given.rescale ?? true);
  if ((mean === null) !== (std === null)) {
    const other = mean === null ? "std" : "mean";
    throw wrongType(other, "null, as the other of mean and std is", mean ?? std);
  }
  return {
    rescale,
    rescaleOffset: requireOffset(given.rescaleOffset ?? 0, rescale),
    mean: mean === null ? null : requirePerChannel("mean", mean),
    std: std === null ? null : requireStd("std", std),
    lastStd: lastStd === null ? null : requireStd("lastStd", lastStd),
  };
}

function requireRescale(value: unknown): boolean | number {
  if (typeof value === "boolean") return value;
  if (typeof value !== "number") throw wrongType("rescale", "true, false or a factor", value);
  if (!Number.isFinite(value)) throw outOfRange("rescale", "a finite factor", value);
  return value;
}

function requirePerChannel(option: string, value: unknown): PerChannel {
  if (!Array.isArray(value) || value.length !== 3) {
    throw wrongType(option, "an array of three numbers, or null", value);
  }
  for (const [channel, number] of value.entries()) {
    if (typeof number !== "number") throw wrongType(`${option}[${channel}]`, "a number", number);
    if (!Number.isFinite(number)) {
      throw outOfRange(`${option}[${channel}]`, "a finite number", number);
    }
  }
  return Object.freeze([value[0], value[1], value[2]] as const);
}

function requireOffset(value: unknown, rescale: boolean | number): number {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw wrongType("rescaleOffset", "a finite number", value);
  }
  if (value !== 0 && typeof rescale !== "number") {
    throw outOfRange("rescaleOffset", "0 where rescale is not a factor", value);
  }
  return value;
}

function requireStd(option: string, value: unknown): PerChannel {
  const std = requirePerChannel(option, value);
  for (const [channel, number] of std.entries()) {
    // what divides is the float32, so that is what must not be zero
    if (!(Math.fround(number) > 0)) {
      throw outOfRange(`${option}[${channel}]`, "a number greater than 0", number);
    }
  }
  return std;
}
