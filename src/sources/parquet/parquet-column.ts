import { crc32 } from "node:zlib";
import type { ReadBytes } from "../../shared/byte-window.js";
import { growingNumbers } from "../../shared/growing-numbers.js";
import type { ColumnChunk } from "./parquet-chunks.js";
import type { ParquetFile } from "./parquet-file.js";
import { readHybrid } from "./parquet-levels.js";
import {
  type Budget,
  budgetOf,
  chunkWindow,
  type Page,
  PLAIN,
  PLAIN_DICTIONARY,
  RLE,
  readPages,
  UNCOMPRESSED,
} from "./parquet-pages.js";
import type { ParquetLeaf } from "./parquet-schema.js";
import { unpackPage } from "./parquet-unpack.js";
import { type Maker, readValues } from "./parquet-values.js";

const RLE_DICTIONARY = 8;
/** What an array takes for an element. */
const ELEMENT_BYTES = 8;

/**
 * Called for every value: null where there is none.
 *
 * @param repetition 0 where it begins its row; else which list of its leaf goes on, from 1.
 * @param definition the definition level: how much of what it is in is there.
 */
type OnSlot<T> = (row: number, value: T | null, repetition: number, definition: number) => void;

/** Levels of a page: undefined where all are the highest. */
interface Levels {
  readonly repetition: Uint8Array | Uint32Array | undefined;
  readonly definition: Uint8Array | Uint32Array | undefined;
}

/** Bits of numbers from 0 to `most`. */
const bitsOf = (most: number) => 32 - Math.clz32(most);

/** Levels of a page in version 1 begin with their length. */
const LENGTH_BYTES = 4;

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

/** Goes through the slots of pages, and counts the rows. */
function slotsOf<T>({ deepest, lists }: ParquetLeaf, rows: number, onSlot: OnSlot<T>) {
  let row = -1;
  return {
    /** `next` gives the values that are there, in their order. */
    add({ values }: Page, { repetition, definition }: Levels, next: () => T) {
      for (let i = 0; i < values; i += 1) {
        const list = repetition === undefined ? 0 : (repetition[i] as number);
        if (list === 0) row += 1;
        if (row < 0 || row >= rows)
          throw new RangeError("a column's rows are not those of its group");
        const level = definition === undefined ? deepest : (definition[i] as number);
        if (list > 0 && level < (lists[list - 1] as number)) {
          throw new RangeError("a list goes on without an element");
        }
        const value = level === deepest ? next() : null;
        onSlot(row, value, list, level);
      }
    },
    end() {
      if (row + 1 !== rows) throw new RangeError(`a column has ${row + 1} of ${rows} rows`);
    },
  };
}

/** The bytes of a page as they are without compression. */
async function readPage(file: ParquetFile, page: Page, { codec }: ColumnChunk): Promise<Buffer> {
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

function readDictionary<T>(
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

/**
 * Reads a column of a row group, every page of it checked before it is believed.
 *
 * @returns about how many bytes the values take in memory.
 * @throws {RangeError} where it is damaged.
 */
export async function readColumn<T>(
  file: ParquetFile,
  group: number,
  leaf: ParquetLeaf,
  make: Maker<T>,
  onSlot: OnSlot<T>,
): Promise<number> {
  const { rows, chunk } = chunkOf(file, group, leaf);
  let taken = 0;
  const limit = budgetOf(chunk);
  const budget: Budget = (bytes) => {
    taken += bytes;
    limit(bytes);
  };
  const pages = await readPages(file, chunk, rows, budget);
  const slots = slotsOf(leaf, rows, onSlot);
  let dictionary: T[] | undefined;
  for (const page of pages) {
    const bytes = await readPage(file, page, chunk);
    if (chunk.codec === UNCOMPRESSED) budget(bytes.length);
    if (page.isDictionary) {
      dictionary = readDictionary(bytes, page, leaf, make, budget);
      continue;
    }
    const { levels, end } = readLevels(bytes, page, leaf);
    const count = countThere(levels, page, leaf);
    const rest = bytes.subarray(end);
    const isLookedUp = page.encoding === PLAIN_DICTIONARY || page.encoding === RLE_DICTIONARY;
    const values = isLookedUp
      ? lookUp(rest, count, dictionary)
      : readValues(rest, page.encoding, count, leaf, make, budget);
    let next = 0;
    slots.add(page, levels, () => values[next++] as T);
  }
  slots.end();
  return taken + ELEMENT_BYTES * rows;
}

function chunkOf(file: ParquetFile, group: number, { column }: ParquetLeaf) {
  const { rows, columns } = file.metadata.groups[group] as (typeof file.metadata.groups)[number];
  return { rows, chunk: columns[column] as ColumnChunk };
}

/** Where each row's value, or each element of the rows' lists, is in the file; of none a size of -1. */
export interface ValueRanges {
  readonly offsets: Float64Array;
  readonly sizes: Float64Array;
  /** Where the elements of each row end among all; undefined without lists. */
  readonly ends: Float64Array | undefined;
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
 * Where values are, of a column whose values stand in the file as they are; undefined of any other column.
 *
 * @throws {RangeError} where it is damaged.
 */
export async function readValueRanges(
  file: ParquetFile,
  group: number,
  leaf: ParquetLeaf,
): Promise<ValueRanges | undefined> {
  const { rows, chunk } = chunkOf(file, group, leaf);
  if (chunk.codec !== UNCOMPRESSED) return undefined;
  const pages = await readPages(file, chunk, rows, budgetOf(chunk));
  if (pages.some(({ isDictionary, encoding }) => isDictionary || encoding !== PLAIN)) {
    return undefined;
  }
  const offsets = growingNumbers();
  const sizes = growingNumbers();
  const inList = leaf.lists.at(-1);
  const ends = inList === undefined ? undefined : new Float64Array(rows);
  const slots = slotsOf<number>(leaf, rows, (row, place, _, definition) => {
    if (inList === undefined || definition >= inList) {
      offsets.push(place === null ? 0 : (pageOffsets[place] as number));
      sizes.push(place === null ? -1 : (pageSizes[place] as number));
    }
    if (ends !== undefined) ends[row] = sizes.length;
  });
  let pageOffsets = new Float64Array(0);
  let pageSizes = new Float64Array(0);
  const read = chunkWindow(file, chunk.start + chunk.bytes);
  for (const page of pages) {
    const { levels, end: levelsEnd } = await readLevelsAlone(read, page, leaf);
    const count = countThere(levels, page, leaf);
    const end = page.offset + page.bytes;
    let position = page.offset + levelsEnd;
    if (count > (end - position) / LENGTH_BYTES) {
      throw new RangeError("a page ends before its values do");
    }
    pageOffsets = new Float64Array(count);
    pageSizes = new Float64Array(count);
    for (let i = 0; i < count; i += 1) {
      if (position + LENGTH_BYTES > end) throw new RangeError("a page ends before its values do");
      const size = (await read(position, LENGTH_BYTES)).readUInt32LE(0);
      position += LENGTH_BYTES;
      if (position + size > end) throw new RangeError("a value reaches beyond its page");
      pageOffsets[i] = position;
      pageSizes[i] = size;
      position += size;
    }
    let next = 0;
    slots.add(page, levels, () => next++);
  }
  slots.end();
  return { offsets: offsets.finished(), sizes: sizes.finished(), ends };
}
