import {
  asGiven,
  group,
  integer,
  number,
  type OptionReader,
  oneOf,
  withDefault,
} from "../shared/options.js";
import { isObject, requireNumber, requireOneOf, wrongType } from "../shared/validation.js";
import { requireFill } from "./fill.js";
import { MAX_SIDE } from "./image-side.js";
import type { PerChannel } from "./normalization-options.js";

/** How an image is looked up between its pixels where it is turned or sheared. */
export type WarpFilter = "nearest" | "bilinear" | "bicubic";

export const warpFilters = ["nearest", "bilinear", "bicubic"] as const;

/**
 * One operation on an image that has been resized, with its parameters: those of torchvision's functional transform
 * of that name, on an image of Pillow. "saturation" is its `adjust_saturation`, and so on.
 */
export type ImageOperation =
  | {
      /** Which operation. */
      readonly name: "brightness" | "contrast" | "saturation" | "sharpness";
      /** 1 leaves the image as it is. */
      readonly factor: number;
    }
  | {
      /** Which operation. */
      readonly name: "hue";
      /** Of the circle of colours, -0.5 to 0.5. */
      readonly factor: number;
    }
  | {
      /** Which operation. */
      readonly name: "grayscale" | "invert" | "autocontrast" | "equalize";
    }
  | {
      /** Which operation. */
      readonly name: "posterize";
      /** Bits of each byte that are kept, 1 to 8. */
      readonly bits: number;
    }
  | {
      /** Which operation. */
      readonly name: "solarize";
      /** Bytes from here on are inverted. */
      readonly threshold: number;
    }
  | {
      /** Which operation. */
      readonly name: "gaussianBlur";
      /** Odd numbers of pixels. */
      readonly kernelSize: readonly [width: number, height: number];
      /** In pixels. */
      readonly sigma: readonly [x: number, y: number];
    }
  | {
      /** Which operation. */
      readonly name: "rotate";
      /** Degrees, counter-clockwise. */
      readonly angle: number;
      /** How pixels are looked up. */
      readonly filter: WarpFilter;
      /** In pixels; null: the middle. */
      readonly center: readonly [x: number, y: number] | null;
      /** Colour of what comes from outside of the image. */
      readonly fill: PerChannel;
    }
  | {
      /** Which operation. */
      readonly name: "affine";
      /** Degrees, clockwise. */
      readonly angle: number;
      /** Pixels. */
      readonly translate: readonly [x: number, y: number];
      /** 1 leaves the size as it is. */
      readonly scale: number;
      /** Degrees. */
      readonly shear: readonly [x: number, y: number];
      /** How pixels are looked up. */
      readonly filter: WarpFilter;
      /** In pixels; null: the middle. */
      readonly center: readonly [x: number, y: number] | null;
      /** Colour of what comes from outside of the image. */
      readonly fill: PerChannel;
    }
  | {
      /** Of the tensor: after rescaling and normalization, and after all other operations. */
      readonly name: "erase";
      /** Pixels above the part. */
      readonly top: number;
      /** Pixels to the left of it. */
      readonly left: number;
      /** Its height in pixels. */
      readonly height: number;
      /** Its width in pixels. */
      readonly width: number;
      /** Of each channel, or "random": a normal number for each element. */
      readonly value: PerChannel | "random";
    };

type Name = ImageOperation["name"];

/** In the order of native/transform/operations/operation.h. */
const names = [
  "brightness",
  "contrast",
  "saturation",
  "hue",
  "grayscale",
  "sharpness",
  "posterize",
  "solarize",
  "invert",
  "autocontrast",
  "equalize",
  "gaussianBlur",
  "rotate",
  "affine",
  "erase",
] as const satisfies readonly Name[];

/** In the order of native/transform/filter.h. */
const nativeFilters = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] as const;

/** Numbers of an operation as the addon gives it: its kind, from 1, and its parameters. */
export const OPERATION_NUMBERS = 14;

/** Degrees that are told apart without loss. */
export const MAX_DEGREES = 36_000;

/** The largest kernel of a blur. */
export const MAX_KERNEL = 1023;

const MAX_NUMBER = 1e6;

/** @throws {TypeError | RangeError} */
export function requirePair(least: number, most: number): OptionReader<readonly [number, number]> {
  return (option, value) => {
    if (!Array.isArray(value) || value.length !== 2) throw wrongType(option, "two numbers", value);
    const [first, second] = value.map((one) => requireNumber(option, one, least, most));
    return Object.freeze([first as number, second as number]);
  };
}

/** @throws {TypeError | RangeError} */
export function requireOdd(option: string, value: unknown): number {
  const read = integer(1, MAX_KERNEL)(option, value);
  if (read % 2 === 1) return read;
  throw wrongType(option, "an odd number", value);
}

/** @throws {TypeError | RangeError} */
export function requireCenter(option: string, value: unknown): readonly [number, number] | null {
  return value === null ? null : requirePair(-MAX_SIDE, MAX_SIDE)(option, value);
}

function requireErased(option: string, value: unknown): PerChannel {
  const list = Array.isArray(value) ? value : [value, value, value];
  if (list.length !== 3) throw wrongType(option, "a number, or one of each channel", value);
  return list.map((one) =>
    requireNumber(option, one, -Number.MAX_VALUE, Number.MAX_VALUE),
  ) as unknown as PerChannel;
}

