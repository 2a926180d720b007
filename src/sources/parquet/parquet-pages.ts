import { byteWindow, type ReadBytes } from "../../shared/byte-window.js";
import type { ColumnChunk } from "./parquet-chunks.js";
import type { ParquetFile } from "./parquet-file.js";
import { ENDS_EARLY, type FieldReader, I32, STRUCT, thriftReader } from "./parquet-thrift.js";

/** A page of a column, as its header has it. */
export interface Page {
  readonly isDictionary: boolean;
  /** Where its header begins. */
  readonly start: number;
  /** Where the page's data begin, behind the header. */
  readonly offset: number;
  readonly bytes: number;
  readonly uncompressedBytes: number;
  readonly values: number;
  readonly encoding: number;
  readonly checksum: number | undefined;
  /** How levels are encoded, of a page in version 1, where they are compressed with the values. */
  readonly levelEncodings: { readonly repetition: number; readonly definition: number };
  /** The lengths of a page in version 2, whose levels stand before the values and are never compressed. */
  readonly levelBytes: { readonly repetition: number; readonly definition: number } | undefined;
  /** Whether what follows the levels is compressed, where the column is. */
  readonly compressed: boolean;
}

export const PLAIN = 0;
export const PLAIN_DICTIONARY = 2;
export const RLE = 3;
export const UNCOMPRESSED = 0;

const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;

const WINDOW = 1 << 13;
/** A page header has minimum and maximum of its values in it. */
const FIRST_HEADER = 512;
const MOST_HEADER = 1 << 24;

/** Bytes up to `end`, which lies in the file. */
export function chunkWindow(file: ParquetFile, end: number): ReadBytes {
  return byteWindow((position, length) => file.read(position, length), { size: WINDOW, end });
}

interface Header {
  page: Page;
  type: number;
  /** Where the page's own bytes begin and end. */
  end: number;
}

function parseHeader(bytes: Buffer, position: number): Header {
  const reader = thriftReader(bytes);
  let type = -1;
  let checksum: number | undefined;
  let [bytesStored, uncompressedBytes] = [-1, -1];
  let ofType = -1;
  let [values, encoding] = [-1, -1];
  const levelEncodings = { repetition: RLE, definition: RLE };
  let levelBytes: { repetition: number; definition: number } | undefined;
  let compressed = true;

  const structOf =
    (
      kind: number,
      fields: Record<number, FieldReader>,
      required: Record<number, number>,
    ): FieldReader =>
    (field) => {
      if (field !== STRUCT) throw new RangeError("a page's header is damaged");
      ofType = kind;
      reader.struct(fields, required);
    };
  const into = (set: (value: number) => void): FieldReader => {
    return (field) => set(reader.integer(field));
  };
  const setValues = into((value) => {
    values = value;
  });
  const setEncoding = into((value) => {
    encoding = value;
  });
  reader.struct(
    {
      1: into((value) => {
        type = value;
      }),
      2: into((value) => {
        uncompressedBytes = value;
      }),
      3: into((value) => {
        bytesStored = value;
      }),
      4: into((value) => {
        checksum = value;
      }),
      5: structOf(
        DATA_PAGE,
        {
          1: setValues,
          2: setEncoding,
          3: into((value) => {
            levelEncodings.definition = value;
          }),
          4: into((value) => {
            levelEncodings.repetition = value;
          }),
        },
        { 1: I32, 2: I32, 3: I32, 4: I32 },
      ),
      7: structOf(DICTIONARY_PAGE, { 1: setValues, 2: setEncoding }, { 1: I32, 2: I32 }),
      8: (field) => {
        const lengths = { repetition: 0, definition: 0 };
        levelBytes = lengths;
        structOf(
          DATA_PAGE_V2,
          {
            1: setValues,
            4: setEncoding,
            5: into((value) => {
              lengths.definition = value;
            }),
            6: into((value) => {
              lengths.repetition = value;
            }),
            7: (type) => {
              compressed = reader.boolean(type);
            },
          },
          { 1: I32, 2: I32, 3: I32, 4: I32, 5: I32, 6: I32 },
        )(field);
      },
    },
    { 1: I32, 2: I32, 3: I32 },
  );
  if ([DATA_PAGE, DICTIONARY_PAGE, DATA_PAGE_V2].includes(type) && ofType !== type) {
    throw new RangeError("a page's header is not of its type");
  }
  const offset = position + reader.position;
  const page = {
    isDictionary: type === DICTIONARY_PAGE,
    start: position,
    offset,
    bytes: bytesStored,
    uncompressedBytes,
    values,
    encoding,
    checksum,
    levelEncodings,
    levelBytes: type === DATA_PAGE_V2 ? levelBytes : undefined,
    compressed,
  };
  return { page, type, end: offset + bytesStored };
}

