import {
  type ImageProcessorConfig,
  readImageProcessorOptions,
} from "../../image/image-processor-options.js";
import { MAX_OUTPUT_SIDE } from "../../image/image-side.js";
import { contentSize, type Size } from "../../image/output-size.js";
import { backends, type ProcessorBackend } from "../../image/pretrained/processor-backend.js";
import type { ProcessorKeys } from "../../image/pretrained/processor-keys.js";
import { parseBoundedJson } from "../../shared/bounded-json.js";
import { PixtokError } from "../../shared/errors.js";
import { MAX_ROW_TOKENS } from "../../shared/limits.js";
import {
  describe,
  isObject,
  outOfRange,
  requireBoolean,
  requireInteger,
  requireOneOf,
  requireOptions,
  requireString,
  wrongType,
} from "../../shared/validation.js";
import { type ColumnConfig, isNumberType, readColumn } from "../column-types.js";
import { type PackedConversations, requireConversations } from "./pack-conversations.js";

/**
 * A packed set is a folder of Arrow IPC streams, which Python opens as they are:
 *
 *     data-00000-of-00012.arrow   rows of pairs
 *     tokenizer.json, tokenizer_config.json
 *     pixtok.lock.json            what samples come to, to attest other machines by
 *     pixtok.index                what the files consist of, of a set of many
 *
 * Columns: `image`, the resized image, three planes of bytes; `input_ids`, tokens that are cut and not
 * padded; `text`, as it was tokenized; `id` and `index`, what the pair was called in its source and
 * where it was; then those of the dataset, images last. With several texts an image, `input_ids` and `text` are lists of
 * them; a set without texts has neither, and one of ready tokens has no `text`. Only what a `Tokenizer` made has a
 * tokenizer beside it. Conversations have what stands beside the ids of their tokens behind these, and the files of their
 * model beside the set's: processor_config.json, preprocessor_config.json, chat_template.jinja; config.json where the model's
 * type is known.
 */

/** A column of the dataset that was packed. */
export interface PackedColumn extends ColumnConfig {
  /** Names of classes by their numbers; null where its numbers are not those of classes. */
  readonly classes: readonly string[] | null;
}

/** A column of further images that was packed. */
export interface PackedImageColumn {
  readonly name: string;
  /** Size of the stored images. */
  readonly size: Size;
  /** What they went through, and by default what is done to them after they are read. */
  readonly processor: ImageProcessorConfig;
}

/** The processor of Hugging Face that images were taken apart by, and how many of a row. */
export interface PackedPictures {
  readonly keys: ProcessorKeys;
  readonly modelType: string | null;
  readonly backend: ProcessorBackend;
  /** Names of what the class says of each image, which are columns. */
  readonly facts: readonly string[];
  /** Images that a row has at most; null: each row has one, and conversations any number. */
  readonly maxImages: number | null;
}

/** More are refused: for every message there is something to keep of each of them. */
export const MOST_PACKED_COLUMNS = 1024;

/**
 * Format 1 has lists of fixed length for numbers of a shape; format 2 has arrays of Hugging Face's `datasets`;
 * format 3 has images of any size, taken apart; format 4 has conversations about any number of these.
 */
const formats = [1, 2, 3, 4] as const;

/** What a row was made with, and of what: the same in every file of a set. */
export interface PackConfig {
  readonly format: (typeof formats)[number];
  /** Size of the stored images; null where they are taken apart. */
  readonly size: Size | null;
  /** What images went through, and by default what is done to them after they are read. */
  readonly processor: ImageProcessorConfig;
  /** How images were taken apart, for a vision–language model; null where they were not. */
  readonly pictures: PackedPictures | null;
  /** What conversations went through, which have no `text`; null where rows are pairs. */
  readonly conversations: PackedConversations | null;
  /** Null where there are no texts. */
  readonly text: {
    /** "custom": by a function, which cannot be compared with another. */
    readonly clean: "alphanumeric" | "none" | "custom";
    readonly maxLength: number;
    /** Whether an image has all of its texts, to draw one of. */
    readonly several: boolean;
    /** Where tokens were not made by a `Tokenizer`, which can be compared; null where they were. */
    readonly ready: {
      readonly padTokenId: number;
      readonly paddingSide: "left" | "right";
      /** The column of the source that they were in, where they were ready; null of a user's own tokenizer. */
      readonly column: string | null;
    } | null;
  } | null;
  /** Null where there is none in the folder. */
  readonly tokenizer: {
    /** SHA-256 of what it is made from. */
    readonly sha256: string;
    readonly vocabSize: number;
    readonly padToken: string | null;
    readonly paddingSide: "left" | "right";
    readonly truncationSide: "left" | "right";
  } | null;
  /** None in packs that were made before there were any. */
  readonly columns: readonly PackedColumn[];
  /** None in packs that were made before there were any. */
  readonly imageColumns: readonly PackedImageColumn[];
  readonly source: { readonly pairs: number; readonly fingerprint: string | null };
  /** Pairs of the source in a file; fewer rows where some could not be read. */
  readonly shardPairs: number;
}

