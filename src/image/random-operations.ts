import {
  group,
  integer,
  number,
  type OptionReaders,
  oneOf,
  optional,
  type ReadOptions,
  withDefault,
} from "../shared/options.js";
import { outOfRange, requireNumber, wrongType } from "../shared/validation.js";
import { type Fill, requireFill } from "./fill.js";
import {
  MAX_DEGREES,
  requireCenter,
  requireOdd,
  requirePair,
  type WarpFilter,
  warpFilters,
} from "./image-operation.js";
import type { PerChannel } from "./normalization-options.js";

/** Both ends are in it. */
export type NumberRange = readonly [least: number, greatest: number];

/** What turns and shears have in common. */
interface WarpOptions {
  /** How pixels are looked up. Default "nearest". */
  filter?: WarpFilter;
  /** Colour of what comes from outside of the image, before normalization. Default 0. */
  fill?: Fill;
}

/** torchvision's RandomRotation. */
export interface RandomRotationOptions extends WarpOptions {
  /** Degrees, counter-clockwise: a range, or d for [-d, d]. */
  degrees: number | NumberRange;
  /** What it is turned around, in pixels from the upper left corner. Default null: the middle. */
  center?: readonly [x: number, y: number] | null;
}

/** torchvision's RandomAffine. */
export interface RandomAffineOptions extends WarpOptions {
  /** Degrees, clockwise: a range, or d for [-d, d]. */
  degrees: number | NumberRange;
  /** Largest shift to either side, as a share of width and height, 0 to 1. Default none. */
  translate?: readonly [x: number, y: number] | undefined;
  /** Range of the scale, more than 0. Default none: 1. */
  scale?: NumberRange | undefined;
  /** Degrees along the rows: a range, or s for [-s, s]; or two ranges, along rows and columns. Default none. */
  shear?: number | NumberRange | readonly [number, number, number, number] | undefined;
  /** What it is turned around, in pixels from the upper left corner. Default null: the middle. */
  center?: readonly [x: number, y: number] | null;
}

/** torchvision's RandAugment. */
export interface RandAugmentOptions extends WarpOptions {
  /** Operations on each image, 0 to 16. Default 2. */
  numOps?: number;
  /** Strength of all operations, 0 to `numMagnitudeBins` - 1. Default 9. */
  magnitude?: number;
  /** Strengths that there are, from 2. Default 31. */
  numMagnitudeBins?: number;
}

/** torchvision's TrivialAugmentWide. */
export interface TrivialAugmentOptions extends WarpOptions {
  /** Strengths that there are, from 2. Default 31. */
  numMagnitudeBins?: number;
}

/** torchvision's AutoAugment. */
export interface AutoAugmentOptions extends WarpOptions {
  /** The data set that it was learned for. Default "imagenet". */
  policy?: "imagenet" | "cifar10" | "svhn";
}

/** torchvision's ColorJitter: its operations come in an order that is drawn. */
export interface ColorJitterOptions {
  /** Range of the factor, at least 0, or b for [1 - b, 1 + b]. Default none. */
  brightness?: number | NumberRange | undefined;
  /** As brightness. Default none. */
  contrast?: number | NumberRange | undefined;
  /** As brightness. Default none. */
  saturation?: number | NumberRange | undefined;
  /** Range of the turn of the circle, -0.5 to 0.5, or h for [-h, h]. Default none. */
  hue?: number | NumberRange | undefined;
  /** Probability of all of it, 0 to 1; less than 1 is torchvision's RandomApply. Default 1. */
  probability?: number;
}

/** torchvision's GaussianBlur. */
export interface GaussianBlurOptions {
  /** Odd numbers of pixels, 1 to 1023: one, or [width, height]. Half of it is less than the image. */
  kernelSize: number | readonly [width: number, height: number];
  /** In pixels: a range, or one number. Default [0.1, 2]. */
  sigma?: number | NumberRange;
  /** 0 to 1; less than 1 is torchvision's RandomApply. Default 1. */
  probability?: number;
}

