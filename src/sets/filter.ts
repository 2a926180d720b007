import { inspect } from "node:util";
import { imageSize } from "../image/decode/image-facts.js";
import { requireImage } from "../image/image-input.js";
import type { Size } from "../image/output-size.js";
import { growingNumbers } from "../shared/growing-numbers.js";
import { number, type OptionReaders, optional, readOptions } from "../shared/options.js";
import type { SignalledContext } from "../shared/sample-context.js";
import { describe, outOfRange, wrongType } from "../shared/validation.js";
import {
  imagesOf,
  type Pair,
  type PairSource,
  requireIndexedSource,
} from "../sources/pair-source.js";
import { type ScanOptions, scanPairs, scanReaders } from "./scan.js";
import { selected } from "./select.js";

/** The least and the most that something may be. */
export type Interval = readonly [least: number, most: number];

/** What a pair has to be like: all that is given, of each image where there are several. */
export interface PairConditions {
  /** Pixels of the image's shorter side, at least. Default: any. */
  minSide?: number;
  /** Pixels of the image's longer side, at most. Default: any. */
  maxSide?: number;
  /** Width divided by height, of the image as it is stored. Default: any. */
  aspect?: Interval;
  /** Characters of a text, of each where there are several. Default: any. */
  textLength?: Interval;
}

/** Whether a pair is wanted. */
export type PairPredicate = (pair: Pair, index: number) => boolean | Promise<boolean>;

const readSide = optional(number(0, Number.MAX_VALUE));

const readers = {
  minSide: readSide,
  maxSide: readSide,
  aspect: optional(readInterval),
  textLength: optional(readInterval),
} satisfies OptionReaders<PairConditions>;

function readInterval(option: string, value: unknown): Interval {
  const isRange =
    Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "number");
  if (!isRange) throw wrongType(option, "[least, most]", value);
  const [least, most] = value as unknown as Interval;
  if (least <= most) return [least, most];
  throw outOfRange(option, "a least that is not above the most", value);
}

const isWithin = (value: number, [least, most]: Interval) => value >= least && value <= most;

/** Whether pairs meet the conditions. Of an image only what is in front of its pixels is decoded. */
function meets(
  conditions: unknown,
): (pair: Pair, index: number, context: SignalledContext) => Promise<boolean> {
  const given = readOptions("filter", conditions, readers);
  const { minSide = 0, maxSide = Number.POSITIVE_INFINITY, aspect, textLength } = given;
  const areSizesWanted = [given.minSide, given.maxSide, aspect].some((one) => one !== undefined);
  const isWanted = ({ width, height }: Size) =>
    Math.min(width, height) >= minSide &&
    Math.max(width, height) <= maxSide &&
    (aspect === undefined || isWithin(width / height, aspect));
  return async (pair, index, { hold = (work) => work() }) => {
    const { text, origin } = pair;
    if (textLength !== undefined) {
      const texts = typeof text === "string" ? [text] : text;
      if (!texts.every((one) => isWithin([...one].length, textLength))) return false;
    }
    if (!areSizesWanted) return true;
    for (const image of imagesOf(pair)) {
      const size = await hold(() => imageSize(requireImage(image, index, origin)));
      // one that cannot be read is reported when a batch is made of it
      if (size !== null && !isWanted(size)) return false;
    }
    return true;
  };
}

function shown(wanted: PairConditions | PairPredicate): string {
  return typeof wanted === "function" ? describe(wanted) : inspect(wanted);
}

/**
 * The pairs of a source that are wanted, in their order. Reads every pair once and keeps at most 16 bytes for
 * each. A pair that cannot be read stays: making a batch of it reports the error.
 *
 * @param wanted conditions, or a function.
 * @throws {TypeError | RangeError} for misuse, and where no pair is wanted.
 * @throws {PixtokError} for a fault of the machine.
 * @throws what `wanted` throws.
 */
export async function filter(
  source: PairSource,
  wanted: PairConditions | PairPredicate,
  options: ScanOptions = {},
): Promise<PairSource> {
  const pairs = requireIndexedSource(source);
  const isWanted =
    typeof wanted === "function"
      ? (pair: Pair, index: number) => wanted(pair, index)
      : meets(wanted);
  const scan = readOptions("filter", options, scanReaders) as ScanOptions;
  const rows = growingNumbers();
  const collect = (found: boolean, index: number) => {
    if (typeof found !== "boolean")
      throw wrongType("wanted", "a function returning a boolean", found);
    if (found) rows.push(index);
  };
  await scanPairs(pairs, true, isWanted, collect, scan);
  if (rows.length > 0) return selected(pairs, rows.finished());
  throw outOfRange("wanted", `what some of the ${pairs.length} pairs are like`, shown(wanted));
}
