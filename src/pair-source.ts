import { PixtokError } from "./errors.js";
import type { ImageInput } from "./image-input.js";
import { describe, isObject, outOfRange, wrongType } from "./validation.js";

/** A picture and its text. */
export interface Pair {
  image: ImageInput;
  text: string;
}

/** Where pairs come from. */
export interface PairSource {
  /** Number of pairs. */
  readonly length: number;
  /** The pair at an index from 0 to length - 1; asked for from several batches at once. */
  get(index: number): Pair | Promise<Pair>;
}

/** @throws {TypeError | RangeError} naming both lengths where they differ, and for no pairs at all. */
export function pairsOfArrays(
  imagePaths: readonly ImageInput[],
  texts: readonly string[],
): PairSource {
  if (!Array.isArray(imagePaths)) throw wrongType("imagePaths", "an array", imagePaths);
  if (!Array.isArray(texts)) throw wrongType("texts", "an array", texts);
  if (imagePaths.length !== texts.length) {
    throw new RangeError(
      `imagePaths and texts: expected equal lengths, got ${imagePaths.length} images and ${texts.length} texts`,
    );
  }
  if (texts.length === 0) throw outOfRange("imagePaths and texts", "at least one pair", imagePaths);
  return {
    length: texts.length,
    get: (index) => ({ image: imagePaths[index] as ImageInput, text: texts[index] as string }),
  };
}

/** @throws {TypeError | RangeError} */
export function requireSource(source: unknown): PairSource {
  if (!isObject(source) || typeof source.get !== "function" || typeof source.length !== "number") {
    throw wrongType("source", "an object with length and get(index)", source);
  }
  if (!Number.isSafeInteger(source.length) || source.length < 1) {
    throw outOfRange("source.length", "at least one pair", source.length);
  }
  return source as unknown as PairSource;
}

/** @throws {PixtokError} INVALID_SAMPLE, INVALID_TEXT */
export function requirePair(pair: unknown, index: number): Pair {
  if (!isObject(pair)) {
    throw new PixtokError(
      "INVALID_SAMPLE",
      `expected { image, text } from the source, got ${describe(pair)}`,
      { index },
    );
  }
  if (typeof pair.text !== "string") {
    throw new PixtokError("INVALID_TEXT", `text: expected a string, got ${describe(pair.text)}`, {
      index,
    });
  }
  return pair as unknown as Pair;
}