/** A version that a set is known to have, whether or not its files are there. */
export interface AnnouncedVersion {
  /** How many files the set has in this version. */
  readonly files: number;
  readonly source: PackConfig["source"];
}

/** What one file says of itself. Its names are those of the format, which calls a file a shard. */
export interface PackedFileMetadata {
  readonly config: PackConfig;
  /** Its place in the set, and how many files that has with those of this file's version. */
  readonly shard: number;
  readonly shards: number;
  /** Place of the first file of its version: 0, unless it was appended. */
  readonly first: number;
  /** Of a file that was appended: the versions before, the oldest first, so that one whose files are all lost is known. */
  readonly before?: readonly AnnouncedVersion[];
  /** Versions of what made it, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 of the set's lock; files that were made before there were locks have none. */
  readonly lock?: string;
}

/** An open set. */
export interface Pack {
  /** Its folder, or the URL of it. */
  readonly folder: string;
  /** The folder here that has its tokenizer, where it has one, and with it the files of a model. */
  readonly tokenizerFolder: string;
  readonly config: PackConfig;
}

/** More facts of images are refused. */
export const MOST_FACTS = 8;

/** More images of a row are refused. */
export const MOST_PACKED_IMAGES = 2 ** 16;

/** Files beside the set's: what its texts went through. */
export function modelFilesOf({ tokenizer, conversations, pictures }: PackConfig): string[] {
  const hasType = typeof pictures?.modelType === "string";
  return [
    ...(tokenizer === null ? [] : ["tokenizer.json", "tokenizer_config.json"]),
    ...(conversations === null
      ? []
      : ["processor_config.json", "preprocessor_config.json", "chat_template.jinja"]),
    ...(conversations !== null && hasType ? ["config.json"] : []),
  ];
}

const METADATA = "pixtok";
const MESSAGES = "pixtok.messages";

/** The index of a set of many files: src/sources/packed/pack-index.ts. */
export const INDEX_NAME = "pixtok.index";

/** Sets of more files have an index. Of so few all are looked at when their set is opened, so that damage is found early. */
export const FEW_FILES = 64;

export function packedFileName(file: number, files: number): string {
  const digits = (number: number) => String(number).padStart(5, "0");
  return `data-${digits(file)}-of-${digits(files)}.arrow`;
}

/** Place of a packed file in its set, and how many files that has with those of its version. */
export interface PackedPlace {
  readonly shard: number;
  readonly shards: number;
}

/** Place of a file in its set, by its name; undefined for other files. */
export function parsePackedFileName(name: string): PackedPlace | undefined {
  const found = /^data-(\d{5,})-of-(\d{5,})\.arrow$/.exec(name);
  const [shard, shards] = [Number(found?.[1]), Number(found?.[2])];
  return packedFileName(shard, shards) === name && shard < shards ? { shard, shards } : undefined;
}

/** What readPackedFileMetadata() reads, for a file's schema. */
export function schemaMetadata(
  metadata: PackedFileMetadata,
  messageList: string,
): Map<string, string> {
  const { first, ...said } = metadata;
  return new Map([
    [METADATA, JSON.stringify(first === 0 ? said : metadata)],
    [MESSAGES, messageList],
  ]);
}

/** How rows were prepared: all of a configuration but which rows they are, and how many are in a file. */
export function preparationOf({
  source: _source,
  shardPairs: _pairs,
  ...preparation
}: PackConfig): Omit<PackConfig, "source" | "shardPairs"> {
  return preparation;
}

/** @throws {PixtokError} INVALID_PACK */
export function readPackedFileMetadata(
  metadata: ReadonlyMap<string, string>,
  path: string,
): PackedFileMetadata {
  const text = metadata.get(METADATA) ?? "";
  let value: unknown;
  try {
    value = parseBoundedJson(text);
  } catch (cause) {
    throw invalidPack(path, "its metadata are not JSON", cause);
  }
  return requireMetadata(value, path);
}

function requireMetadata(value: unknown, path: string): PackedFileMetadata {
  const { config, shard, shards, first, before, versions, lock } = isObject(value) ? value : {};
  const own = requirePackConfig(config, path);
  return damaged(path, () => {
    const count = requireInteger("shards", shards, 1);
    const place = requireInteger("shard", shard, 0, count - 1);
    const from = requireInteger("first", first ?? 0, 0, place);
    return {
      config: own,
      shard: place,
      shards: count,
      first: from,
      ...(before !== undefined && { before: requireBefore(before, from) }),
      versions: requireOptions("versions", versions, Object.keys(versions ?? {})) as never,
      ...(lock !== undefined && { lock: requireString("lock", lock) }),
    };
  });
}

