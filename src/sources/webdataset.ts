import { basename } from "node:path";
import { PixtokError } from "../errors.js";
import { digestOf, type Pair, type PairSource, type Texts } from "../pair-source.js";
import { describe, isObject, requireOptions, wrongType } from "../validation.js";
import { expandBraces } from "./brace-pattern.js";
import { textsOf, usualTextColumns } from "./columns.js";
import { isSystemError, unreadable } from "./file-errors.js";
import { type FileStamp, readRange, stampOf } from "./open-files.js";
import { type PartNames, sampleParts, type TextFormat } from "./sample-parts.js";
import { readIndex, writeIndex } from "./shard-index.js";
import { type ShardSample, shardGrouping } from "./shard-samples.js";
import { type StringStore, stringStore } from "./string-store.js";
import { readTar } from "./tar-entries.js";

export interface WebDatasetOptions {
  /** Extension of the pictures, such as "left.jpg". Default: the one that a sample has. */
  imageExtension?: string;
  /** Extension of the texts. Default: the first that is there of txt, json and cls. */
  textExtension?: string;
  /**
   * Key of the text in JSON, which may be several, and is then taken before a txt. Default: the first of
   * text, caption, …
   */
  textColumn?: string;
}

const optionNames = [
  "imageExtension",
  "textExtension",
  "textColumn",
] as const satisfies (keyof WebDatasetOptions)[];

/** A longer text is not believed. */
const MOST_TEXT_BYTES = 1 << 24;
/** Shards that are gone through at once. */
const MOST_SCANNED = 4;
const formats = ["txt", "json", "cls"] as const satisfies TextFormat[];

/** The samples of one shard, without an object for each. */
interface Shard {
  readonly path: string;
  readonly length: number;
  readonly keys: StringStore;
  /** Offset and size of the picture, and of the text. */
  readonly ranges: Float64Array;
  /** Index into `formats`. */
  readonly formats: Uint8Array;
  /** What is wrong with a sample. */
  readonly bad: ReadonlyMap<number, string>;
  readonly stamp: FileStamp;
}

const RANGE = 4;

function invalid(path: string, message: string, index?: number, cause?: unknown): PixtokError {
  return new PixtokError("INVALID_ARCHIVE", message, { source: path, index, cause });
}

/** @param damage of the shard, which is a last sample that cannot be read. */
function shardOf(
  path: string,
  stamp: FileStamp,
  samples: readonly ShardSample[],
  damage: string | null,
  names: PartNames,
): Shard {
  const length = samples.length + (damage === null ? 0 : 1);
  const keys = stringStore();
  const ranges = new Float64Array(RANGE * length);
  const textFormats = new Uint8Array(length);
  const bad = new Map<number, string>();
  const seen = new Set<string>();
  for (const [i, sample] of samples.entries()) {
    const { key } = sample;
    keys.push(key);
    if (seen.has(key)) {
      bad.set(i, `${describe(key)}: the key was there before; files of a sample stand together`);
      continue;
    }
    seen.add(key);
    const cut = sample.components.find((part) => part.offset + part.size > stamp.size);
    if (cut !== undefined) {
      bad.set(i, `${describe(`${key}.${cut.extension}`)}: the shard ends before this file does`);
      continue;
    }
    const parts = sampleParts(sample, names);
    if (typeof parts === "string") {
      bad.set(i, `${describe(key)}: ${parts}`);
      continue;
    }
    const { picture, text, format } = parts;
    ranges.set([picture.offset, picture.size, text.offset, text.size], RANGE * i);
    textFormats[i] = formats.indexOf(format);
  }
  if (damage !== null) bad.set(samples.length, `the shard is damaged: ${damage}`);
  return { path, length, keys, ranges, formats: textFormats, bad, stamp };
}

