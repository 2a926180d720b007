import { constants } from "node:buffer";
import { crc32 } from "node:zlib";
import { type Field, RecordBatchReader } from "apache-arrow";
import { runtime } from "../../native/runtime.js";
import { PixtokError, type PixtokErrorCode } from "../../shared/errors.js";
import { requireBatchHead, requireSchemaHead } from "./arrow-head.js";
import { findMessages, headBytes, isPackedFile, type PackedMessage } from "./message-list.js";
import { packFields } from "./pack-columns.js";
import { invalidPack, type PackedFileMetadata, readPackedFileMetadata } from "./pack-format.js";
import { type PackedRows, rowsReader } from "./packed-rows.js";

/** What a packed file says of itself. */
export interface PackedHead {
  readonly metadata: PackedFileMetadata;
  readonly messages: readonly PackedMessage[];
  /** CRC-32 of the schema, which has the checksums of all else in the file. */
  readonly schemaCrc: number;
}

/** A packed file, mapped into memory. */
export interface PackedFile extends PackedHead {
  readonly path: string;
  readonly bytes: Buffer;
}

/**
 * Finds the messages, whose heads must be what was written, and no more than the file can have: a parser
 * must not meet anything else, as what it takes for a length may be more than there is memory for.
 */
function requireMessages(path: string, bytes: Buffer): PackedMessage[] {
  const messages = listedMessages(path, bytes);
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

/** @param bytes the file, or its beginning, with the whole schema. */
function listedMessages(path: string, bytes: Buffer): PackedMessage[] {
  const messages = findMessages(bytes);
  if (messages !== undefined) return messages;
  throw isPackedFile(bytes)
    ? invalidPack(path, "its beginning is damaged")
    : notPacked(path, bytes);
}

/**
 * What a packed file says of itself, and the messages that it should have, by its schema alone.
 *
 * @param schema the beginning of the file, as long as headBytes() says.
 * @throws {PixtokError} NOT_A_PACK, INVALID_PACK
 */
export function readPackedHead(path: string, schema: Buffer): PackedHead {
  const messages = listedMessages(path, schema);
  try {
    requireSchemaHead(schema);
  } catch (cause) {
    throw invalidPack(path, `the head of the schema: ${(cause as Error).message}`, cause);
  }
  return { messages, metadata: readSchema(path, schema), schemaCrc: crc32(schema) };
}

/** Where a schema says what wrote it. */
const SCHEMA_BYTES = 2 ** 20;

/** The error for a file of that name which is another program's; its user is not to delete it. */
function notPacked(path: string, bytes: Buffer): PixtokError {
  const message = bytes.subarray(0, SCHEMA_BYTES).includes("huggingface")
    ? "save_to_disk() of Hugging Face wrote this file, which is of no packed set; MultimodalDataset.from() opens its folder"
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
  const schema = bytes.subarray(0, messages[0]?.bytes);
  return { path, bytes, messages, metadata: readSchema(path, schema), schemaCrc: crc32(schema) };
}

/** Unmaps a file. Precondition: nothing of it is in use. */
export function closePackedFile({ bytes }: PackedFile): void {
  runtime().addon.unmapRange(bytes.buffer as ArrayBuffer);
}

/** Does work with a file that is open for as long. */
export async function withPackedFile<T>(
  path: string,
  work: (file: PackedFile) => T | Promise<T>,
): Promise<T> {
  const file = openPackedFile(path);
  try {
    return await work(file);
  } finally {
    closePackedFile(file);
  }
}

/** The columns must be those that are written. */
function readSchema(path: string, message: Buffer): PackedFileMetadata {
  try {
    const { schema } = RecordBatchReader.from(message).open();
    const metadata = readPackedFileMetadata(schema.metadata, path);
    const columns = (fields: readonly Field[]) =>
      fields.map(({ name, type }) => `${name} ${type}`).join(", ");
    const expected = columns(packFields(metadata.config));
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
    const read = rowsReader(metadata.config);
    let end = 0;
    return messages.flatMap((message, place) => {
      const start = end;
      end += message.bytes;
      if (place === 0) return [];
      return [read(bytes.subarray(start, end), message.headBytes, message.rows)];
    });
  } catch (cause) {
    if (cause instanceof PixtokError) throw cause;
    throw invalidPack(path, `it cannot be read: ${(cause as Error).message}`, cause);
  }
}
