import type { ColumnMetaData } from "hyparquet";
import { Encodings, PageTypes } from "hyparquet/src/constants.js";
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import { getMaxDefinitionLevel, getSchemaPath } from "hyparquet/src/schema.js";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { chunkOf, type ParquetFile } from "./parquet-file.js";

/** A page of a column, as its header has it. */
interface Page {
  readonly type: string;
  /** Of what follows the header. */
  readonly offset: number;
  readonly bytes: number;
  readonly uncompressedBytes: number;
  readonly values: number;
  readonly encoding: string;
  /** Of a page in version 2, where they stand before the values and are never compressed. */
  readonly levelBytes: number | undefined;
}

/** Where each row's value is in the file; of none a size of -1. */
export interface ValueRanges {
  readonly offsets: Float64Array;
  readonly sizes: Float64Array;
}

const WINDOW = 1 << 13;
/** A page header has minimum and maximum of its values in it. */
const MOST_HEADER = 1 << 24;

/** Bytes at rising positions, read some at a time. */
function windowOn(file: ParquetFile) {
  let bytes: Buffer = Buffer.alloc(0);
  let start = 0;
  return async (position: number, length: number): Promise<Buffer> => {
    if (position < start || position + length > start + bytes.length) {
      start = position;
      // what is asked for must be there; more may be
      const more = Math.min(Math.max(length, WINDOW), Math.max(length, file.size - position));
      bytes = await file.read(position, more);
    }
    return bytes.subarray(position - start, position - start + length);
  };
}

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length);

async function readHeader(
  read: ReturnType<typeof windowOn>,
  position: number,
  end: number,
): Promise<Page> {
  for (let length = Math.min(512, end - position); ; length *= 8) {
    const reader = {
      view: viewOf(await read(position, Math.min(length, end - position))),
      offset: 0,
    };
    let header: ReturnType<typeof deserializeTCompactProtocol>;
    try {
      header = deserializeTCompactProtocol(reader);
    } catch (cause) {
      if (length < Math.min(end - position, MOST_HEADER)) continue; // it is longer than what was read
      throw new RangeError("a page has no header", { cause });
    }
    const data = header.field_5 ?? header.field_8 ?? header.field_7 ?? {};
    const isV2 = header.field_8 !== undefined;
    return {
      type: PageTypes[header.field_1] ?? "",
      offset: position + reader.offset,
      bytes: Number(header.field_3),
      uncompressedBytes: Number(header.field_2),
      values: Number(data.field_1),
      encoding: Encodings[isV2 ? data.field_4 : data.field_2] ?? "",
      levelBytes: isV2 ? Number(data.field_5 ?? 0) + Number(data.field_6 ?? 0) : undefined,
    };
  }
}

/** What a page may become when it is unpacked; what is more is not believed. */
function isPossible(bytes: number, uncompressedBytes: number): boolean {
  return (
    uncompressedBytes >= 0 &&
    uncompressedBytes <= 2 ** 31 &&
    uncompressedBytes <= 1100 * bytes + 2 ** 20
  );
}

/**
 * The pages of a column, whose headers tell where they end and how much is in them, which is to agree with
 * the file's footer: only then may memory be made for what they tell.
 */
async function readPages(file: ParquetFile, column: ColumnMetaData): Promise<Page[]> {
  const { start, bytes } = chunkOf(column);
  const end = start + bytes;
  const read = windowOn(file);
  const pages: Page[] = [];
  let values = 0;
  for (let position = start; position < end && values < Number(column.num_values); ) {
    const page = await readHeader(read, position, end);
    const fits =
      page.bytes >= 0 &&
      page.offset + page.bytes <= end &&
      isPossible(page.bytes, page.uncompressedBytes) &&
      page.values >= 0 &&
      (page.levelBytes ?? 0) >= 0 &&
      (page.levelBytes ?? 0) <= page.bytes;
    if (!fits) throw new RangeError("a page does not fit the column");
    if (page.type.startsWith("DATA_PAGE")) values += page.values;
    else if (page.values > page.uncompressedBytes)
      throw new RangeError("a dictionary is too short");
    pages.push(page);
    position = page.offset + page.bytes;
  }
  if (values !== Number(column.num_values)) throw new RangeError("a column has too few pages");
  return pages;
}

/** Checks the pages of columns before anything else reads them. @throws {RangeError} */
export async function requirePages(
  file: ParquetFile,
  columns: readonly ColumnMetaData[],
): Promise<void> {
  for (const column of columns) await readPages(file, column);
}

/** Whether a column's values stand in the file as they are. */
export function isStoredPlain({
  codec,
  encodings,
  dictionary_page_offset: dictionary,
}: ColumnMetaData) {
  const isPlain = encodings.every(
    (one) => one === "PLAIN" || one === "RLE" || one === "BIT_PACKED",
  );
  return codec === "UNCOMPRESSED" && isPlain && !dictionary;
}

/** Definition levels of a page's values, and where the values begin. */
async function readLevels(
  read: ReturnType<typeof windowOn>,
  page: Page,
  deepest: number,
): Promise<{ levels: number[] | undefined; position: number }> {
  const { offset, levelBytes, values } = page;
  if (levelBytes === undefined && deepest === 0) return { levels: undefined, position: offset };
  const prefix = levelBytes === undefined ? 4 : 0;
  const length = levelBytes ?? (await read(offset, 4)).readUInt32LE(0);
  const position = offset + prefix + length;
  if (position > page.offset + page.bytes) throw new RangeError("levels do not fit their page");
  if (deepest === 0) return { levels: undefined, position };
  const levels = new Array<number>(values);
  const reader = { view: viewOf(await read(offset + prefix, length)), offset: 0 };
  readRleBitPackedHybrid(reader, Math.ceil(Math.log2(deepest + 1)), levels, length);
  return { levels, position };
}

/**
 * Where the values of a column are, one for each of `rows`, that stand in the file as they are.
 *
 * @throws {RangeError} where its pages are not what they should be.
 */
export async function readValueRanges(
  file: ParquetFile,
  column: ColumnMetaData,
  rows: number,
): Promise<ValueRanges> {
  const deepest = getMaxDefinitionLevel(getSchemaPath(file.metadata.schema, column.path_in_schema));
  const offsets = new Float64Array(rows);
  const sizes = new Float64Array(rows).fill(-1);
  const read = windowOn(file);
  let row = 0;
  for (const page of await readPages(file, column)) {
    if (page.encoding !== "PLAIN" || row + page.values > rows) {
      throw new RangeError("a page is not what the column's metadata tell");
    }
    const { levels, position: start } = await readLevels(read, page, deepest);
    const end = page.offset + page.bytes;
    let position = start;
    for (let i = 0; i < page.values; i += 1, row += 1) {
      if (levels !== undefined && levels[i] !== deepest) continue;
      if (position + 4 > end) throw new RangeError("a page ends before its values do");
      const size = (await read(position, 4)).readUInt32LE(0);
      if (position + 4 + size > end) throw new RangeError("a value reaches beyond its page");
      offsets[row] = position + 4;
      sizes[row] = size;
      position += 4 + size;
    }
  }
  if (row !== rows) throw new RangeError("a column has not as many values as there are rows");
  return { offsets, sizes };
}
