import { readImageProcessorOptions } from "../image/image-processor-options.js";
import { backends } from "../image/pretrained/processor-backend.js";
import { parseBoundedJson } from "../shared/bounded-json.js";
import { PixtokError } from "../shared/errors.js";
import { MAX_MODEL_FILE_BYTES, MAX_ROW_TOKENS } from "../shared/limits.js";
import { readRegularFile } from "../shared/regular-file.js";
import { saveFile } from "../shared/save-file.js";
import {
  isObject,
  outOfRange,
  requireInteger,
  requireOneOf,
  requireResult,
  requireString,
  wrongType,
} from "../shared/validation.js";
import {
  LOCK_FORMAT,
  type Lock,
  type LockedBatch,
  type LockedImage,
  type LockedOutputs,
  type LockedProcessor,
  type LockedText,
  type LockedTokenizer,
} from "./lock-format.js";

/** Name of a lock that is in a folder with other files. */
export const LOCK_NAME = "pixtok.lock.json";

const MOST_SAMPLES = 1024;

/** The contents of a lock's file: a member a line, so that versions of it can be compared. */
export function lockText({ images, texts, ...rest }: Lock): string {
  const list = (samples: readonly object[]) =>
    samples.length === 0
      ? "[]"
      : `[\n${samples.map((one) => `    ${JSON.stringify(one)}`).join(",\n")}\n  ]`;
  const members = Object.entries(rest).map(
    ([key, value]) => `  "${key}": ${JSON.stringify(value)}`,
  );
  members.push(`  "images": ${list(images)}`, `  "texts": ${list(texts)}`);
  return `{\n${members.join(",\n")}\n}\n`;
}

/** @throws {TypeError} for what neither createLock() nor loadLock() gave, such as the path of a lock. */
export function requireGivenLock(lock: Lock): void {
  const members = ["format", "processor", "tokenizer", "images", "texts"] as const;
  requireResult("lock", lock, "what createLock() or loadLock() gave", members);
}

/**
 * Writes a lock as JSON, to be read by loadLock() and attest.py.
 *
 * @throws {TypeError} for what neither createLock() nor loadLock() gave.
 * @throws {PixtokError} FILE_UNWRITABLE, or a fault of the machine.
 */
export async function saveLock(lock: Lock, path: string): Promise<void> {
  requireGivenLock(lock);
  await saveFile(requireString("path", path, "the path of a file"), lockText(lock));
}

/** @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE, INVALID_LOCK */
export async function loadLock(path: string): Promise<Lock> {
  requireString("path", path, "the path of a lock");
  return parseLock(await readLockText(path), path);
}

/** @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE */
export async function readLockText(path: string): Promise<string> {
  return (await readRegularFile(path, MAX_MODEL_FILE_BYTES)).toString("utf8");
}

/**
 * @param path for errors.
 * @throws {PixtokError} INVALID_LOCK
 */
export function parseLock(text: string, path: string): Lock {
  try {
    return requireLock(parseBoundedJson(text));
  } catch (cause) {
    const { message } = cause as Error;
    throw new PixtokError("INVALID_LOCK", message, { source: path, cause });
  }
}

function requireObject(name: string, value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw wrongType(name, "an object", value);
  return value;
}

function requireList(name: string, value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value)) throw wrongType(name, "an array", value);
  if (value.length > MOST_SAMPLES) {
    throw outOfRange(`${name}.length`, `at most ${MOST_SAMPLES}`, value.length);
  }
  return value.map((one, i) => requireObject(`${name}[${i}]`, one));
}

/** Files are hostile until they are checked. */
function requireLock(value: unknown): Lock {
  if (!isObject(value) || value.format !== LOCK_FORMAT) {
    throw new Error(`expected a file that pixtok lock wrote, with "format": "${LOCK_FORMAT}"`);
  }
  const { tokenizer } = value;
  const images = requireList("images", value.images).map(requireImage);
  return {
    format: LOCK_FORMAT,
    versions: requireVersions("versions", value.versions),
    python: requireVersions("python", value.python),
    processor: requireProcessor(requireObject("processor", value.processor)),
    tokenizer: tokenizer === null ? null : requireTokenizer(requireObject("tokenizer", tokenizer)),
    images,
    batch: value.batch === null ? null : requireBatch(requireObject("batch", value.batch), images),
    texts: requireList("texts", value.texts).map(requireText),
  };
}

