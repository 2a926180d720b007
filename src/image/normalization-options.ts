import { outOfRange, wrongType } from "../shared/validation.js";

/** Three numbers, for red, green and blue. */
export type PerChannel = readonly [number, number, number];

/** The options of a processor that say how a byte becomes a number. */
interface Normalization {
  readonly rescale: boolean | number;
  readonly rescaleOffset: number;
  readonly mean: PerChannel | null;
  readonly std: PerChannel | null;
  readonly lastStd: PerChannel | null;
}

const IMAGENET_MEAN: PerChannel = [0.485, 0.456, 0.406];
const IMAGENET_STD: PerChannel = [0.229, 0.224, 0.225];

/** @throws {TypeError} where any is given. */
export function requireNoNormalization(
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

/**
 * What is left out is the standard preset's.
 *
 * @throws {TypeError | RangeError}
 */
export function readNormalization(
  given: Readonly<Record<keyof Normalization, unknown>>,
): Normalization {
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
