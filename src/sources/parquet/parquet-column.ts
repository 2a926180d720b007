import { growingNumbers } from "../../shared/growing-numbers.js";
import {
  type Levels,
  rangesOfPage,
  readDictionary,
  readPage,
  valuesOfPage,
} from "./page-values.js";
import type { ColumnChunk, RowGroup } from "./parquet-chunks.js";
import type { ParquetFile } from "./parquet-file.js";
import {
  type Budget,
  budgetOf,
  chunkWindow,
  type Page,
  PLAIN,
  readPages,
  UNCOMPRESSED,
} from "./parquet-pages.js";
import type { ParquetLeaf } from "./parquet-schema.js";
import type { Maker } from "./parquet-values.js";

/** What an array takes for an element. */
const ELEMENT_BYTES = 8;

/**
 * Called for every value: null where there is none.
 *
 * @param repetition 0 where it begins its row; else which list of its leaf goes on, from 1.
 * @param definition the definition level: how much of what it is in is there.
 */
type OnSlot<T> = (row: number, value: T | null, repetition: number, definition: number) => void;

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

/**
 * Reads a column of a row group, every page of it checked before it is believed.
 *
 * @returns about how many bytes the values take in memory.
 * @throws {RangeError} where it is damaged.
 */
export async function readColumn<T>(
  file: ParquetFile,
  group: RowGroup,
  leaf: ParquetLeaf,
  make: Maker<T>,
  onSlot: OnSlot<T>,
): Promise<number> {
  const { rows, chunk } = chunkOf(group, leaf);
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
    const { levels, values } = valuesOfPage(bytes, page, leaf, make, dictionary, budget);
    let next = 0;
    slots.add(page, levels, () => values[next++] as T);
  }
  slots.end();
  return taken + ELEMENT_BYTES * rows;
}

export function chunkOf({ rows, columns }: RowGroup, { column }: ParquetLeaf) {
  return { rows, chunk: columns[column] as ColumnChunk };
}

/** Where each row's value, or each element of the rows' lists, is in the file; of none a size of -1. */
export interface ValueRanges {
  readonly offsets: Float64Array;
  readonly sizes: Float64Array;
  /** Where the elements of each row end among all; undefined without lists. */
  readonly ends: Float64Array | undefined;
}

/**
 * Where values are, of a column whose values stand in the file as they are; undefined of any other column.
 *
 * @throws {RangeError} where it is damaged.
 */
export async function readValueRanges(
  file: ParquetFile,
  group: RowGroup,
  leaf: ParquetLeaf,
): Promise<ValueRanges | undefined> {
  const { rows, chunk } = chunkOf(group, leaf);
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
      offsets.push(place === null ? 0 : (ofPage.offsets[place] as number));
      sizes.push(place === null ? -1 : (ofPage.sizes[place] as number));
    }
    if (ends !== undefined) ends[row] = sizes.length;
  });
  let ofPage = { offsets: new Float64Array(0), sizes: new Float64Array(0) };
  const read = chunkWindow(file, chunk.start + chunk.bytes);
  for (const page of pages) {
    const { levels, offsets, sizes } = await rangesOfPage(read, page, leaf);
    ofPage = { offsets, sizes };
    let next = 0;
    slots.add(page, levels, () => next++);
  }
  slots.end();
  return { offsets: offsets.finished(), sizes: sizes.finished(), ends };
}