/** torchvision's RandomErasing, of the tensor. */
export interface RandomErasingOptions {
  /** 0 to 1. Default 0.5. */
  probability?: number;
  /** Area of the part, relative to the image's, 0 to 1. Default [0.02, 0.33]. */
  scale?: NumberRange;
  /** Height of the part relative to its width, more than 0. Default [0.3, 3.3]. */
  ratio?: NumberRange;
  /**
   * What elements become: a number, one for each channel of the tensor, or "random": a normal number for each, which
   * is not for type "uint8". Default 0.
   */
  value?: number | PerChannel | "random";
}

/** What is drawn for an image that has been cropped, resized and mirrored; in this order. */
export interface RandomOperationsOptions {
  /** Turns the image. Default none. */
  randomRotation?: RandomRotationOptions;
  /** Turns, shifts, scales and shears the image. Default none. */
  randomAffine?: RandomAffineOptions;
  /** A policy: some of 14 operations, all of one strength. One policy at most. Default none. */
  randAugment?: RandAugmentOptions;
  /** A policy: one of 14 operations, of any strength. Default none. */
  trivialAugment?: TrivialAugmentOptions;
  /** A policy that was learned for a data set. Default none. */
  autoAugment?: AutoAugmentOptions;
  /** Brightness, contrast, saturation and hue. Default none. */
  colorJitter?: ColorJitterOptions;
  /** Probability of becoming grey, 0 to 1. Default none. */
  randomGrayscale?: number;
  /** Default none. */
  gaussianBlur?: GaussianBlurOptions;
  /** A part of the tensor becomes a value. Default none. */
  randomErasing?: RandomErasingOptions;
}

const MAX_OPERATIONS = 16;
const MAX_BINS = 1024;
const MAX_FACTOR = 1000;

const probability = number(0, 1);

/** A range within two limits, or a number and what it stands for. */
function rangeOf(least: number, most: number, around?: (value: number) => NumberRange) {
  return (option: string, value: unknown): NumberRange => {
    if (typeof value === "number" && around !== undefined) {
      return Object.freeze(around(requireNumber(option, value, Math.max(0, least), most)));
    }
    const range = requirePair(least, most)(option, value);
    if (range[0] <= range[1]) return range;
    throw outOfRange(option, "least <= greatest", value);
  };
}

const degrees = rangeOf(-MAX_DEGREES, MAX_DEGREES, (most) => [-most, most]);
const jitter = rangeOf(0, MAX_FACTOR, (most) => [Math.max(0, 1 - most), 1 + most]);
const filter = withDefault(oneOf(warpFilters), "nearest");
const fill = withDefault(requireFill, [0, 0, 0]);
const center = withDefault(requireCenter, null);
const bins = withDefault(integer(2, MAX_BINS), 31);

function requireDegrees(option: string, value: unknown): NumberRange {
  if (value === undefined) throw wrongType(option, "degrees, or [least, greatest]", value);
  return degrees(option, value);
}

type Shear = NumberRange | readonly [...NumberRange, ...NumberRange];

function requireShear(option: string, value: unknown): Shear {
  if (!Array.isArray(value) || value.length !== 4) return degrees(option, value);
  return [...degrees(option, value.slice(0, 2)), ...degrees(option, value.slice(2))];
}

function requireKernel(option: string, value: unknown): readonly [number, number] {
  const list = Array.isArray(value) ? value : [value, value];
  if (list.length !== 2) throw wrongType(option, "an odd number or [width, height]", value);
  return [requireOdd(option, list[0]), requireOdd(option, list[1])];
}

function requireErased(option: string, value: unknown): PerChannel | "random" {
  if (value === "random") return value;
  const list = Array.isArray(value) ? value : [value, value, value];
  if (list.length !== 3 || !list.every(Number.isFinite)) {
    throw wrongType(option, 'a number, one of each channel, or "random"', value);
  }
  return list as unknown as PerChannel;
}

