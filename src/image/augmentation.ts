import type { NativeAugmentation } from "../native/addon.js";
import {
  group,
  number,
  type OptionReaders,
  optional,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { outOfRange, requireBoolean, requireInteger, wrongType } from "../shared/validation.js";
import { type Fill, requireFill } from "./fill.js";
import type { ImageProcessorConfig } from "./image-processor-options.js";
import { nativeRandomOperations } from "./native-operations.js";
import type { PerChannel } from "./normalization-options.js";
import { contentSize } from "./output-size.js";
import {
  type RandomOperationsConfig,
  type RandomOperationsOptions,
  randomOperationReaders,
  requireTogether,
} from "./random-operations.js";

import {
  type RowMixingConfig,
  type RowMixingOptions,
  readRowMixing,
  rowMixingReaders,
} from "./row-mixing.js";

type Range = readonly [least: number, greatest: number];
type Sides = readonly [left: number, top: number, right: number, bottom: number];

/** torchvision's RandomResizedCrop; the size is the ImageProcessor's. */
export interface RandomResizedCropOptions {
  /** Area of the crop, relative to the image's: more than 0, at most 1. Default [0.08, 1]. */
  scale?: readonly [least: number, greatest: number];
  /** Width of the crop relative to its height, drawn on a logarithmic scale. Default [3/4, 4/3]. */
  ratio?: readonly [least: number, greatest: number];
}

/** torchvision's RandomCrop; the size is the ImageProcessor's. */
export interface RandomCropOptions {
  /**
   * Border around the resized image, in pixels: one number, [horizontal, vertical] or [left, top,
   * right, bottom]. Default 0.
   */
  padding?:
    | number
    | readonly [horizontal: number, vertical: number]
    | readonly [left: number, top: number, right: number, bottom: number];
  /**
   * Where the image and its padding are smaller than the crop, add what is missing on both sides.
   * Default false: such an image is an error, DOES_NOT_FIT.
   */
  padIfNeeded?: boolean;
  /** Colour of the border, before normalization. Default 0. */
  fill?: Fill;
}

/**
 * What is drawn for every image, anew in every epoch. It is a function of (seed, epoch, index) alone,
 * never of threads, batches or machines: random numbers are those of NumPy's
 * `Generator(Philox(key=[seed, epoch], counter=[0, index, 0, 0])).random()`, taken in the order in
 * which torchvision's `Compose` of these transforms takes its own: a crop, a flip, and the others as they are listed
 * here. All but randomErasing change bytes, as torchvision's v2 transforms change an image of Pillow.
 * For image i of a row of several, from 0, `index + i * 2**44` stands in place of the index.
 */
export interface AugmentationOptions extends RandomOperationsOptions, RowMixingOptions {
  /**
   * A part of the image, resized to the ImageProcessor's `centerCrop`, or else to its fixed
   * `resize`, instead of what those two do. Not together with `randomCrop`. Default none.
   */
  randomResizedCrop?: RandomResizedCropOptions;
  /**
   * A part of the resized image as large as the ImageProcessor's `centerCrop`, instead of the middle,
   * or else as large as its fixed `resize`, which makes sense with padding. Default none.
   */
  randomCrop?: RandomCropOptions;
  /** Probability of mirroring left to right, from 0 to 1. Default 0. */
  horizontalFlip?: number;
}

interface RandomCropConfig {
  readonly padding: Sides;
  readonly padIfNeeded: boolean;
  readonly fill: PerChannel;
}

/** All options with their values; null: not wanted. */
export interface AugmentationConfig {
  readonly randomResizedCrop: Required<RandomResizedCropOptions> | null;
  readonly randomCrop: RandomCropConfig | null;
  readonly horizontalFlip: number;
  readonly operations: RandomOperationsConfig;
  readonly mixing: RowMixingConfig | null;
}

const MAX_PADDING = 1 << 16;

/** Images of a row that have numbers of their own: this times MOST_ROWS is the most that an index can be. */
export const MOST_ROW_IMAGES = 512;
const MOST_ROWS = 2 ** 44;

/** What stands in place of the index where numbers are drawn for an image of a row, from 0. */
export const drawnFrom = (index: number, image: number): number => index + image * MOST_ROWS;

function requireRange(option: string, value: unknown, most = Number.MAX_VALUE): Range {
  const numbers = Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
  if (!numbers) throw wrongType(option, "[least, greatest]", value);
  const [least, greatest] = value as [number, number];
  if (least > 0 && least <= greatest && greatest <= most) return Object.freeze([least, greatest]);
  const limit = most === Number.MAX_VALUE ? "" : ` <= ${most}`;
  throw outOfRange(option, `0 < least <= greatest${limit}`, value);
}

function requirePadding(option: string, value: unknown): Sides {
  const list = Array.isArray(value) ? value : [value];
  if (![1, 2, 4].includes(list.length)) {
    throw wrongType(
      option,
      "a number, [horizontal, vertical] or [left, top, right, bottom]",
      value,
    );
  }
  const [left, top = left, right = left, bottom = top] = list.map((side) =>
    requireInteger(option, side, 0, MAX_PADDING),
  ) as [number, number?, number?, number?];
  return Object.freeze([left, top, right, bottom]);
}

const readers = {
  randomResizedCrop: optional(
    group({
      scale: withDefault((option, value) => requireRange(option, value, 1), [0.08, 1]),
      ratio: withDefault((option, value) => requireRange(option, value), [3 / 4, 4 / 3]),
    } satisfies OptionReaders<RandomResizedCropOptions>),
  ),
  randomCrop: optional(
    group({
      padding: withDefault(requirePadding, [0, 0, 0, 0]),
      padIfNeeded: withDefault(requireBoolean, false),
      fill: withDefault(requireFill, [0, 0, 0]),
    } satisfies OptionReaders<RandomCropOptions>),
  ),
  horizontalFlip: withDefault(number(0, 1), 0),
  ...randomOperationReaders,
  ...rowMixingReaders,
} satisfies OptionReaders<AugmentationOptions>;

/** Names of what there is. */
export const augmentationNames: readonly string[] = Object.keys(readers);

/**
 * @param processor what images go through beside it.
 * @param option what it is called in errors.
 * @throws {TypeError | RangeError} for options that do not exist, have no possible value, or do not go
 *   together with the processor's.
 */
export function readAugmentation(
  options: unknown,
  processor: ImageProcessorConfig,
  option = "augmentation",
): AugmentationConfig {
  const given = readOptions(option, options, readers, `${option}.`);
  const { randomResizedCrop = null, randomCrop = null, horizontalFlip, ...others } = given;
  const { mixUp, cutMix, labels, ...operations } = others;
  if (Object.values(options as object).every((value) => value === undefined)) {
    throw wrongType(option, `one of ${Object.keys(readers).join(", ")}`, options);
  }
  if (randomResizedCrop !== null && randomCrop !== null) {
    throw wrongType(`${option}.randomCrop`, "nothing beside randomResizedCrop", randomCrop);
  }
  const config = {
    randomResizedCrop: randomResizedCrop && Object.freeze(randomResizedCrop),
    randomCrop: randomCrop && Object.freeze(randomCrop),
    horizontalFlip,
    operations: Object.freeze(operations),
    mixing: readRowMixing(option, { mixUp, cutMix, labels }, processor),
  };
  requireTogether(option, operations, processor.type);
  augmentedConfig(processor, config, option);
  return Object.freeze(config);
}

/**
 * The processor's own steps beside what is drawn.
 *
 * @throws {TypeError} where the size of a crop would depend on the image.
 */
export function augmentedConfig(
  config: ImageProcessorConfig,
  { randomResizedCrop, randomCrop }: AugmentationConfig,
  option = "augmentation",
): ImageProcessorConfig {
  if (randomResizedCrop !== null) {
    const resize = contentSize(`${option}.randomResizedCrop`, config);
    return { ...config, resize, centerCrop: null };
  }
  if (randomCrop === null) return config;
  return { ...config, centerCrop: contentSize(`${option}.randomCrop`, config) };
}

export function nativeAugmentation(config: AugmentationConfig): NativeAugmentation {
  const { randomResizedCrop, randomCrop, horizontalFlip } = config;
  return {
    scale: randomResizedCrop?.scale ?? null,
    ratio: randomResizedCrop?.ratio ?? null,
    padding: randomCrop?.padding ?? null,
    padIfNeeded: randomCrop?.padIfNeeded ?? false,
    fill: randomCrop?.fill ?? [0, 0, 0],
    horizontalFlip,
    ...nativeRandomOperations(config.operations),
  };
}
