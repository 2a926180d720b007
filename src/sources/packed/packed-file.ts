import { constants } from "node:buffer";
import { crc32 } from "node:zlib";
import { type Data, type Field, RecordBatchReader } from "apache-arrow";
import { runtime } from "../../native/runtime.js";
import { PixtokError, type PixtokErrorCode } from "../../shared/errors.js";
import { requireBatchHead, requireSchemaHead } from "./arrow-head.js";
import { findMessages, headBytes, isPackedFile, type PackedMessage } from "./message-list.js";
import { packColumns } from "./pack-columns.js";
import {
  invalidPack,
  type PackConfig,
  type PackedFileMetadata,
  readPackedFileMetadata,
} from "./pack-format.js";

/** Values of which row i has those from `offsets[i]` to before `offsets[i + 1]`. */
interface Lists<T> {
  readonly offsets: Int32Array;
  readonly values: T;
}

/** Rows that are in memory as they are in the file. */
export interface PackedRows {
  readonly length: number;
  readonly images: Uint8Array;
  /** The texts' tokens; where an image has several texts, one list for each of them. */
  readonly tokens: Lists<Int32Array>;
  readonly texts: Lists<Buffer>;
  /** Which texts a row has; null where each has one. */
  readonly several: Int32Array | null;
  readonly keys: Lists<Buffer>;
  readonly indices: BigInt64Array;
}

/** A packed file, mapped into memory, and what it says of itself. */
export interface PackedFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly metadata: PackedFileMetadata;
  readonly messages: readonly PackedMessage[];
}

/**
 * Offsets are hostile until they are known to rise from 0 to no more than there is, by no more than a row
 * can have.
 */
function requireOffsets(
  data: Data,
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

function child(data: Data | undefined, position: number): Data {
  const found = data?.children[position] as Data | undefined;
  if (found === undefined) throw new RangeError("a column is missing");
  return found;
}

function strings(data: Data, length: number): Lists<Buffer> {
  const values = bytesOf(data.values);
  return { offsets: requireOffsets(data, length, values.length), values };
}

function tokens(data: Data, length: number, maxLength: number): Lists<Int32Array> {
  const { values }: { values: unknown } = child(data, 0);
  if (!(values instanceof Int32Array)) throw new RangeError("input_ids are not of 32 bits");
  return { offsets: requireOffsets(data, length, values.length, maxLength), values };
}

function readRows(batch: Data, { size, text }: PackConfig): PackedRows {
  const { length } = batch;
  const images = bytesOf(child(child(batch, 0), 0).values);
  if (images.length < length * 3 * size.width * size.height) {
    throw new RangeError("images are missing");
  }
  const idColumn = child(batch, 1);
  const textColumn = child(batch, 2);
  const indices: unknown = child(batch, 4).values;
  if (!(indices instanceof BigInt64Array) || indices.length < length) {
    throw new RangeError("indices are missing");
  }
  const rest = { length, images, keys: strings(child(batch, 3), length), indices };
  if (!text.several) {
    return {
      ...rest,
      tokens: tokens(idColumn, length, text.maxLength),
      texts: strings(textColumn, length),
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
    ...rest,
    tokens: tokens(child(idColumn, 0), texts.length, text.maxLength),
    texts: strings(texts, texts.length),
    several,
  };
}

/**
 * Finds the messages, whose heads must be what was written, and no more than the file can have: a parser
 * must not meet anything else, as what it takes for a length may be more than there is memory for.
 */
function requireMessages(path: string, bytes: Buffer): PackedMessage[] {
  const messages = findMessages(bytes);
  if (messages === undefined) {
    throw isPackedFile(bytes)
      ? invalidPack(path, "its beginning is damaged")
      : notPacked(path, bytes);
  }
  let position = 0;
  let row = 0;
  for (const [i, { bytes: length, headBytes: ownHead, headCrc, rows }] of messages.entries()) {
    const message = bytes.subarray(position, position + length);
    const head = message.subarray(0, ownHead);
    const place = i === 0 ? "the schema" : `rows ${row} to ${row + rows - 1}`;
    position += length;
    row += rows;
    if (position > bytes.length) throw invalidPack(path, `it ends early, among ${place}`);
    if (ownHead > length || headBytes(head) !== ownHead || (i > 0 && crc32(head) !== headCrc)) {
      throw invalidPack(path, `the head of ${place} is damaged`);
    }
    try {
      if (i === 0) requireSchemaHead(head);
      else requireBatchHead(head, rows, length - ownHead);
    } catch (cause) {
      throw invalidPack(path, `the head of ${place}: ${(cause as Error).message}`, cause);
    }
  }
  return messages;
}

/** Where a schema says what wrote it. */
const SCHEMA_BYTES = 2 ** 20;

/** The error for a file of that name which is another program's; its user is not to delete it. */
function notPacked(path: string, bytes: Buffer): PixtokError {
  const message = bytes.subarray(0, SCHEMA_BYTES).includes("huggingface")
    ? "save_to_disk() of Hugging Face wrote this file; Dataset.to_parquet() writes what pixtok reads"
    : "pixtok has not packed this file, or its beginning is damaged";
  return new PixtokError("NOT_A_PACK", message, { source: path });
}

/** @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE, EMPTY_FILE, FILE_TOO_LARGE; INVALID_PACK */
export function openPackedFile(path: string): PackedFile {
  const mapped = runtime().addon.mapFile(path, constants.MAX_LENGTH);
  if ("code" in mapped) {
    throw new PixtokError(mapped.code as PixtokErrorCode, mapped.message, { source: path });
  }
  const bytes = Buffer.from(mapped.bytes);
  const messages = requireMessages(path, bytes);
  const metadata = readSchema(path, bytes.subarray(0, messages[0]?.bytes));
  return { path, bytes, messages, metadata };
}

/** The columns must be those that are written. */
function readSchema(path: string, message: Buffer): PackedFileMetadata {
  try {
    const { schema } = RecordBatchReader.from(message).open();
    const metadata = readPackedFileMetadata(schema.metadata, path);
    const { size, text } = metadata.config;
    const columns = (fields: readonly Field[]) =>
      fields.map(({ name, type }) => `${name} ${type}`).join(", ");
    const expected = columns(packColumns(size, text.several));
    if (columns(schema.fields) !== expected) {
      throw new RangeError(`its columns are not ${expected}`);
    }
    return metadata;
  } catch (cause) {
    if (cause instanceof PixtokError) throw cause;
    throw invalidPack(path, `its schema cannot be read: ${(cause as Error).message}`, cause);
  }
}

/** @throws {PixtokError} INVALID_PACK */
export function readPackedFile({ path, bytes, metadata, messages }: PackedFile): PackedRows[] {
  try {
    const batches: PackedRows[] = [];
    const stream = bytes.subarray(
      0,
      messages.reduce((sum, message) => sum + message.bytes, 0),
    );
    for (const batch of RecordBatchReader.from(stream)) {
      batches.push(readRows(batch.data, metadata.config));
    }
    const listed = messages.slice(1).map(({ rows }) => rows);
    if (listed.length !== batches.length || batches.some(({ length }, i) => length !== listed[i])) {
      throw new RangeError("it has not the rows that it should have");
    }
    return batches;
  } catch (cause) {
    if (cause instanceof PixtokError) throw cause;
    throw invalidPack(path, `it cannot be read: ${(cause as Error).message}`, cause);
  }
}
