import { crc32 } from "node:zlib";
import type { ReadBytes } from "../../shared/byte-window.js";
import type { ColumnChunk } from "./parquet-chunks.js";
import type { ParquetFile } from "./parquet-file.js";
import { readHybrid } from "./parquet-levels.js";
import {
  type Budget,
  type Page,
  PLAIN,
  PLAIN_DICTIONARY,
  RLE,
  UNCOMPRESSED,
} from "./parquet-pages.js";
import type { ParquetLeaf } from "./parquet-schema.js";
import { unpackPage } from "./parquet-unpack.js";
import { type Maker, readValues } from "./parquet-values.js";

const RLE_DICTIONARY = 8;

/** Levels of a page: undefined where all are the highest. */
export interface Levels {
  readonly repetition: Uint8Array | Uint32Array | undefined;
  readonly definition: Uint8Array | Uint32Array | undefined;
}

/** Bits of numbers from 0 to `most`. */
const bitsOf = (most: number) => 32 - Math.clz32(most);

/** Levels of a page in version 1 begin with their length. */
const LENGTH_BYTES = 4;

/** What a page's levels say of its slots, of a column without lists: whether each has a value. */
export function isThere({ definition }: Levels, { deepest }: ParquetLeaf, slot: number): boolean {
  return definition === undefined || definition[slot] === deepest;
}

/** Takes the levels off the beginning of a page. */
function readLevels(
  bytes: Buffer,
  { values, levelBytes, levelEncodings }: Page,
  { lists, deepest }: ParquetLeaf,
): { levels: Levels; end: number } {
  let at = 0;
  const read = (most: number, stored: number | undefined, encoding: number) => {
    if (most === 0) {
      at += stored ?? 0;
      return undefined;
    }
    if (stored === undefined && encoding !== RLE) {
      throw new RangeError("levels are packed in bits, which is not read");
    }
    if (stored === undefined && at + LENGTH_BYTES > bytes.length) {
      throw new RangeError("levels do not fit their page");
    }
    const length = stored ?? bytes.readUInt32LE(at);
    const start = at + (stored === undefined ? LENGTH_BYTES : 0);
    at = start + length;
    if (at > bytes.length) throw new RangeError("levels do not fit their page");
    return readHybrid(bytes.subarray(start, at), bitsOf(most), values, most);
  };
  const repetition = read(lists.length, levelBytes?.repetition, levelEncodings.repetition);
  const definition = read(deepest, levelBytes?.definition, levelEncodings.definition);
  return { levels: { repetition, definition }, end: at };
}

function countThere({ definition }: Levels, { values }: Page, { deepest }: ParquetLeaf): number {
  if (definition === undefined) return values;
  let count = 0;
  for (const level of definition) if (level === deepest) count += 1;
  return count;
}

/** The bytes of a page as they are without compression. */
export async function readPage(
  file: ParquetFile,
  page: Page,
  { codec }: ColumnChunk,
): Promise<Buffer> {
  const { offset, bytes, checksum, levelBytes, uncompressedBytes, compressed } = page;
  const stored = await file.read(offset, bytes);
  if (checksum !== undefined && (checksum | 0) !== (crc32(stored) | 0)) {
    throw new RangeError("a page is not what its checksum says");
  }
  if (codec === UNCOMPRESSED || !compressed) {
    if (bytes !== uncompressedBytes) throw new RangeError("a page does not fit the column");
    return stored;
  }
  const levels = levelBytes === undefined ? 0 : levelBytes.repetition + levelBytes.definition;
  const unpacked = await unpackPage(codec, stored.subarray(levels), uncompressedBytes - levels);
  return levels === 0 ? unpacked : Buffer.concat([stored.subarray(0, levels), unpacked]);
}

export function readDictionary<T>(
  bytes: Buffer,
  { values, encoding }: Page,
  leaf: ParquetLeaf,
  make: Maker<T>,
  budget: Budget,
): T[] {
  if (encoding !== PLAIN && encoding !== PLAIN_DICTIONARY) {
    throw new RangeError(`a dictionary has encoding ${encoding}`);
  }
  return readValues(bytes, PLAIN, values, leaf, make, budget);
}

/** The values of a data page that refer to a dictionary. */
function lookUp<T>(bytes: Buffer, count: number, dictionary: readonly T[] | undefined): T[] {
  if (count === 0) return [];
  if (dictionary === undefined) throw new RangeError("a page's dictionary is missing");
  const [width] = bytes;
  if (width === undefined) throw new RangeError("a page ends before its values do");
  const places = readHybrid(bytes.subarray(1), width, count, dictionary.length - 1);
  return Array.from(places, (place) => dictionary[place] as T);
}

/** Whether a page's values are places in the column's dictionary. */
export function isLookedUp({ encoding }: Pick<Page, "encoding">): boolean {
  return encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY;
}

/**
 * The values that are there in a data page, and its levels.
 *
 * @throws {RangeError} where it is damaged.
 */
export function valuesOfPage<T>(
  bytes: Buffer,
  page: Page,
  leaf: ParquetLeaf,
  make: Maker<T>,
  dictionary: readonly T[] | undefined,
  budget: Budget,
): { levels: Levels; values: T[] } {
  const { levels, end } = readLevels(bytes, page, leaf);
  const count = countThere(levels, page, leaf);
  const rest = bytes.subarray(end);
  const values = isLookedUp(page)
    ? lookUp(rest, count, dictionary)
    : readValues(rest, page.encoding, count, leaf, make, budget);
  return { levels, values };
}

/** The levels before a plain page's values, without the values themselves. */
async function readLevelsAlone(read: ReadBytes, page: Page, leaf: ParquetLeaf) {
  const { offset, bytes, levelBytes } = page;
  let length = 0;
  if (levelBytes !== undefined) length = levelBytes.repetition + levelBytes.definition;
  else {
    for (const most of [leaf.lists.length, leaf.deepest]) {
      if (most === 0) continue;
      if (length + LENGTH_BYTES > bytes) throw new RangeError("levels do not fit their page");
      length += LENGTH_BYTES + (await read(offset + length, LENGTH_BYTES)).readUInt32LE(0);
    }
  }
  if (length > bytes) throw new RangeError("levels do not fit their page");
  return readLevels(await read(offset, length), page, leaf);
}

/**
 * Where the values that are there in a data page stand in the file, of one that is neither compressed nor encoded, and its
 * levels.
 *
 * @throws {RangeError} where it is damaged.
 */
export async function rangesOfPage(read: ReadBytes, page: Page, leaf: ParquetLeaf) {
  const { levels, end: levelsEnd } = await readLevelsAlone(read, page, leaf);
  const count = countThere(levels, page, leaf);
  const end = page.offset + page.bytes;
  let position = page.offset + levelsEnd;
  if (count > (end - position) / LENGTH_BYTES) {
    throw new RangeError("a page ends before its values do");
  }
  const offsets = new Float64Array(count);
  const sizes = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    if (position + LENGTH_BYTES > end) throw new RangeError("a page ends before its values do");
    const size = (await read(position, LENGTH_BYTES)).readUInt32LE(0);
    position += LENGTH_BYTES;
    if (position + size > end) throw new RangeError("a value reaches beyond its page");
    offsets[i] = position;
    sizes[i] = size;
    position += size;
  }
  return { levels, offsets, sizes };
}
