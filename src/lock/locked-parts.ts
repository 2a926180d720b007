import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { coreOfProcessor, ImageProcessor, processorOfCore } from "../image/image-processor.js";
import { PixtokError } from "../shared/errors.js";
import { MAX_MODEL_FILE_BYTES } from "../shared/limits.js";
import { whenLoaded } from "../shared/when-loaded.js";
import { type CleaningName, cleaningName, type TextCleaning } from "../text/text-cleaning.js";
import { coreOfTokenizer, type Tokenizer, tokenizerOfCore } from "../text/tokenizer.js";
import { tokenizerCore } from "../text/tokenizer-core.js";
import { givenTokenizer } from "../text/tokenizer-files.js";
import type { LockedProcessor, LockedTokenizer } from "./lock-format.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

export function lockedProcessor(processor: ImageProcessor): LockedProcessor {
  const { config, origin } = coreOfProcessor(processor);
  return {
    config,
    huggingface: origin && {
      keys: origin.keys,
      modelType: origin.modelType ?? null,
      backend: origin.backend,
    },
  };
}

export function lockedTokenizer(
  tokenizer: Tokenizer,
  { clean, maxLength }: { clean: TextCleaning | CleaningName; maxLength: number },
): LockedTokenizer {
  const { json, padToken } = coreOfTokenizer(tokenizer).files;
  return {
    json: gzipSync(json, { level: 9 }).toString("base64"),
    sha256: sha256(json),
    // one that is not in the vocabulary does not pad
    padToken: tokenizer.padTokenId === undefined ? null : (padToken ?? null),
    paddingSide: tokenizer.paddingSide,
    truncationSide: tokenizer.truncationSide,
    vocabSize: tokenizer.vocabSize,
    clean: cleaningName(clean),
    maxLength,
  };
}

/** Contents of the tokenizer.json. */
export function tokenizerJson({ json }: LockedTokenizer): string {
  const bytes = gunzipSync(Buffer.from(json, "base64"), { maxOutputLength: MAX_MODEL_FILE_BYTES });
  return bytes.toString("utf8");
}

function damaged(what: string, cause: unknown): PixtokError {
  const message = cause instanceof PixtokError ? cause.reason : (cause as Error).message;
  return new PixtokError("INVALID_LOCK", `${what}: ${message}`, { cause });
}

/**
 * The processor that a lock describes.
 *
 * @throws {PixtokError} INVALID_LOCK
 */
export async function processorOf({
  config,
  huggingface,
}: LockedProcessor): Promise<ImageProcessor> {
  // what is not loaded is no damage of the lock
  const { coreOfOrigin } = await whenLoaded(import("../image/processor-of-origin.js"));
  try {
    if (huggingface === null) return new ImageProcessor(config);
    const { keys, modelType, backend } = huggingface;
    const { exifOrientation, alpha } = config;
    const resampler = config.resampler === "pillow12" ? "pillow12" : "pillow13";
    const origin = { keys, modelType: modelType ?? undefined, backend };
    return processorOfCore(coreOfOrigin(origin, { resampler, exifOrientation, alpha }, "the lock"));
  } catch (cause) {
    throw damaged("processor", cause);
  }
}

/**
 * The tokenizer that a lock describes.
 *
 * @throws {PixtokError} INVALID_LOCK
 */
export async function tokenizerOf(locked: LockedTokenizer): Promise<Tokenizer> {
  const { padToken, paddingSide, truncationSide } = locked;
  try {
    const json = tokenizerJson(locked);
    if (sha256(json) !== locked.sha256) throw new Error("its contents are not those of its sha256");
    const files = givenTokenizer(json, {
      padToken: padToken ?? undefined,
      paddingSide,
      truncationSide,
      source: "the lock",
    });
    return tokenizerOfCore(await tokenizerCore(files));
  } catch (cause) {
    throw damaged("tokenizer", cause);
  }
}
