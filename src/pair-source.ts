import { createHash } from "node:crypto";
import { PixtokError } from "./errors.js";
import { type ImageInput, imageSource } from "./image-input.js";
import type { SampleContext } from "./sample-context.js";
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
  get(index: number, context: Required<SampleContext>): Pair | Promise<Pair>;
  /** Tells these pairs from others in a loader's state. Default: only the length does. */
  readonly fingerprint?: string;
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
    fingerprint: fingerprintOf(imagePaths, texts),
    get: (index) => ({ image: imagePaths[index] as ImageInput, text: texts[index] as string }),
  };
}

const FINGERPRINTED_PAIRS = 64;

/** A digest of a few pairs, evenly spread: constant time, and enough to tell data sets apart. */
function fingerprintOf(imagePaths: readonly ImageInput[], texts: readonly string[]): string {
  const hash = createHash("sha256");
  const step = Math.max(1, texts.length / FINGERPRINTED_PAIRS);
  for (let position = 0; position < texts.length; position += step) {
    const index = Math.floor(position);
    const image = imagePaths[index];
    hash.update(typeof image === "string" ? image : imageSource(image)).update("\0");
    hash.update(String(texts[index])).update("\0");
  }
  return hash.digest("hex").slice(0, 32);
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
