import {
  type Data,
  Int32,
  type List,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  type Schema,
  Struct,
  type Uint8,
  Utf8,
} from "apache-arrow";
import type { Size } from "../../image/output-size.js";
import type { StoredPicture } from "../../image/views/stored-pictures.js";
import type { TensorData } from "../../shared/tensor.js";
import { outOfRange } from "../../shared/validation.js";
import { joinedTokens, type TokenIds } from "../../text/token-rows.js";
import { isNumberType, type NumberColumnType } from "../column-types.js";
import type { MessagePieces } from "./message-list.js";
import {
  byteList,
  byteLists,
  imageShape,
  isArray,
  listOf,
  numbersType,
  numberType,
  textList,
  tokenRow,
  tokenRows,
} from "./pack-columns.js";
import type { PackedConversations } from "./pack-conversations.js";
import type { PackConfig, PackedColumn } from "./pack-format.js";

/** Rows to be stored. */
export interface RowsToPack {
  /** The planes of all images, or what each image of each row was taken apart into. */
  readonly images: Uint8Array | readonly (readonly StoredPicture[])[];
  /** Null where there are none, and of conversations. */
  readonly texts: TextsToPack | null;
  /** Null where rows are pairs. */
  readonly conversations: ConversationsToPack | null;
  readonly keys: readonly string[];
  readonly indices: readonly number[];
  /** Values of each column, in the columns' order: numbers of all rows, or a string a row. */
  readonly columns: readonly (TensorData[NumberColumnType] | readonly string[])[];
  /** The planes of all images of each column of images. */
  readonly imageColumns: readonly Uint8Array[];
}

export interface ConversationsToPack {
  /** As the template has written them. */
  readonly texts: readonly string[];
  /** Numbers of the tokens of each row, by the names of their columns. */
  readonly tokens: readonly Readonly<Record<string, TokenIds>>[];
}

export interface TextsToPack {
  /** The texts of each row: one, unless the set has several an image; null where there are tokens alone. */
  readonly texts: readonly (readonly string[])[] | null;
  /** Tokens of each of these. */
  readonly tokenIds: readonly (readonly TokenIds[])[];
}

/** Of the offsets of Arrow's strings and lists. */
const MOST_OFFSET = 2 ** 31 - 1;

/** Where each of some lists begins when they stand one after the other, and where the last ends. */
function offsetsOf(lists: readonly { length: number }[]): Int32Array {
  const offsets = new Int32Array(lists.length + 1);
  let end = 0;
  for (const [i, { length }] of lists.entries()) {
    end += length;
    offsets[i + 1] = end;
  }
  if (end > MOST_OFFSET) {
    const expected = `less than 2 GiB of text or images in ${lists.length} rows (a smaller fileBytes)`;
    throw outOfRange("dataset", expected, end);
  }
  return offsets;
}

function stringData(strings: readonly string[]): Data<Utf8> {
  const encoded = strings.map((text) => Buffer.from(text, "utf8"));
  return makeData({
    type: new Utf8(),
    length: strings.length,
    nullCount: 0,
    valueOffsets: offsetsOf(encoded),
    data: Buffer.concat(encoded),
  });
}

function tokenData(rows: readonly TokenIds[]): Data<List<Int32>> {
  const data = joinedTokens(rows);
  const child = makeData({ type: new Int32(), length: data.length, nullCount: 0, data });
  const { length } = rows;
  return makeData({ type: tokenRow, length, nullCount: 0, valueOffsets: offsetsOf(rows), child });
}

/** Bytes of images, the shapes of these, the sizes that the images had, and what their class says of them. */
function pictureData(
  rows: readonly (readonly StoredPicture[])[],
  facts: readonly string[],
): Data[] {
  const pictures = rows.flat();
  const bytes = pictures.map(({ data }) => data);
  const rowLists = { length: rows.length, nullCount: 0, valueOffsets: offsetsOf(rows) };
  const lists = { length: pictures.length, nullCount: 0, valueOffsets: offsetsOf(bytes) };
  const images = makeData({
    type: byteList,
    ...lists,
    child: numberData("uint8", Buffer.concat(bytes)) as Data<Uint8>,
  });
  const numbers = [
    pictures.map(({ units, unit }) => [units, unit.height, unit.width, 3]),
    pictures.map(({ size }) => [size.height, size.width]),
    ...facts.map((name) => pictures.map((picture) => picture.facts[name] ?? [])),
  ];
  return [
    makeData({ type: byteLists, ...rowLists, child: images }),
    ...numbers.map((one) => makeData({ type: tokenRows, ...rowLists, child: tokenData(one) })),
  ];
}

