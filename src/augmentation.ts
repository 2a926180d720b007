import type { ImageProcessorConfig, Size } from "./image-processor-options.js";
import type { NativeAugmentation } from "./native-addon.js";
import { outOfRange, requireNumber, requireOptions, wrongType } from "./validation.js";

type Range = readonly [least: number, greatest: number];

/** torchvision's RandomResizedCrop; the size is the ImageProcessor's. */
export interface RandomResizedCropOptions {
  /** Area of the crop, relative to the picture's: more than 0, at most 1. Default [0.08, 1]. */
  scale?: Range;
  /** Width of the crop relative to its height, drawn on a logarithmic scale. Default [3/4, 4/3]. */
  ratio?: Range;
}

/**
 * What is drawn for every picture, anew in every epoch. It is a function of (seed, epoch, index) alone,
 * never of threads, batches or machines: random numbers are those of NumPy's
 * `Generator(Philox(key=[seed, epoch], counter=[0, index, 0, 0])).random()`, taken in the order in
 * which torchvision's `Compose([RandomResizedCrop, RandomHorizontalFlip])` takes its own.
 */
export interface AugmentationOptions {
  /**
   * A part of the picture, resized to the ImageProcessor's `centerCrop`, or else to its fixed
   * `resize`, instead of what those two do.
   */
  randomResizedCrop?: RandomResizedCropOptions;
  /** Probability of mirroring left to right, from 0 to 1. Default 0. */
  horizontalFlip?: number;
}

/** All options with their values; null: not wanted. */
export interface AugmentationConfig {
  readonly randomResizedCrop: Required<RandomResizedCropOptions> | null;
  readonly horizontalFlip: number;
}

const optionNames = [
  "randomResizedCrop",
  "horizontalFlip",
] as const satisfies (keyof AugmentationOptions)[];

/** Numbers in a row of `batch.augmentation`. */
export const DRAWN_NUMBERS = 5;

/**
 * @param processor what pictures go through beside it.
 * @throws {TypeError | RangeError} for options that do not exist, have no possible value, or do not go
 *   together with the processor's.
 */
export function readAugmentation(
  options: unknown,
  processor: ImageProcessorConfig,
): AugmentationConfig {
  const given = requireOptions("augmentation", options, optionNames);
  if (optionNames.every((name) => given[name] === undefined)) {
    throw wrongType("augmentation", `one of ${optionNames.join(", ")}`, options);
  }
  const { randomResizedCrop: resizedCrop } = given;
  const config = {
    randomResizedCrop: resizedCrop === undefined ? null : requireResizedCrop(resizedCrop),
    horizontalFlip: requireNumber("augmentation.horizontalFlip", given.horizontalFlip ?? 0, 0, 1),
  };
  augmentedConfig(processor, config);
  return Object.freeze(config);
}

function requireResizedCrop(options: unknown): Required<RandomResizedCropOptions> {
  const owner = "augmentation.randomResizedCrop";
  const { scale, ratio } = requireOptions(owner, options, ["scale", "ratio"]);
  return Object.freeze({
    scale: requireRange(`${owner}.scale`, scale ?? [0.08, 1], 1),
    ratio: requireRange(`${owner}.ratio`, ratio ?? [3 / 4, 4 / 3]),
  });
}

function requireRange(option: string, value: unknown, most = Number.MAX_VALUE): Range {
  const numbers = Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
  if (!numbers) throw wrongType(option, "[least, greatest]", value);
  const [least, greatest] = value as [number, number];
  if (least > 0 && least <= greatest && greatest <= most) return Object.freeze([least, greatest]);
  const limit = most === Number.MAX_VALUE ? "" : ` <= ${most}`;
  throw outOfRange(option, `0 < least <= greatest${limit}`, value);
}

/** Size of a random crop: that of what takes its place without augmentation. */
function cropSize({ centerCrop, resize }: ImageProcessorConfig): Size {
  const size = centerCrop ?? resize;
  if (size !== null && "width" in size) return size;
  throw wrongType(
    "augmentation",
    "an ImageProcessor with centerCrop or resize: { width, height }, the size of a random crop",
    resize,
  );
}

/**
 * The processor's own steps beside what is drawn.
 *
 * @throws {TypeError} where the size of a crop would depend on the picture.
 */
export function augmentedConfig(
  config: ImageProcessorConfig,
  { randomResizedCrop }: AugmentationConfig,
): ImageProcessorConfig {
  if (randomResizedCrop === null) return config;
  return { ...config, resize: cropSize(config), centerCrop: null };
}

export function nativeAugmentation(config: AugmentationConfig): NativeAugmentation {
  const { randomResizedCrop, horizontalFlip } = config;
  return {
    scale: randomResizedCrop?.scale ?? null,
    ratio: randomResizedCrop?.ratio ?? null,
    horizontalFlip,
  };
}
