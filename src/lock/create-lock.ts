import { ImageProcessor } from "../image/image-processor.js";
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
import { drawnImages } from "./drawn-images.js";
import { LOCK_FORMAT, type Lock, type LockedImage, type LockedText } from "./lock-format.js";
import { lockedProcessor, lockedTokenizer } from "./locked-parts.js";
import { imageOutputs, textOutputs } from "./sample-outputs.js";
import { sampleTexts } from "./sample-texts.js";
import { matchedVersions, versionsInUse } from "./versions.js";

/** Options of `createLock`: what images and texts go through, as of a dataset. */
export interface CreateLockOptions {
  /** What images go through. Default `ImageProcessor.standard()`. */
  image?: ImageProcessor;
  /** What texts go through. Default none: the lock is of images alone. */
  tokenizer?: Tokenizer;
  /** What of a text is kept. A function cannot be proved elsewhere: rows are left out. Default "alphanumeric". */
  clean?: TextCleaning;
  /** Tokens in a row, special ones included. Default 128. */
  maxLength?: number;
}

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
    const outputs = await imageOutputs(image, file);
    images.push({ name, file: file.toString("base64"), outputs });
  }
  const locked = tokenizer === undefined ? null : lockedTokenizer(tokenizer, { clean, maxLength });
  const texts: LockedText[] = [];
  if (tokenizer !== undefined && locked !== null) {
    for (const { name, text } of sampleTexts) {
      texts.push({ name, text, outputs: await textOutputs(tokenizer, locked, text) });
    }
  }
  return {
    format: LOCK_FORMAT,
    versions: versionsInUse(),
    python: matchedVersions(image.config.resampler),
    processor: lockedProcessor(image),
    tokenizer: locked,
    images,
    texts,
  };
}
