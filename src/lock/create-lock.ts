import { ImageProcessor } from "../image/image-processor.js";
import { PixtokError } from "../shared/errors.js";
import { MAX_ROW_TOKENS } from "../shared/limits.js";
import {
  instanceOf,
  integer,
  type OptionReaders,
  optional,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { requireOneOf } from "../shared/validation.js";
import type { TextCleaning } from "../text/text-cleaning.js";
import { Tokenizer } from "../text/tokenizer.js";
import {
  LOCK_FORMAT,
  type Lock,
  type LockedBatch,
  type LockedImage,
  type LockedOutputs,
  type LockedText,
} from "./lock-format.js";
import { lockedProcessor, lockedTokenizer } from "./locked-parts.js";
import { filesOf, imageOutputs, textOutputs } from "./sample-outputs.js";
import { sampleTexts } from "./sample-texts.js";
import { drawnImages } from "./synthetic-images.js";
import { matchedVersions, versionsInUse } from "./versions.js";

/** Options of `createLock`: what images and texts go through, as of a dataset. */
export interface CreateLockOptions {
  /** What images go through. Default `ImageProcessor.standard()`. */
  image?: ImageProcessor;
  /** What texts go through. Default none: the lock is of images alone. */
  tokenizer?: Tokenizer;
  /** How a text is cleaned. A function cannot be proved elsewhere: rows are left out. Default "alphanumeric". */
  clean?: TextCleaning;
  /** Tokens in a row, special ones included. Default 128. */
  maxLength?: number;
}

/** High and wide ones are among them. */
const BATCH_IMAGES = 5;

const readers = {
  image: optional(instanceOf(ImageProcessor, "an ImageProcessor")),
  tokenizer: optional(instanceOf(Tokenizer, "a Tokenizer")),
  clean: (option, value): TextCleaning =>
    typeof value === "function"
      ? (value as (text: string) => string)
      : requireOneOf(option, value ?? "alphanumeric", ["alphanumeric", "none"]),
  maxLength: withDefault(integer(1, MAX_ROW_TOKENS), 128),
} satisfies OptionReaders<CreateLockOptions>;

/**
 * A preprocessing, whole, and what drawn images and texts come to in it, as hashes: for `attestLock()`, or
 * attest.py, to say on another machine whether it gives the same.
 *
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer fails.
 */
export async function createLock(options: CreateLockOptions = {}): Promise<Lock> {
  const given = readOptions("createLock", options, readers);
  const { image = ImageProcessor.standard(), tokenizer, clean, maxLength } = given;
  const images: LockedImage[] = [];
  for (const { name, file } of await drawnImages()) {
    const outputs = await whereItFits(imageOutputs(image, file));
    if (outputs !== null) images.push({ name, file: file.toString("base64"), outputs });
  }
  const locked = tokenizer === undefined ? null : lockedTokenizer(tokenizer, { clean, maxLength });
  const texts: LockedText[] = [];
  if (tokenizer !== undefined && locked !== null) {
    for (const sample of sampleTexts) {
      texts.push({ ...sample, outputs: await textOutputs(tokenizer, locked, sample) });
    }
  }
  return {
    format: LOCK_FORMAT,
    versions: versionsInUse(),
    python: matchedVersions(image.config.resampler),
    processor: lockedProcessor(image),
    tokenizer: locked,
    images,
    batch: await lockedBatch(image, images.slice(0, BATCH_IMAGES)),
    texts,
  };
}

async function lockedBatch(
  processor: ImageProcessor,
  images: readonly LockedImage[],
): Promise<LockedBatch | null> {
  if (images.length === 0) return null;
  const outputs = await whereItFits(imageOutputs(processor, filesOf(images)));
  return outputs && { images: images.map(({ name }) => name), outputs };
}

/** Null where an image is too small for the processor, or images do not come to one size. */
async function whereItFits(work: Promise<LockedOutputs>): Promise<LockedOutputs | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PixtokError && error.code === "DOES_NOT_FIT") return null;
    throw error;
  }
}
