import {
  type Data,
  Int32,
  Int64,
  type List,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  type Schema,
  Struct,
  Uint8,
  Utf8,
} from "apache-arrow";
import { imageType, textList, tokenRow, tokenRows } from "./pack-columns.js";
import type { PackConfig } from "./pack-format.js";

/** Rows to be stored. */
export interface RowsToPack {
  /** The planes of all images. */
  readonly images: Uint8Array;
  /** The texts of each row: one, unless the set has several an image. */
  readonly texts: readonly (readonly string[])[];
  /** Tokens of each of these. */
  readonly tokenIds: readonly (readonly (readonly number[])[])[];
  readonly keys: readonly string[];
  readonly indices: readonly number[];
}

/** Where each of some lists begins when they stand one after the other, and where the last ends. */
function offsetsOf(lists: readonly { length: number }[]): Int32Array {
  const offsets = new Int32Array(lists.length + 1);
  let end = 0;
  for (const [i, { length }] of lists.entries()) {
    end += length;
    offsets[i + 1] = end;
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

function tokenData(rows: readonly (readonly number[])[]): Data<List<Int32>> {
  const data = Int32Array.from(rows.flat());
  const child = makeData({ type: new Int32(), length: data.length, nullCount: 0, data });
  const { length } = rows;
  return makeData({ type: tokenRow, length, nullCount: 0, valueOffsets: offsetsOf(rows), child });
}

function recordBatch(schema: Schema, { size, text }: PackConfig, rows: RowsToPack): RecordBatch {
  const { images, texts, tokenIds, keys, indices } = rows;
  const { length } = indices;
  const strings = stringData(texts.flat());
  const tokens = tokenData(tokenIds.flat());
  const lists = { length, nullCount: 0, valueOffsets: offsetsOf(texts) };
  const pixels = makeData({
    type: new Uint8(),
    length: images.length,
    nullCount: 0,
    data: images,
  });
  const children: Data[] = [
    makeData({ type: imageType(size), length, nullCount: 0, child: pixels }),
    text.several ? makeData({ type: tokenRows, ...lists, child: tokens }) : tokens,
    text.several ? makeData({ type: textList, ...lists, child: strings }) : strings,
    stringData(keys),
    makeData({
      type: new Int64(),
      length,
      nullCount: 0,
      data: BigInt64Array.from(indices, BigInt),
    }),
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
async function streamOf(schema: Schema, batches: readonly RecordBatch[]): Promise<Uint8Array[]> {
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

/** The message that brings these rows, in pieces; images are not copied. The first piece has its head. */
export async function rowsMessage(
  schema: Schema,
  config: PackConfig,
  rows: RowsToPack,
): Promise<Buffer[]> {
  const before = (await streamOf(schema, [])).length;
  const pieces = await streamOf(schema, [recordBatch(schema, config, rows)]);
  return joined(pieces.slice(before));
}