function textData({ texts, tokenIds }: TextsToPack, areSeveral: boolean): Data[] {
  const tokens = tokenData(tokenIds.flat());
  if (texts === null) return [tokens];
  const strings = stringData(texts.flat());
  if (!areSeveral) return [tokens, strings];
  const lists = { length: texts.length, nullCount: 0, valueOffsets: offsetsOf(texts) };
  return [
    makeData({ type: tokenRows, ...lists, child: tokens }),
    makeData({ type: textList, ...lists, child: strings }),
  ];
}

function conversationData(
  { texts, tokens }: ConversationsToPack,
  { tokens: names }: PackedConversations,
): Data[] {
  const columns = names.map((name) => tokenData(tokens.map((row) => row[name] as TokenIds)));
  return [...columns, stringData(texts)];
}

function numberData(type: NumberColumnType, data: TensorData[NumberColumnType]): Data {
  return makeData({ type: numberType(type), length: data.length, nullCount: 0, data } as never);
}

/** Lists of as many each. */
function listData(child: Data, each: number): Data {
  const length = child.length / each;
  const valueOffsets = Int32Array.from({ length: length + 1 }, (_, i) => i * each);
  return makeData({ type: listOf(child.type), length, nullCount: 0, valueOffsets, child });
}

/** Numbers of rows, of a shape each. */
function numbersData(
  type: NumberColumnType,
  shape: readonly number[],
  data: TensorData[NumberColumnType],
  { format }: PackConfig,
): Data {
  const child = numberData(type, data);
  if (shape.length === 0) return child;
  if (isArray(shape, format)) return shape.reduceRight(listData, child);
  const length = data.length / shape.reduce((product, axis) => product * axis, 1);
  const list = { type: numbersType(type, shape, format), length, nullCount: 0, child };
  return makeData(list as never);
}

function columnData(
  { type, shape }: PackedColumn,
  values: RowsToPack["columns"][number],
  config: PackConfig,
): Data {
  return isNumberType(type)
    ? numbersData(type, shape, values as TensorData[NumberColumnType], config)
    : stringData(values as readonly string[]);
}

function recordBatch(schema: Schema, config: PackConfig, rows: RowsToPack) {
  const { size, pictures, text, columns, imageColumns } = config;
  const { images, texts, conversations, keys, indices } = rows;
  const { length } = indices;
  const children: Data[] = [
    ...(pictures !== null
      ? pictureData(images as readonly (readonly StoredPicture[])[], pictures.facts)
      : [numbersData("uint8", imageShape(size as Size), images as globalThis.Uint8Array, config)]),
    ...(texts === null ? [] : textData(texts, text?.several === true)),
    ...(conversations === null
      ? []
      : conversationData(conversations, config.conversations as PackedConversations)),
    stringData(keys),
    numberData("int64", BigInt64Array.from(indices, BigInt)),
    ...columns.map((column, place) =>
      columnData(column, rows.columns[place] as RowsToPack["columns"][number], config),
    ),
    ...imageColumns.map((column, place) =>
      numbersData(
        "uint8",
        imageShape(column.size),
        rows.imageColumns[place] as globalThis.Uint8Array,
        config,
      ),
    ),
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  );
}

/** The end of a stream: a message of no length. */
export const END_OF_STREAM = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** Larger ones are written where they are. */
const MOST_COPIED = 1 << 16;

/** Adjacent small pieces in one. */
function joined(pieces: readonly Uint8Array[]): Buffer[] {
  const buffers: Buffer[] = [];
  let small: Uint8Array[] = [];
  const flush = () => {
    if (small.length > 0) buffers.push(Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length < MOST_COPIED) {
      small.push(piece);
      continue;
    }
    flush();
    buffers.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
  }
  flush();
  return buffers;
}

/** A stream's bytes, in pieces, without its end. */
export async function streamOf(
  schema: Schema,
  batches: readonly RecordBatch[],
): Promise<Uint8Array[]> {
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  for (const batch of batches) writer.write(batch);
  writer.close();
  const pieces: Uint8Array[] = [];
  for await (const piece of writer) pieces.push(piece);
  return pieces.slice(0, -1);
}

/** The message that a stream begins with. */
export async function schemaMessage(schema: Schema): Promise<Buffer> {
  return Buffer.concat(await streamOf(schema, []));
}

/** The message that brings these rows; images are not copied. */
export async function rowsMessage(
  schema: Schema,
  config: PackConfig,
  rows: RowsToPack,
): Promise<MessagePieces> {
  const before = (await streamOf(schema, [])).length;
  const pieces = await streamOf(schema, [recordBatch(schema, config, rows)]);
  const [first, ...rest] = joined(pieces.slice(before));
  return [first as Buffer, ...rest];
}
