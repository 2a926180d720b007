import { crc32 } from "node:zlib";
import { type Field, RecordBatchReader } from "apache-arrow";
import { mapFile } from "../../native/file-maps.js";
import { runtime } from "../../native/runtime.js";
import { PixtokError } from "../../shared/errors.js";
import { requireBatchHead, requireSchemaHead } from "./arrow-head.js";
import { askForBytes, askForParts, smallColumns } from "./asked-pages.js";
import { type ColumnData, columnsReader, wholeBody } from "./batch-columns.js";
import { findMessages, headBytes, isPackedFile, type PackedMessage } from "./message-list.js";
import { packFields } from "./pack-columns.js";
import { invalidPack, type PackedFileMetadata, readPackedFileMetadata } from "./pack-format.js";
import { type PackedRows, readRows } from "./packed-rows.js";

/** What a packed file says of itself. */
export interface PackedHead {
  readonly metadata: PackedFileMetadata;
  readonly messages: readonly PackedMessage[];
  /** CRC-32 of the schema, which has the checksums of all else in the file. */
  readonly schemaCrc: number;
}

/** A file in memory that has not been looked at. */
export interface MappedFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** A packed file, mapped into memory. */
export interface PackedFile extends PackedHead, MappedFile {}

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

/** What is asked for of a file before it says how long its schema is. */
const BEGINNING_BYTES = 2 ** 16;

/**
 * @param map maps it. Default: on its own.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE, EMPTY_FILE, FILE_TOO_LARGE
 */
export function mapPackedFile(path: string, map = () => mapFile(path)): MappedFile {
  const bytes = map();
  askForBytes(bytes.subarray(0, BEGINNING_BYTES));
  return { path, bytes };
}

const memoryOf = ({ bytes }: MappedFile) => bytes.buffer as ArrayBuffer;

/** A message in its file. */
interface PlacedMessage extends PackedMessage {
  readonly begin: number;
  /** What an error calls it. */
  readonly name: string;
}

function* placed(messages: readonly PackedMessage[]): Generator<PlacedMessage> {
  let begin = 0;
  let row = 0;
  for (const [i, message] of messages.entries()) {
    const name = i === 0 ? "the schema" : `rows ${row} to ${row + message.rows - 1}`;
    yield { ...message, begin, name };
    begin += message.bytes;
    row += message.rows;
  }
}

/**
 * A message's head must be what was written, and no more than the file can have: a parser must not meet anything
 * else, as what it takes for a length may be more than there is memory for.
 */
function requireHead({ path, bytes: file }: MappedFile, message: PlacedMessage): void {
  const { begin, bytes, headBytes: ownHead, headCrc, rows, name } = message;
  const isSchema = begin === 0;
  const head = file.subarray(begin, begin + Math.min(ownHead, bytes));
  const isDamaged = headBytes(head) !== ownHead || (!isSchema && crc32(head) !== headCrc);
  if (ownHead > bytes || isDamaged) throw invalidPack(path, `the head of ${name} is damaged`);
  try {
    if (isSchema) requireSchemaHead(head);
    else requireBatchHead(head, rows, bytes - ownHead);
  } catch (cause) {
    throw invalidPack(path, `the head of ${name}: ${(cause as Error).message}`, cause);
  }
}

/**
 * What a file says of itself, by its schema alone. The heads of its other messages are asked for, and not looked at.
 *
 * @throws {PixtokError} NOT_A_PACK, INVALID_PACK
 */
export function readBeginning(file: MappedFile): PackedFile {
  const { path, bytes } = file;
  const messages = listedMessages(path, bytes);
  const heads: { begin: number; end: number }[] = [];
  for (const message of placed(messages)) {
    const { begin, name } = message;
    if (begin + message.bytes > bytes.length) {
      throw invalidPack(path, `it ends early, among ${name}`);
    }
    if (begin === 0) {
      requireHead(file, message);
    } else {
      const head = bytes.byteOffset + begin;
      heads.push({ begin: head, end: head + Math.min(message.headBytes, message.bytes) });
    }
  }
  askForParts(memoryOf(file), heads);
  const schema = bytes.subarray(0, messages[0]?.bytes);
  return { path, bytes, messages, metadata: readSchema(path, schema), schemaCrc: crc32(schema) };
}

/** @throws {PixtokError} INVALID_PACK where the head of a message is not what was written. */
export function requireHeads(file: PackedFile): PackedFile {
  for (const message of placed(file.messages)) if (message.begin > 0) requireHead(file, message);
  return file;
}

/** @throws {PixtokError} as mapPackedFile(), readBeginning() and requireHeads() */
export function openPackedFile(path: string, map?: () => Buffer): PackedFile {
  return requireHeads(readBeginning(mapPackedFile(path, map)));
}

/** Unmaps a file that was mapped on its own. Precondition: nothing of it is in use. */
export function closePackedFile(file: PackedFile): void {
  runtime().addon.unmapRange(memoryOf(file));
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

function unreadable({ path }: MappedFile, cause: unknown): unknown {
  if (cause instanceof PixtokError) return cause;
  return invalidPack(path, `it cannot be read: ${(cause as Error).message}`, cause);
}

/** The columns of a file's messages. Those that are read when the file is opened have been asked for. */
function findColumns(file: PackedFile): ColumnData[] {
  const [, ...ofRows] = placed(file.messages);
  try {
    const columns = columnsReader(packFields(file.metadata.config));
    const batches = ofRows.map(({ begin, bytes, headBytes: ownHead, rows }) => {
      const message = file.bytes.subarray(begin, begin + bytes);
      return columns(message.subarray(0, ownHead), rows, wholeBody(message, ownHead));
    });
    askForParts(
      memoryOf(file),
      batches.flatMap((batch) => [...smallColumns(batch)]),
    );
    return batches;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** Messages whose columns are asked for before any is read: they are in the heap twice for as long. */
const FOUND_AT_ONCE = 4096;

/**
 * The rows of each file's messages.
 *
 * @throws {PixtokError} INVALID_PACK
 */
export function readPackedFiles(files: readonly PackedFile[]): PackedRows[][] {
  const found: { file: PackedFile; batches: ColumnData[] }[] = [];
  let messages = 0;
  const readFound = () => {
    messages = 0;
    return found.splice(0).map(({ file, batches }) => {
      try {
        return batches.map((batch) => readRows(batch, file.metadata.config));
      } catch (cause) {
        throw unreadable(file, cause);
      }
    });
  };
  const rows = files.flatMap((file) => {
    found.push({ file, batches: findColumns(file) });
    messages += file.messages.length;
    return messages < FOUND_AT_ONCE ? [] : readFound();
  });
  return [...rows, ...readFound()];
}

/** @throws {PixtokError} INVALID_PACK */
export function readPackedFile(file: PackedFile): PackedRows[] {
  return readPackedFiles([file])[0] as PackedRows[];
}