const place = integer(0, MAX_SIDE);
const factor = number(0, MAX_NUMBER);
const degrees = number(-MAX_DEGREES, MAX_DEGREES);
const ofWarp = {
  filter: withDefault(oneOf(warpFilters), "nearest"),
  center: withDefault(requireCenter, null),
  fill: withDefault(requireFill, [0, 0, 0]),
};

/** Readers of each operation's parameters. */
const parameters: { readonly [N in Name]: { readonly [name: string]: OptionReader<unknown> } } = {
  brightness: { factor },
  contrast: { factor },
  saturation: { factor },
  sharpness: { factor },
  hue: { factor: number(-0.5, 0.5) },
  grayscale: {},
  invert: {},
  autocontrast: {},
  equalize: {},
  posterize: { bits: integer(1, 8) },
  solarize: { threshold: number(0, 256) },
  gaussianBlur: {
    kernelSize: (option, value) =>
      requirePair(1, MAX_KERNEL)(option, value).map((one) => requireOdd(option, one)),
    sigma: requirePair(1e-3, MAX_NUMBER),
  },
  rotate: { angle: degrees, ...ofWarp },
  affine: {
    angle: withDefault(degrees, 0),
    translate: withDefault(requirePair(-MAX_SIDE, MAX_SIDE), [0, 0]),
    scale: withDefault(number(1e-6, MAX_NUMBER), 1),
    shear: withDefault(requirePair(-MAX_DEGREES, MAX_DEGREES), [0, 0]),
    ...ofWarp,
  },
  erase: { top: place, left: place, height: place, width: place, value: requireErased },
};

/** @throws {TypeError | RangeError} for what is no operation. */
export function readOperation(option: string, value: unknown): ImageOperation {
  if (!isObject(value)) throw wrongType(option, "an operation: an object with a name", value);
  const name = requireOneOf(`${option}.name`, value.name, names);
  return group({ name: asGiven, ...parameters[name] })(option, value) as ImageOperation;
}

function warpNumbers(
  operation: Extract<ImageOperation, { name: "rotate" | "affine" }>,
): readonly number[] {
  const { angle, filter, center, fill } = operation;
  const [translate, scale, shear] =
    operation.name === "affine"
      ? [operation.translate, operation.scale, operation.shear]
      : [[0, 0], 1, [0, 0]];
  return [
    ...[angle, ...translate, scale, ...shear],
    ...[nativeFilters.indexOf(filter), center === null ? 0 : 1, ...(center ?? [0, 0]), ...fill],
  ];
}

function numbersOf(operation: ImageOperation): readonly number[] {
  switch (operation.name) {
    case "posterize":
      return [operation.bits];
    case "solarize":
      return [operation.threshold];
    case "gaussianBlur":
      return [...operation.kernelSize, ...operation.sigma];
    case "rotate":
    case "affine":
      return warpNumbers(operation);
    case "erase": {
      const { top, left, height, width, value } = operation;
      return value === "random"
        ? [top, left, height, width, 1]
        : [top, left, height, width, 0, ...value];
    }
    default:
      return "factor" in operation ? [operation.factor] : [];
  }
}

/** An operation for the addon: its kind and its numbers. */
export function nativeOperation(operation: ImageOperation): readonly number[] {
  return [names.indexOf(operation.name), ...numbersOf(operation)];
}

function operationOf(numbers: Float64Array): ImageOperation {
  const [kind = 0, ...values] = numbers;
  const at = (place: number) => values[place] as number;
  const pair = (first: number) => [at(first), at(first + 1)] as const;
  const name = names[kind - 1] as Name;
  switch (name) {
    case "posterize":
      return { name, bits: at(0) };
    case "solarize":
      return { name, threshold: at(0) };
    case "gaussianBlur":
      return { name, kernelSize: pair(0), sigma: pair(2) };
    case "rotate":
    case "affine": {
      const warp = {
        filter: nativeFilters[at(6)] as WarpFilter,
        center: at(7) === 0 ? null : pair(8),
        fill: [at(10), at(11), at(12)] as const,
      };
      if (name === "rotate") return { name, angle: at(0), ...warp };
      const [angle, scale] = [at(0), at(3)];
      return { name, angle, translate: pair(1), scale, shear: pair(4), ...warp };
    }
    case "erase":
      return {
        ...{ name, top: at(0), left: at(1), height: at(2), width: at(3) },
        value: at(4) === 1 ? "random" : [at(5), at(6), at(7)],
      };
    case "grayscale":
    case "invert":
    case "autocontrast":
    case "equalize":
      return { name };
    default:
      return { name, factor: at(0) };
  }
}

/** Operations as the addon writes them: OPERATION_NUMBERS of each, zeros where there are no more. */
export function operationsOf(numbers: Float64Array): readonly ImageOperation[] {
  const operations: ImageOperation[] = [];
  for (let at = 0; at < numbers.length && numbers[at] !== 0; at += OPERATION_NUMBERS) {
    operations.push(operationOf(numbers.subarray(at, at + OPERATION_NUMBERS)));
  }
  return operations;
}