export const randomOperationReaders = {
  randomRotation: optional(
    group({
      degrees: requireDegrees,
      filter,
      fill,
      center,
    } satisfies OptionReaders<RandomRotationOptions>),
  ),
  randomAffine: optional(
    group({
      degrees: requireDegrees,
      translate: optional(requirePair(0, 1)),
      scale: optional(rangeOf(1e-6, MAX_FACTOR)),
      shear: optional(requireShear),
      filter,
      fill,
      center,
    } satisfies OptionReaders<RandomAffineOptions>),
  ),
  randAugment: optional(
    group({
      numOps: withDefault(integer(0, MAX_OPERATIONS), 2),
      magnitude: withDefault(integer(0, MAX_BINS - 1), 9),
      numMagnitudeBins: bins,
      filter,
      fill,
    } satisfies OptionReaders<RandAugmentOptions>),
  ),
  trivialAugment: optional(
    group({ numMagnitudeBins: bins, filter, fill } satisfies OptionReaders<TrivialAugmentOptions>),
  ),
  autoAugment: optional(
    group({
      policy: withDefault(oneOf(["imagenet", "cifar10", "svhn"]), "imagenet"),
      filter,
      fill,
    } satisfies OptionReaders<AutoAugmentOptions>),
  ),
  colorJitter: optional(
    group({
      brightness: optional(jitter),
      contrast: optional(jitter),
      saturation: optional(jitter),
      hue: optional(rangeOf(-0.5, 0.5, (most) => [-most, most])),
      probability: withDefault(probability, 1),
    } satisfies OptionReaders<ColorJitterOptions>),
  ),
  randomGrayscale: optional(probability),
  gaussianBlur: optional(
    group({
      kernelSize: requireKernel,
      sigma: withDefault(
        rangeOf(1e-3, MAX_FACTOR, (value) => [value, value]),
        [0.1, 2],
      ),
      probability: withDefault(probability, 1),
    } satisfies OptionReaders<GaussianBlurOptions>),
  ),
  randomErasing: optional(
    group({
      probability: withDefault(probability, 0.5),
      scale: withDefault(rangeOf(0, 1), [0.02, 0.33]),
      ratio: withDefault(rangeOf(1e-3, MAX_FACTOR), [0.3, 3.3]),
      value: withDefault(requireErased, [0, 0, 0]),
    } satisfies OptionReaders<RandomErasingOptions>),
  ),
} satisfies OptionReaders<RandomOperationsOptions>;

/** These options with their values. */
export type RandomOperationsConfig = ReadOptions<typeof randomOperationReaders>;

const policies = ["randAugment", "trivialAugment", "autoAugment"] as const;

/**
 * Checks what the options are together.
 *
 * @param type of the tensor's elements.
 * @throws {TypeError | RangeError}
 */
export function requireTogether(
  option: string,
  config: RandomOperationsConfig,
  type: "float32" | "float16" | "uint8",
): void {
  const [, second] = policies.filter((policy) => config[policy] !== undefined);
  if (second !== undefined) {
    throw wrongType(`${option}.${second}`, "one policy at most", config[second]);
  }
  const { randAugment, randomErasing } = config;
  if (randAugment !== undefined && randAugment.magnitude >= randAugment.numMagnitudeBins) {
    const expected = `less than numMagnitudeBins (${randAugment.numMagnitudeBins})`;
    throw outOfRange(`${option}.randAugment.magnitude`, expected, randAugment.magnitude);
  }
  if (type !== "uint8" || randomErasing === undefined) return;
  const { value } = randomErasing;
  const areBytes =
    value !== "random" && value.every((one) => Number.isInteger(one) && one >= 0 && one <= 255);
  if (!areBytes) {
    throw wrongType(
      `${option}.randomErasing.value`,
      'integers from 0 to 255 with type "uint8"',
      value,
    );
  }
}
