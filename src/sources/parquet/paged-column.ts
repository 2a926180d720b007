import { findSpan } from "../../shared/find-span.js";
import type { Sized } from "./bounded-cache.js";
import {
  isLookedUp,
  isThere,
  rangesOfPage,
  readDictionary,
  readPage,
  valuesOfPage,
} from "./page-values.js";
import type { ColumnChunk, RowGroup } from "./parquet-chunks.js";
import { chunkOf } from "./parquet-column.js";
import type { ParquetFile } from "./parquet-file.js";
import {
  type Budget,
  budgetOf,
  chunkWindow,
  PLAIN,
  pageAt,
  readPages,
  UNCOMPRESSED,
} from "./parquet-pages.js";
import type { ParquetLeaf } from "./parquet-schema.js";
import type { Maker } from "./parquet-values.js";
import { withParts } from "./parts-in-memory.js";

/** What an array takes for an element, and the element beside its bytes. */
const ELEMENT_BYTES = 104;

/** A page of Arrow's writer has as much. */
const MOST_WHOLE = 1 << 20;

/** Whether a column of a row group is read at once. */
export function isSmall({ bytes }: ColumnChunk): boolean {
  return bytes <= MOST_WHOLE;
}

/** Whether a column of a row group is read a page at a time: it has no lists, and is not small. */
export function isPaged(group: RowGroup, leaf: ParquetLeaf): boolean {
  return leaf.lists.length === 0 && !isSmall(chunkOf(group, leaf).chunk);
}

/** Where the pages of a column are, and rows in them. */
export interface PagedColumn {
  /** The page that has a row, and which of its rows that is. */
  pageOf(row: number): { page: number; rowInPage: number };
  /** Whether a page's values are places in the dictionary. */
  isLookedUp(page: number): boolean;
  /** Whether a page's values stand in the file as they are. */
  isStored(page: number): boolean;
  /**
   * Where the values of a page's rows stand in the file, of one whose values are stored.
   *
   * @throws {RangeError} where it is damaged.
   */
  ranges(page: number): Promise<Sized<PageRanges>>;
  /** @throws {RangeError} where it is damaged, or there is none. */
  dictionary<T>(make: Maker<T>): Promise<Sized<T[]>>;
  /**
   * The values of a page's rows, read at once.
   *
   * @throws {RangeError} where it is damaged.
   */
  values<T>(
    page: number,
    make: Maker<T>,
    dictionary: readonly T[] | undefined,
  ): Promise<Sized<(T | null)[]>>;
}

/** Where the values of a page's rows stand in the file. */
export interface PageRanges {
  /** Null where the row has no value. */
  at(rowInPage: number): { offset: number; length: number } | null;
}

/** A budget that counts. */
function counting(chunk: ColumnChunk): { budget: Budget; taken: () => number } {
  const limit = budgetOf(chunk);
  let taken = 0;
  const budget = (bytes: number) => {
    taken += bytes;
    limit(bytes);
  };
  return { budget, taken: () => taken };
}

const NONE = 2 ** 32 - 1;

/**
 * Finds the pages of a column without lists: reads their headers.
 *
 * @throws {RangeError} where the column is damaged.
 */
export async function openPagedColumn(
  file: ParquetFile,
  group: RowGroup,
  leaf: ParquetLeaf,
): Promise<Sized<PagedColumn>> {
  const { rows, chunk } = chunkOf(group, leaf);
  const end = chunk.start + chunk.bytes;
  const all = await readPages(file, chunk, rows, budgetOf(chunk));
  const [first] = all;
  const dictionaryAt = first?.isDictionary === true ? first : undefined;
  const pages = all.filter(({ isDictionary }) => !isDictionary);
  const starts = Float64Array.from(pages, ({ start }) => start);
  const sizes = Float64Array.from(pages, ({ start, offset, bytes }) => offset + bytes - start);
  const encodings = Int32Array.from(pages, ({ encoding }) => encoding);
  const firstRows = new Float64Array(pages.length);
  const ends = new Float64Array(pages.length);
  let counted = 0;
  for (const [i, { values }] of pages.entries()) {
    firstRows[i] = counted;
    counted += values;
    ends[i] = counted;
  }
  const isPlain = (page: number) => encodings[page] === PLAIN;
  const hasStored = chunk.codec === UNCOMPRESSED && pages.some((_, page) => isPlain(page));
  const value: PagedColumn = {
    pageOf(row) {
      const { span, indexInSpan } = findSpan(ends, row);
      return { page: span, rowInPage: indexInSpan };
    },
    isLookedUp: (page) => isLookedUp({ encoding: encodings[page] as number }),
    isStored: (page) => hasStored && isPlain(page),
    async ranges(page) {
      const read = chunkWindow(file, end);
      const header = await pageAt(read, starts[page] as number, chunk);
      const found = await rangesOfPage(read, header, leaf);
      const offsets = new Float64Array(header.values);
      const lengths = new Uint32Array(header.values).fill(NONE);
      let next = 0;
      for (let slot = 0; slot < header.values; slot += 1) {
        if (!isThere(found.levels, leaf, slot)) continue;
        offsets[slot] = found.offsets[next] as number;
        lengths[slot] = found.sizes[next] as number;
        next += 1;
      }
      const ranges: PageRanges = {
        at(row) {
          const length = lengths[row] as number;
          return length === NONE ? null : { offset: offsets[row] as number, length };
        },
      };
      return { value: ranges, bytes: offsets.byteLength + lengths.byteLength };
    },
    async dictionary(make) {
      if (dictionaryAt === undefined) throw new RangeError("a page's dictionary is missing");
      const { budget, taken } = counting(chunk);
      const bytes = await readPage(file, dictionaryAt, chunk);
      budget(bytes.length);
      const values = readDictionary(bytes, dictionaryAt, leaf, make, budget);
      return { value: values, bytes: taken() + ELEMENT_BYTES * values.length };
    },
    async values(page, make, dictionary) {
      const { budget, taken } = counting(chunk);
      const start = starts[page] as number;
      const held = await withParts(file, [{ start, bytes: sizes[page] as number }]);
      const header = await pageAt(chunkWindow(held, start + (sizes[page] as number)), start, chunk);
      const bytes = await readPage(held, header, chunk);
      budget(bytes.length);
      const { levels, values } = valuesOfPage(bytes, header, leaf, make, dictionary, budget);
      let next = 0;
      const ofRows = Array.from({ length: header.values }, (_, slot) =>
        isThere(levels, leaf, slot) ? (values[next++] as (typeof values)[number]) : null,
      );
      return { value: ofRows, bytes: taken() + ELEMENT_BYTES * ofRows.length };
    },
  };
  const bytes = starts.byteLength * 4 + encodings.byteLength;
  return { value, bytes };
}