/** @throws {TypeError | RangeError} where they are not versions up to the first file of the next. */
function requireBefore(before: unknown, first: number): AnnouncedVersion[] {
  if (!Array.isArray(before)) throw wrongType("before", "an array", before);
  let files = 0;
  const read = before.map((version: unknown, place): AnnouncedVersion => {
    const option = `before[${place}]`;
    const { files: given, source } = isObject(version) ? version : {};
    files = requireInteger(`${option}.files`, given, files + 1, first);
    return { files, source: requireRows(option, source) };
  });
  if (files !== first) throw outOfRange("before", `versions of ${first} files`, files);
  return read;
}

function damaged<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw invalidPack(path, `its metadata are damaged: ${(cause as Error).message}`, cause);
  }
}

/** @throws {PixtokError} INVALID_PACK */
export function requirePackConfig(config: unknown, path: string): PackConfig {
  const { format } = isObject(config) ? config : {};
  if (!formats.some((known) => known === format)) {
    const expected = "this version of pixtok reads formats 1 to 4";
    throw invalidPack(path, `it has format ${describe(format)}, and ${expected}`);
  }
  return damaged(path, () => requireConfig(config as Record<string, unknown>));
}

/** Files are hostile until they are checked. */
function requireConfig(config: Record<string, unknown>): PackConfig {
  const member = (name: string): Record<string, unknown> => {
    const value = config[name];
    if (!isObject(value)) throw wrongType(name, "an object", value);
    return value;
  };
  const columns = requireColumns(config.columns ?? []);
  return {
    format: config.format as PackConfig["format"],
    ...(config.format === 3 || config.format === 4
      ? requirePictures(member("pictures"), config.processor)
      : { ...requireImages("", config), pictures: null }),
    ...(config.format === 4
      ? {
          conversations: requireConversations(member("conversations")),
          ...{ text: null, tokenizer: requireTokenizer(member("tokenizer")) },
        }
      : { conversations: null, ...requireTexts(config, member) }),
    columns,
    imageColumns: requireImageColumns(config.imageColumns ?? [], columns),
    ...readRowsOfVersion("", config.source, config.shardPairs),
  };
}

/**
 * Which rows a version has, and how many are in a file.
 *
 * @param option what has them, as in versions[0]; "" for the pack.
 * @throws {TypeError | RangeError}
 */
export function readRowsOfVersion(
  option: string,
  source: unknown,
  shardPairs: unknown,
): Pick<PackConfig, "source" | "shardPairs"> {
  const name = option === "" ? "shardPairs" : `${option}.shardPairs`;
  return {
    source: requireRows(option, source),
    shardPairs: requireInteger(name, shardPairs, 1),
  };
}

function requireRows(option: string, source: unknown): PackConfig["source"] {
  const name = option === "" ? "source" : `${option}.source`;
  if (!isObject(source)) throw wrongType(name, "an object", source);
  const { pairs, fingerprint } = source;
  return {
    pairs: requireInteger(`${name}.pairs`, pairs, 1),
    fingerprint: stringOrNull(`${name}.fingerprint`, fingerprint),
  };
}

/** @param option what has the size and the processor, with a point; "" for the pack. */
function requireImages(
  option: string,
  { size, processor: given }: Record<string, unknown>,
): Pick<PackedImageColumn, "size" | "processor"> {
  if (!isObject(size)) throw wrongType(`${option}size`, "an object", size);
  if (!isObject(given)) throw wrongType(`${option}processor`, "an object", given);
  const side = (name: "width" | "height") =>
    requireInteger(`${option}size.${name}`, size[name], 1, MAX_OUTPUT_SIDE);
  // packs that do not say were made when there was no other
  const processor = readImageProcessorOptions({ resampler: "pillow12", ...given });
  const made = contentSize(`${option}processor`, processor);
  const stored = { width: side("width"), height: side("height") };
  if (stored.width !== made.width || stored.height !== made.height) {
    throw outOfRange(
      `${option}size`,
      `${made.width}x${made.height}, as its processor makes`,
      `${stored.width}x${stored.height}`,
    );
  }
  return { size: stored, processor };
}