async function readHeader(read: ReadBytes, position: number, end: number): Promise<Header> {
  for (let length = FIRST_HEADER; ; length *= 8) {
    const bytes = await read(position, Math.min(length, end - position));
    try {
      return parseHeader(bytes, position);
    } catch (cause) {
      const isLonger = cause === ENDS_EARLY && length < Math.min(end - position, MOST_HEADER);
      if (!isLonger) throw cause;
    }
  }
}

/** What a column may become when it is unpacked, for each byte of it, and what any column may. */
const MOST_EXPANSION = 1100;
const FREE_BYTES = 1 << 26;

/** How much more a column may take in memory; it throws where that is used up. */
export type Budget = (bytes: number) => void;

export function budgetOf({ bytes }: ColumnChunk): Budget {
  const most = FREE_BYTES + MOST_EXPANSION * bytes;
  let left = most;
  return (taken) => {
    left -= taken;
    if (left < 0) throw new RangeError(`${bytes} bytes of a column become more than ${most} bytes`);
  };
}

/** Values that a byte may stand for at most, in lists, beyond one for each row and as many as need little memory. */
const VALUES_A_BYTE = 8;
const FREE_VALUES = 1 << 20;

function requirePage(page: Page, column: ColumnChunk, end: number): void {
  const { levelBytes, uncompressedBytes } = page;
  const levels = levelBytes === undefined ? 0 : levelBytes.repetition + levelBytes.definition;
  const isStored = column.codec === UNCOMPRESSED;
  const fits =
    page.bytes >= 0 &&
    page.offset + page.bytes <= end &&
    uncompressedBytes >= 0 &&
    (!isStored || uncompressedBytes === page.bytes) &&
    page.values >= 0 &&
    (levelBytes === undefined || (levelBytes.repetition >= 0 && levelBytes.definition >= 0)) &&
    levels <= Math.min(page.bytes, uncompressedBytes);
  if (!fits) throw new RangeError("a page does not fit the column");
}

/** The page of a column whose header is at `position`. @throws {RangeError} */
export async function pageAt(
  read: ReadBytes,
  position: number,
  column: ColumnChunk,
): Promise<Page> {
  const end = column.start + column.bytes;
  const { page } = await readHeader(read, position, end);
  requirePage(page, column, end);
  return page;
}

/**
 * The pages of a column, whose headers tell where they end and how much is in them. That is to agree with
 * the file's footer, and with what so many bytes can become: only then may memory be made for it.
 *
 * @throws {RangeError}
 */
export async function readPages(
  file: ParquetFile,
  column: ColumnChunk,
  rows: number,
  budget: Budget,
): Promise<Page[]> {
  const { start, bytes, values: expected } = column;
  if (expected > rows + FREE_VALUES + VALUES_A_BYTE * bytes) {
    throw new RangeError(`${bytes} bytes of a column declare ${expected} values`);
  }
  const end = start + bytes;
  const read = chunkWindow(file, end);
  const pages: Page[] = [];
  let values = 0;
  for (let position = start; position < end && values < expected; ) {
    const { page, type, end: next } = await readHeader(read, position, end);
    if (type === DATA_PAGE || type === DATA_PAGE_V2 || type === DICTIONARY_PAGE) {
      requirePage(page, column, end);
      if (page.isDictionary && pages.length > 0) throw new RangeError("a dictionary is not first");
      if (!page.isDictionary) values += page.values;
      if (column.codec !== UNCOMPRESSED) budget(page.uncompressedBytes);
      pages.push(page);
    }
    if (!(next > position && next <= end)) throw new RangeError("a page does not fit the column");
    position = next;
  }
  if (values !== expected) throw new RangeError(`a column has ${values} of ${expected} values`);
  return pages;
}
