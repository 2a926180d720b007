import { createHash } from "node:crypto";
import type { Conversation, Preference } from "../chat/rows/conversation-row.js";
import { type ImageInput, imageLabel } from "../image/image-input.js";
import { PixtokError } from "../shared/errors.js";
import type { SourceContext } from "../shared/sample-context.js";
import { describe, isObject, outOfRange, wrongType } from "../shared/validation.js";
import type { ColumnTypes } from "./column-types.js";

/** A text, or several that say the same in other words. */
export type Texts = string | readonly string[];

/** An image; or several that belong together, `null` in the place of one that is missing. */
export type Images = ImageInput | readonly (ImageInput | null)[];

/** An image and its text. */
export interface Pair {
  /**
   * The image: a path, bytes, or pixels. Or several, to stack or to choose from: `maxImages` and `onMultipleImages`. An
   * empty list is for a dataset with `maxImages`.
   */
  image: Images;
  /** One, or several to choose from: `onMultipleTexts`. Not looked at by a dataset with `text: null`. */
  text: Texts;
  /** What the pair is called where it comes from. Default: the image's path, or else the index. */
  key?: string;
  /** What else the row has, by the columns' names: numbers, lists of them, strings, objects. Default none. */
  columns?: Readonly<Record<string, unknown>>;
  /**
   * What is said about the images, for a dataset with a `processor`; it has the images that are meant, in their order.
   * Default: what stands in `columns`, as readConversation() or readPreference() reads them, with the pair's images. Columns
   * that name images are refused then.
   */
  conversation?: Conversation | Preference;
  /**
   * Where the pair is, for errors about an image that has no file of its own: a file and a row or key.
   *
   * @internal
   */
  origin?: string;
}

/** Where pairs come from. */
export interface PairSource {
  /** Number of pairs. */
  readonly length: number;
  /** The pair at an index from 0 to length - 1; asked for from several batches at once. */
  get(index: number, context: SourceContext): Pair | Promise<Pair>;
  /** The text or texts that get() gives, without the image. Default: get() is called. */
  texts?(index: number, context?: SourceContext): Texts | Promise<Texts>;
  /** Tells these pairs from others in a loader's state. Default: only the length does. */
  readonly fingerprint?: string;
  /** What kind of source it is, of how many pairs, for people to read. */
  readonly description?: string;
  /** What the columns of its pairs hold, for a dataset with columns "auto". Default: not known. */
  readonly columnTypes?: ColumnTypes;
  /** Names of classes by their numbers, of columns with numbers of classes. Default none. */
  readonly classNames?: Readonly<Record<string, readonly string[]>>;
  /**
   * Pairs in each block of those that lie together, such as a shard, in the order of the indices, for a loader with
   * shuffle "blocks". Default: not known, which such a loader refuses.
   */
  blockLengths?(): ArrayLike<number>;
  /**
   * Called with the numbers of the blocks that a loader with shuffle "blocks" is at, and of those that come next, as
   * they change. A promise is not waited for, and may reject: get() tells what is wrong. Default: nothing is read ahead.
   */
  readAhead?(blocks: readonly number[]): void | Promise<void>;
}

/** @throws {TypeError | RangeError} naming both lengths where they differ, and for no pairs at all. */
export function pairsOfArrays(imagePaths: readonly Images[], texts: readonly Texts[]): PairSource {
  if (!Array.isArray(imagePaths)) throw wrongType("imagePaths", "an array", imagePaths);
  if (!Array.isArray(texts)) {
    throw wrongType(
      "texts",
      "an array of what belongs to each image, or text: null for none",
      texts,
    );
  }
  if (imagePaths.length !== texts.length) {
    throw new RangeError(
      `imagePaths and texts: expected equal lengths, got ${imagePaths.length} images and ${texts.length} texts`,
    );
  }
  if (texts.length === 0) throw outOfRange("imagePaths and texts", "at least one pair", imagePaths);
  return {
    length: texts.length,
    fingerprint: fingerprintOfArrays(imagePaths, texts),
    description: `arrays, ${texts.length} pairs`,
    get: (index) => ({ image: imagePaths[index] as Images, text: texts[index] as Texts }),
    texts: (index) => texts[index] as Texts,
    blockLengths: () => [texts.length],
  };
}

/** As pairsOfArrays(), of images that have no texts. */
export function imagesOfArray(imagePaths: readonly Images[]): PairSource {
  if (!Array.isArray(imagePaths)) throw wrongType("imagePaths", "an array", imagePaths);
  if (imagePaths.length === 0) throw outOfRange("imagePaths", "at least one image", imagePaths);
  const source = pairsOfArrays(imagePaths, new Array<string>(imagePaths.length).fill(""));
  return { ...source, description: `array, ${imagePaths.length} images` };
}

