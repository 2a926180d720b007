import type { Size } from "../../image/output-size.js";
import type { TensorData } from "../../shared/tensor.js";
import { columnArrays, isNumberType, type NumberColumnType } from "../column-types.js";
import type { ColumnData } from "./batch-columns.js";
import { hasTextField } from "./pack-columns.js";
import type { PackConfig, PackedColumn } from "./pack-format.js";

/** Values. Row i has those from `offsets[i]` to before `offsets[i + 1]`. */
export interface Lists<T> {
  readonly offsets: Int32Array;
  readonly values: T;
}

/** The texts of rows. */
export interface PackedTexts {
  /** The texts' tokens; where an image has several texts, one list for each of them. */
  readonly tokens: Lists<Int32Array>;
  /** Null where there are tokens alone. */
  readonly texts: Lists<Buffer> | null;
  /** Which texts a row has; null where each has one. */
  readonly several: Int32Array | null;
}

/** Values of a column: numbers of all rows, or a string a row. */
export type PackedValues = TensorData[NumberColumnType] | Lists<Buffer>;

/** Images that were taken apart. */
export interface PackedPictureRows {
  /** Which images a row has. */
  readonly rows: Int32Array;
  readonly bytes: Lists<Buffer>;
  /** Units of each image, their height and width, and 3. */
  readonly shapes: Int32Array;
  /** Height and width of each image before. */
  readonly sizes: Int32Array;
}

/** Rows whose images are in memory. */
export interface RowsWithImages {
  readonly first: number;
  readonly count: number;
}

/** Rows that are in memory as they are in the file. */
export interface PackedRows {
  readonly length: number;
  /** Planes of the images of `imageRows`, or what all images were taken apart into. */
  readonly images: Uint8Array | PackedPictureRows;
  readonly imageRows: RowsWithImages;
  /** Null where there are none. */
  readonly texts: PackedTexts | null;
  /** Numbers of the tokens of conversations, in the order of the set's columns of these: ids first. */
  readonly tokenColumns: readonly Lists<Int32Array>[];
  readonly keys: Lists<Buffer>;
  readonly indices: BigInt64Array;
  /** In the order of the set's columns. */
  readonly columns: readonly PackedValues[];
  /** Images of the set's columns of images, in the order of these. */
  readonly imageColumns: readonly Uint8Array[];
}

/**
 * Offsets are hostile until they are known to rise from 0 to no more than there is, by no more than a row
 * can have.
 */
function requireOffsets(
  data: ColumnData,
  length: number,
  values: number,
  mostInRow = Number.POSITIVE_INFINITY,
): Int32Array {
  const offsets: unknown = data.valueOffsets;
  if (!(offsets instanceof Int32Array) || offsets.length < length + 1) {
    throw new RangeError("a column has too few offsets");
  }
  let last = 0;
  for (let row = 0; row <= length; row += 1) {
    const offset = offsets[row] as number;
    if (offset < last || offset > values) {
      throw new RangeError("a column's offsets are not in order");
    }
    if (row > 0 && offset - last > mostInRow) {
      throw new RangeError(`a row has ${offset - last} tokens, of ${mostInRow} at most`);
    }
    last = offset;
  }
  return offsets;
}

function bytesOf(values: unknown): Buffer {
  if (!(values instanceof Uint8Array)) throw new RangeError("a column is not of bytes");
  return Buffer.from(values.buffer, values.byteOffset, values.length);
}

function child(data: ColumnData | undefined, position: number): ColumnData {
  const found = data?.children[position] as ColumnData | undefined;
  if (found === undefined) throw new RangeError("a column is missing");
  return found;
}

/** Numbers of all rows, in however many lists they are. Rows lie one after the other: offsets are not read. */
function numbersIn(data: ColumnData): unknown {
  let inner = data;
  while (inner.children.length > 0) inner = child(inner, 0);
  return inner.values;
}

function strings(data: ColumnData, length: number): Lists<Buffer> {
  const values = bytesOf(data.values);
  return { offsets: requireOffsets(data, length, values.length), values };
}

function tokens(data: ColumnData, length: number, maxLength: number): Lists<Int32Array> {
  const { values }: { values: unknown } = child(data, 0);
  if (!(values instanceof Int32Array)) throw new RangeError("input_ids are not of 32 bits");
  return { offsets: requireOffsets(data, length, values.length, maxLength), values };
}