function requirePictures(
  pictures: Record<string, unknown>,
  given: unknown,
): Pick<PackConfig, "size" | "processor" | "pictures"> {
  const { keys, modelType, backend, facts, maxImages } = pictures;
  if (!isObject(keys)) throw wrongType("pictures.keys", "an object", keys);
  if (!Array.isArray(facts) || facts.length > MOST_FACTS) {
    throw wrongType("pictures.facts", `at most ${MOST_FACTS} names`, facts);
  }
  return {
    size: null,
    processor: readImageProcessorOptions(given, true),
    pictures: {
      keys,
      modelType: stringOrNull("pictures.modelType", modelType),
      backend: requireOneOf("pictures.backend", backend, backends),
      facts: facts.map((name, place) => requireString(`pictures.facts[${place}]`, name)),
      maxImages:
        maxImages === null
          ? null
          : requireInteger("pictures.maxImages", maxImages, 1, MOST_PACKED_IMAGES),
    },
  };
}

const stringOrNull = (option: string, value: unknown) =>
  value === null ? null : requireString(option, value);

function requireTexts(
  { text, tokenizer }: Record<string, unknown>,
  member: (name: string) => Record<string, unknown>,
): Pick<PackConfig, "text" | "tokenizer"> {
  if (text === null && tokenizer === null) return { text: null, tokenizer: null };
  const read = requireText(member("text"));
  return { text: read, tokenizer: read.ready ? null : requireTokenizer(member("tokenizer")) };
}

function requireReady(ready: unknown): NonNullable<PackConfig["text"]>["ready"] {
  if (ready === undefined || ready === null) return null; // undefined in packs from before it could be
  if (!isObject(ready)) throw wrongType("text.ready", "an object", ready);
  return {
    padTokenId: requireInteger("text.ready.padTokenId", ready.padTokenId, 0, 2 ** 31 - 1),
    paddingSide: requireOneOf("text.ready.paddingSide", ready.paddingSide, ["left", "right"]),
    column: stringOrNull("text.ready.column", ready.column),
  };
}

function requireText(text: Record<string, unknown>): NonNullable<PackConfig["text"]> {
  return {
    ready: requireReady(text.ready),
    clean: requireOneOf("text.clean", text.clean, ["alphanumeric", "none", "custom"]),
    maxLength: requireInteger("text.maxLength", text.maxLength, 1, MAX_ROW_TOKENS),
    several: requireBoolean("text.several", text.several),
  };
}

function requireTokenizer(tokenizer: Record<string, unknown>): PackConfig["tokenizer"] {
  const side = (name: string) =>
    requireOneOf(`tokenizer.${name}`, tokenizer[name], ["left", "right"]);
  return {
    sha256: requireString("tokenizer.sha256", tokenizer.sha256),
    vocabSize: requireInteger("tokenizer.vocabSize", tokenizer.vocabSize, 0),
    padToken: stringOrNull("tokenizer.padToken", tokenizer.padToken),
    paddingSide: side("paddingSide"),
    truncationSide: side("truncationSide"),
  };
}

function requireColumns(columns: unknown): readonly PackedColumn[] {
  if (!Array.isArray(columns)) throw wrongType("columns", "an array", columns);
  if (columns.length > MOST_PACKED_COLUMNS) {
    throw outOfRange("columns", `at most ${MOST_PACKED_COLUMNS}`, columns.length);
  }
  const names = new Set<string>();
  return columns.map((column, place) => {
    const option = `columns[${place}]`;
    const { name, type, shape, classes } = isObject(column) ? column : {};
    const own = requireString(`${option}.name`, name);
    if (names.has(own)) throw outOfRange(`${option}.name`, "another name", own);
    names.add(own);
    const isNumber = typeof type === "string" && isNumberType(type as ColumnConfig["type"]);
    const config = readColumn(option, own, isNumber ? { type, shape } : type);
    const areNames = Array.isArray(classes) && classes.every((one) => typeof one === "string");
    if (classes !== null && !areNames) throw wrongType(`${option}.classes`, "names", classes);
    return { ...config, classes };
  });
}

function requireImageColumns(
  columns: unknown,
  others: readonly PackedColumn[],
): readonly PackedImageColumn[] {
  if (!Array.isArray(columns)) throw wrongType("imageColumns", "an array", columns);
  if (columns.length > MOST_PACKED_COLUMNS) {
    throw outOfRange("imageColumns", `at most ${MOST_PACKED_COLUMNS}`, columns.length);
  }
  const names = new Set(others.map(({ name }) => name));
  return columns.map((column: unknown, place) => {
    const option = `imageColumns[${place}]`;
    if (!isObject(column)) throw wrongType(option, "an object", column);
    const name = requireString(`${option}.name`, column.name);
    if (names.has(name)) throw outOfRange(`${option}.name`, "another name", name);
    names.add(name);
    return { name, ...requireImages(`${option}.`, column) };
  });
}

/** @param index of the row at fault, where it is one's. */
export function invalidPack(
  path: string,
  message: string,
  cause?: unknown,
  index?: number,
): PixtokError {
  return new PixtokError("INVALID_PACK", message, {
    source: path,
    cause,
    ...(index !== undefined && { index }),
  });
}
