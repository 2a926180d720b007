import { type Resampler, resamplers, STANDARD_RESAMPLER } from "../native/resampler.js";
import {
  asGiven,
  integer,
  type OptionReaders,
  oneOf,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { outOfRange, requireBoolean } from "../shared/validation.js";
import {
  type AlphaTreatment,
  alphaTreatments,
  type ChannelOrder,
  channelOrders,
  conventions,
  filters,
  type GeometryConvention,
  type ImageLayout,
  type ImageType,
  type JpegDecode,
  jpegDecodes,
  layouts,
  type ResampleFilter,
  types,
} from "./image-choices.js";
import {
  type PerChannel,
  readNormalization,
  requireNoNormalization,
} from "./normalization-options.js";
import {
  outputSize,
  type ResizeTarget,
  readOptionalSize,
  readResize,
  type Size,
} from "./output-size.js";

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
export interface ImageProcessorConfig<I extends ImageType = ImageType> {
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
  readonly type: I;
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

const readers = {
  resize: readResize,
  filter: withDefault(oneOf(filters), "bilinear"),
  resampler: withDefault(oneOf(resamplers), STANDARD_RESAMPLER),
  centerCrop: readOptionalSize,
  pad: readOptionalSize,
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

function requireFilterOf(resampler: Resampler, filter: ResampleFilter): void {
  if (resampler !== "torch" || (filter !== "box" && filter !== "hamming")) return;
  throw outOfRange(
    "filter",
    '"nearest", "bilinear", "bicubic" or "lanczos" with resampler "torch"',
    filter,
  );
}