function readTexts(
  idColumn: ColumnData,
  textColumn: ColumnData | null,
  length: number,
  { several: areSeveral, maxLength }: NonNullable<PackConfig["text"]>,
): PackedTexts {
  if (!areSeveral || textColumn === null) {
    return {
      tokens: tokens(idColumn, length, maxLength),
      texts: textColumn && strings(textColumn, length),
      several: null,
    };
  }
  const texts = child(textColumn, 0);
  const several = requireOffsets(textColumn, length, texts.length);
  const same = requireOffsets(idColumn, length, child(idColumn, 0).length);
  for (let row = 0; row < length; row += 1) {
    if (several[row] !== same[row] || several[row] === several[row + 1]) {
      throw new RangeError("texts and tokens do not go together");
    }
  }
  return {
    tokens: tokens(child(idColumn, 0), texts.length, maxLength),
    texts: strings(texts, texts.length),
    several,
  };
}

function readColumn(data: ColumnData, length: number, column: PackedColumn): PackedValues {
  const { name, type, size } = column;
  if (!isNumberType(type)) return strings(data, length);
  const values = numbersIn(data);
  const numbers = columnArrays[type];
  if (!(values instanceof numbers) || values.length < length * size) {
    throw new RangeError(`numbers of the column ${JSON.stringify(name)} are missing`);
  }
  return values;
}

/** The planes of a column's images. */
function readImages(data: ColumnData, length: number, { width, height }: Size): Buffer {
  const images = bytesOf(numbersIn(data));
  if (images.length < length * 3 * width * height) throw new RangeError("images are missing");
  return images;
}

/** Lists of so many numbers for each image of the rows, as `rows` says. */
function readTuples(data: ColumnData, length: number, rows: Int32Array, each: number): Int32Array {
  const images = child(data, 0);
  const own = requireOffsets(data, length, images.length);
  const count = rows[length] as number;
  const { values }: { values: unknown } = child(images, 0);
  if (!(values instanceof Int32Array)) throw new RangeError("shapes of images are not of 32 bits");
  const offsets = requireOffsets(images, count, values.length);
  const isWhole =
    own.subarray(0, length + 1).every((offset, row) => offset === rows[row]) &&
    offsets.subarray(0, count + 1).every((offset, image) => offset === image * each);
  if (!isWhole) throw new RangeError("images and their shapes do not go together");
  return values;
}

function readPictures(
  [images, shapes, sizes]: readonly [ColumnData, ColumnData, ColumnData],
  length: number,
): PackedPictureRows {
  const lists = child(images, 0);
  const rows = requireOffsets(images, length, lists.length);
  const count = rows[length] as number;
  if (rows[0] !== 0) throw new RangeError("images do not begin where they should");
  const values = bytesOf(child(lists, 0).values);
  return {
    rows,
    bytes: { offsets: requireOffsets(lists, count, values.length), values },
    shapes: readTuples(shapes, length, rows, 4),
    sizes: readTuples(sizes, length, rows, 2),
  };
}

/**
 * @param imageRows those whose images are in memory. Default: all.
 * @throws {RangeError} where rows are not whole.
 */
export function readRows(
  batch: ColumnData,
  config: PackConfig,
  imageRows: RowsWithImages = { first: 0, count: batch.length },
): PackedRows {
  const { size, pictures, conversations, text, columns, imageColumns } = config;
  const { length } = batch;
  let place = 0;
  const next = () => child(batch, place++);
  const images =
    pictures !== null
      ? readPictures([next(), next(), next()], length)
      : readImages(next(), imageRows.count, size as Size);
  // facts of images follow from their sizes: they are there for other readers
  place += pictures?.facts.length ?? 0;
  const most = conversations?.chat.maxLength ?? Number.POSITIVE_INFINITY;
  const tokenColumns = (conversations?.tokens ?? []).map(() => tokens(next(), length, most));
  const readOwn = (): PackedTexts | null => {
    const [ids] = tokenColumns;
    if (ids !== undefined) return { tokens: ids, texts: strings(next(), length), several: null };
    if (text === null) return null;
    return readTexts(next(), hasTextField(config) ? next() : null, length, text);
  };
  const texts = readOwn();
  const keys = strings(next(), length);
  const indices: unknown = next().values;
  if (!(indices instanceof BigInt64Array) || indices.length < length) {
    throw new RangeError("indices are missing");
  }
  return {
    length,
    images,
    imageRows,
    texts,
    tokenColumns,
    keys,
    indices,
    columns: columns.map((column) => readColumn(next(), length, column)),
    imageColumns: imageColumns.map((column) => readImages(next(), length, column.size)),
  };
}