const FINGERPRINTED_PAIRS = 64;

/** A digest of a few pairs, evenly spread: constant time, and enough to tell data sets apart. */
function fingerprintOfArrays(imagePaths: readonly Images[], texts: readonly Texts[]): string {
  const values: string[] = [];
  const step = Math.max(1, texts.length / FINGERPRINTED_PAIRS);
  for (let position = 0; position < texts.length; position += step) {
    const index = Math.floor(position);
    const images = imagesOf({ image: imagePaths[index] as Images });
    values.push(...images.map((image) => (typeof image === "string" ? image : imageLabel(image))));
    values.push(String(texts[index]));
  }
  return makeFingerprint(values);
}

/** What tells sources apart, as a fingerprint. */
export function makeFingerprint(values: Iterable<unknown>): string {
  const fingerprint = fingerprinter();
  for (const value of values) fingerprint.add(value);
  return fingerprint.digest();
}

/** Makes a fingerprint of values that come one after the other: digest() is that of those until then. */
export function fingerprinter(): { add(value: unknown): void; digest(): string } {
  const hash = createHash("sha256");
  return {
    add(value) {
      hash.update(value instanceof Uint8Array ? value : String(value)).update("\0");
    },
    digest: () => hash.copy().digest("hex").slice(0, 32),
  };
}

/** @throws {TypeError | RangeError} */
export function requireSource(source: unknown): PairSource {
  if (!isObject(source) || typeof source.get !== "function" || typeof source.length !== "number") {
    throw wrongType("source", "an object with length and get(index)", source);
  }
  if (source.texts !== undefined && typeof source.texts !== "function") {
    throw wrongType("source.texts", "a function of an index", source.texts);
  }
  for (const name of ["blockLengths", "readAhead"]) {
    if (source[name] === undefined || typeof source[name] === "function") continue;
    throw wrongType(`source.${name}`, "a function", source[name]);
  }
  // a stream's is not known
  if (source.length === Number.POSITIVE_INFINITY && "begin" in source) return source as never;
  if (!Number.isSafeInteger(source.length) || source.length < 1) {
    throw outOfRange("source.length", "at least one pair", source.length);
  }
  return source as unknown as PairSource;
}

/**
 * As requireSource(), of one whose pairs can be asked for by their indices.
 *
 * @throws {TypeError | RangeError}
 */
export function requireIndexedSource(source: unknown): PairSource {
  const given = requireSource(source);
  if (Number.isFinite(given.length)) return given;
  throw wrongType("source", "one of a known length", given.description);
}

/** Whether a pair has a list of images. */
export function isList(image: Images): image is readonly (ImageInput | null)[] {
  return Array.isArray(image);
}

/** The images that a pair has. */
export function imagesOf({ image }: Pick<Pair, "image">): readonly ImageInput[] {
  return isList(image) ? image.filter((one) => one !== null) : [image];
}

/** The first image that a pair has. */
export function firstImageOf({ image }: Pick<Pair, "image">): ImageInput | undefined {
  return isList(image) ? image.find((one) => one !== null) : image;
}

/** What a pair is called, in a batch and wherever pairs are told apart. */
export function keyOf(pair: Pair, index: number): string {
  const { key, origin } = pair;
  if (key !== undefined) return key;
  const image = firstImageOf(pair);
  return typeof image === "string" && origin === undefined ? image : String(index);
}

/**
 * @param hasText whether its text is looked at: a dataset without texts, and sets, do not.
 * @throws {PixtokError} INVALID_SAMPLE, INVALID_TEXT
 */
export function requirePair(pair: unknown, index: number, hasText = true): Pair {
  if (!isObject(pair)) {
    throw new PixtokError(
      "INVALID_SAMPLE",
      `expected { image, text } from the source, got ${describe(pair)}`,
      { index },
    );
  }
  if (hasText) requireTexts(pair.text, index);
  if (pair.key !== undefined && typeof pair.key !== "string") {
    throw new PixtokError("INVALID_SAMPLE", `key: expected a string, got ${describe(pair.key)}`, {
      index,
    });
  }
  if (pair.columns !== undefined && !isObject(pair.columns)) {
    const what = `columns: expected an object of values by name, got ${describe(pair.columns)}`;
    throw new PixtokError("INVALID_SAMPLE", what, { index });
  }
  return pair as unknown as Pair;
}

/** @throws {PixtokError} INVALID_TEXT */
export function requireTexts(texts: unknown, index: number): Texts {
  if (typeof texts === "string") return texts;
  if (Array.isArray(texts) && texts.length > 0 && texts.every((text) => typeof text === "string")) {
    return texts;
  }
  throw new PixtokError("INVALID_TEXT", `text: expected a string, got ${describe(texts)}`, {
    index,
  });
}