function requireVersions(name: string, value: unknown): Record<string, string> {
  const versions = Object.entries(requireObject(name, value));
  return Object.fromEntries(
    versions.map(([key, version]) => [key, requireString(`${name}.${key}`, version)]),
  );
}

function requireProcessor({ config, huggingface }: Record<string, unknown>): LockedProcessor {
  const from = huggingface === null ? null : requireObject("processor.huggingface", huggingface);
  return {
    config: readImageProcessorOptions(requireObject("processor.config", config), from !== null),
    huggingface: from && {
      keys: requireObject("processor.huggingface.keys", from.keys),
      modelType:
        from.modelType === null
          ? null
          : requireString("processor.huggingface.modelType", from.modelType),
      backend: requireOneOf("processor.huggingface.backend", from.backend, backends),
    },
  };
}

const sides = ["left", "right"] as const;

function requireTokenizer(given: Record<string, unknown>): LockedTokenizer {
  const string = (key: string) => requireString(`tokenizer.${key}`, given[key]);
  const side = (key: string) => requireOneOf(`tokenizer.${key}`, given[key], sides);
  const integer = (key: string, most?: number) =>
    requireInteger(`tokenizer.${key}`, given[key], 1, most);
  return {
    json: string("json"),
    sha256: string("sha256"),
    padToken: given.padToken === null ? null : string("padToken"),
    paddingSide: side("paddingSide"),
    truncationSide: side("truncationSide"),
    vocabSize: integer("vocabSize"),
    clean: requireOneOf("tokenizer.clean", given.clean, ["alphanumeric", "none", "custom"]),
    maxLength: integer("maxLength", MAX_ROW_TOKENS),
  };
}

const dtypes = ["float32", "float16", "bfloat16", "bool", "uint8", "int64", "int32"] as const;

function requireOutputs(name: string, value: unknown): LockedOutputs {
  const outputs = Object.entries(requireObject(name, value)).map(([key, given]) => {
    const { shape, dtype, sha256 } = requireObject(`${name}.${key}`, given);
    if (!Array.isArray(shape)) throw wrongType(`${name}.${key}.shape`, "an array", shape);
    return [
      key,
      {
        shape: shape.map((length) => requireInteger(`${name}.${key}.shape`, length, 0)),
        dtype: requireOneOf(`${name}.${key}.dtype`, dtype, dtypes),
        sha256: requireString(`${name}.${key}.sha256`, sha256),
      },
    ];
  });
  return Object.fromEntries(outputs);
}

function requireImage(given: Record<string, unknown>, i: number): LockedImage {
  const name = requireString(`images[${i}].name`, given.name);
  const file = requireString(`images[${i}].file`, given.file);
  return { name, file, outputs: requireOutputs(`images[${i}].outputs`, given.outputs) };
}

function requireBatch(
  { images, outputs }: Record<string, unknown>,
  known: readonly LockedImage[],
): LockedBatch {
  if (!Array.isArray(images)) throw wrongType("batch.images", "an array", images);
  for (const [i, name] of images.entries()) {
    if (known.some((one) => one.name === name)) continue;
    throw outOfRange(`batch.images[${i}]`, "the name of an image of the lock", name);
  }
  return {
    images,
    outputs: requireOutputs("batch.outputs", outputs),
  };
}

function requireText(given: Record<string, unknown>, i: number): LockedText {
  const name = requireString(`texts[${i}].name`, given.name);
  const text = requireString(`texts[${i}].text`, given.text);
  const pair = given.pair === null ? null : requireString(`texts[${i}].pair`, given.pair);
  return { name, text, pair, outputs: requireOutputs(`texts[${i}].outputs`, given.outputs) };
}