async function openShard(path: string, names: PartNames): Promise<Shard> {
  const stamp = await stampOf(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  const indexed = await readIndex(path, stamp);
  if (indexed !== undefined) return shardOf(path, stamp, indexed, null, names);
  const { samples, add } = shardGrouping();
  const damage = await readTar(path, add);
  const shard = shardOf(path, stamp, samples, damage, names);
  const isWhole = damage === null && shard.bad.size === 0;
  if (isWhole && samples.length > 0) await writeIndex(path, stamp, samples);
  return shard;
}

async function openShards(paths: readonly string[], names: PartNames): Promise<Shard[]> {
  const shards: Shard[] = [];
  for (let first = 0; first < paths.length; first += MOST_SCANNED) {
    const some = paths.slice(first, first + MOST_SCANNED);
    shards.push(...(await Promise.all(some.map((path) => openShard(path, names)))));
  }
  return shards;
}

function readPaths(shards: unknown): string[] {
  const list: unknown[] = Array.isArray(shards) ? shards : [shards];
  for (const path of list) {
    if (typeof path !== "string" || path === "") {
      throw wrongType("shards", "paths of .tar files, or patterns such as {000..099}.tar", path);
    }
  }
  if (list.length === 0) throw wrongType("shards", "at least one", shards);
  return (list as string[]).flatMap(expandBraces);
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** A text file's text or texts. */
function parseText(
  bytes: Buffer,
  format: TextFormat,
  column: string | undefined,
): Texts | string[] {
  const text = strictUtf8.decode(bytes);
  if (format === "txt") return text.replace(/[\r\n]+$/, "");
  if (format === "cls") {
    const label = text.trim();
    if (/^-?\d+$/.test(label)) return label;
    throw new TypeError(`expected a number, got ${describe(label)}`);
  }
  const value: unknown = JSON.parse(text);
  const name = column ?? usualTextColumns.find((one) => isObject(value) && one in value);
  const texts = textsOf(isObject(value) ? value[name ?? ""] : value);
  if (texts !== undefined) return texts;
  const keys = isObject(value) ? Object.keys(value).join(", ") : describe(value);
  throw new TypeError(`expected a text in ${name ?? usualTextColumns.join(", ")}, got ${keys}`);
}

/**
 * Pairs of WebDataset shards: of each sample its picture and its `.txt`, `.json` or `.cls`. A shard is
 * gone through once; what is where in it is then kept beside it, as `000.idx` for `000.tar`, in the
 * format of NVIDIA DALI's wds2idx, where the folder can be written to. Pictures are read by the native
 * threads, texts when they are asked for; memory is some fifty bytes a sample.
 *
 * What is wrong with a sample is an error of that sample's. A shard that ends early, or has something else
 * where a header should be, has one more at its end, which says so.
 *
 * @param shards paths, or patterns with braces: `shards/{000..099}.tar`.
 * @throws {TypeError} for misuse.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; INVALID_ARCHIVE where a shard is no tar, or there
 *   are no samples.
 */
export async function openWebDataset(
  shards: string | readonly string[],
  options: WebDatasetOptions = {},
): Promise<PairSource> {
  const given = requireOptions("openWebDataset", options, optionNames);
  const name = (option: keyof WebDatasetOptions): string | undefined => {
    const value = given[option];
    if (value === undefined || typeof value === "string") return value;
    throw wrongType(option, "a name", value);
  };
  const column = name("textColumn");
  const names = {
    image: name("imageExtension"),
    text: name("textExtension") ?? (column === undefined ? undefined : "json"),
  };
  const paths = readPaths(shards);
  const opened = await openShards(paths, names);
  const starts: number[] = [];
  let length = 0;
  for (const shard of opened) {
    starts.push(length);
    length += shard.length;
  }
  if (length === 0) throw invalid(paths.join(", "), "there are no samples in it");

  /** The shard that has the sample, and which one it is there. */
  const placeOf = (index: number): { shard: Shard; sample: number } => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] as number) <= index) low = middle;
      else high = middle - 1;
    }
    const shard = opened[low] as Shard;
    const sample = index - (starts[low] as number);
    const problem = shard.bad.get(sample);
    if (problem !== undefined) throw invalid(shard.path, problem, index);
    return { shard, sample };
  };
  const readText = async (shard: Shard, sample: number, index: number): Promise<Texts> => {
    const { path, keys, ranges, stamp } = shard;
    const [offset = 0, size = 0] = ranges.subarray(RANGE * sample + 2, RANGE * (sample + 1));
    const format = formats[shard.formats[sample] as number] as TextFormat;
    const where = `the text of ${describe(keys.at(sample))}`;
    if (size > MOST_TEXT_BYTES) throw invalid(path, `${where} is too long`, index);
    try {
      return parseText(await readRange(path, stamp, offset, size), format, column);
    } catch (cause) {
      if (isSystemError(cause)) throw unreadable(path, cause);
      throw invalid(path, `${where}: ${(cause as Error).message}`, index, cause);
    }
  };
  return {
    length,
    fingerprint: digestOf([
      ...opened.flatMap(({ path, stamp }) => [basename(path), stamp.size]),
      ...[names.image, names.text, column],
    ]),
    description: `WebDataset, ${length} pairs in ${opened.length} shards`,
    async get(index): Promise<Pair> {
      const { shard, sample } = placeOf(index);
      const text = await readText(shard, sample, index);
      const [offset = 0, size = 0] = shard.ranges.subarray(RANGE * sample, RANGE * sample + 2);
      return {
        image: { path: shard.path, offset, length: size },
        text,
        id: shard.keys.at(sample),
      };
    },
    async texts(index) {
      const { shard, sample } = placeOf(index);
      return readText(shard, sample, index);
    },
  };
}
