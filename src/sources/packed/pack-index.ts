import { constants } from "node:buffer";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { crc32 } from "node:zlib";
import {
  type DataType,
  Field,
  FixedSizeList,
  Int32,
  List,
  makeData,
  RecordBatch,
  RecordBatchReader,
  Schema,
  Struct,
  Uint32,
} from "apache-arrow";
import { parseBoundedJson } from "../../shared/bounded-json.js";
import { PixtokError } from "../../shared/errors.js";
import { readFully } from "../../shared/read-fully.js";
import { openRegularFile, readRegularFile } from "../../shared/regular-file.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import { isObject, requireInteger, requireString, wrongType } from "../../shared/validation.js";
import { requireSchemaHead } from "./arrow-head.js";
import { type ColumnData, columnsReader, wholeBody } from "./batch-columns.js";
import { headBytes, MOST_SCHEMA_BYTES, type PackedMessage } from "./message-list.js";
import {
  INDEX_NAME,
  invalidPack,
  type PackConfig,
  packedFileName,
  readRowsOfVersion,
  requirePackConfig,
} from "./pack-format.js";
import { upToVersion } from "./pack-versions.js";
import { END_OF_STREAM, streamOf } from "./record-batch.js";

/**
 * The index of a set: one Arrow IPC stream beside its files, of one batch with a row for each file.
 *
 *     rows          int32
 *     schema_bytes  uint32
 *     schema_crc    uint32                    CRC-32 of the schema, which has the checksums of all else in the file
 *     messages      list<fixed_size_list[4]>  of each message of rows: bytes, bytes of its head, rows, CRC-32 of its head
 *
 * A set of many files is opened by it without looking at any of these. What it says of a file is compared with the file when a
 * row of it is first read.
 */
/** Numbers of a message in the index. */
const [BYTES, HEAD_BYTES, ROWS, HEAD_CRC] = [0, 1, 2, 3];
export const NUMBERS_OF_MESSAGE = 4;

export const numbersOf = ({ bytes, headBytes: head, rows, headCrc }: PackedMessage) => [
  bytes,
  head,
  rows,
  headCrc,
];

/** A version of a set, as its index has it. */
export interface IndexedVersion extends Pick<PackConfig, "source" | "shardPairs"> {
  /** How many files the set has in this version. */
  readonly files: number;
  /** Tells it from other sets and versions, as it is by its files. */
  readonly fingerprint: string;
}

/** What the files of a set consist of. */
export interface PackIndex {
  /** What the files of the first version were made with, and but for `source` and `shardPairs` all others. */
  readonly config: PackConfig;
  /** The oldest first. */
  readonly versions: readonly IndexedVersion[];
  /** Those of the newest version. */
  readonly files: number;
  readonly fingerprint: string;
  /** Of each file. */
  readonly rows: Int32Array;
  readonly schemaBytes: Uint32Array;
  readonly schemaCrcs: Uint32Array;
  /** Messages of rows of file i are those from `starts[i]` to before `starts[i + 1]`. */
  readonly starts: Int32Array;
  /** Four numbers of each message. */
  readonly messages: Uint32Array;
}

/** Where the message of a row is in its file. */
export interface MessagePlace {
  /** Number of the message among those of all files. */
  readonly message: number;
  /** In the file, and in the message. */
  readonly offset: number;
  readonly row: number;
  readonly bytes: number;
  readonly headBytes: number;
  readonly rows: number;
  readonly headCrc: number;
  /** Bytes of the whole file, and of the schema that it begins with, with the CRC-32 of that. */
  readonly fileBytes: number;
  readonly schemaBytes: number;
  readonly schemaCrc: number;
}

/** The version that a file came with. */
const versionOfFile = ({ versions }: Pick<PackIndex, "versions">, file: number) =>
  versions.find(({ files }) => file < files) as IndexedVersion;

export function nameInIndex(index: Pick<PackIndex, "versions">, file: number): string {
  return packedFileName(file, versionOfFile(index, file).files);
}

export function pathInIndex(folder: string, index: Pick<PackIndex, "versions">, file: number) {
  return join(folder, nameInIndex(index, file));
}

/** What a file was made with. */
export function configOfFile(index: Pick<PackIndex, "config" | "versions">, file: number) {
  const { source, shardPairs } = versionOfFile(index, file);
  return { ...index.config, source, shardPairs };
}

/**
 * The index of an older version, which has the first of the files.
 *
 * @param wanted from 1; undefined for the newest.
 * @throws {RangeError} where there is no such version.
 */
export function indexOfVersion(index: PackIndex, wanted: number | undefined): PackIndex {
  const versions = upToVersion(index.versions, wanted);
  if (versions === index.versions) return index;
  const { files, fingerprint } = versions.at(-1) as IndexedVersion;
  const starts = index.starts.subarray(0, files + 1);
  const messages = index.messages.subarray(0, NUMBERS_OF_MESSAGE * (starts[files] as number));
  return {
    ...{ config: index.config, versions, files, fingerprint, starts, messages },
    rows: index.rows.subarray(0, files),
    schemaBytes: index.schemaBytes.subarray(0, files),
    schemaCrcs: index.schemaCrcs.subarray(0, files),
  };
}

/** The error for an index that is not what was written. */
export function invalidIndex(folder: string, reason: string, cause?: unknown): PixtokError {
  const message = `${reason}; delete it: the set opens without it, and pixtok pack writes it anew`;
  return invalidPack(join(folder, INDEX_NAME), message, cause);
}

/** Where a row of a file is. @throws {PixtokError} INVALID_PACK where the index is not of so many rows. */
export function messageOfRow(
  folder: string,
  { rows, schemaBytes: ofSchemas, schemaCrcs, starts, messages }: PackIndex,
  file: number,
  row: number,
): MessagePlace {
  const end = starts[file + 1] as number;
  const schemaBytes = ofSchemas[file] as number;
  let position = schemaBytes;
  let before = 0;
  let found: Omit<MessagePlace, "fileBytes" | "schemaBytes" | "schemaCrc"> | undefined;
  for (let message = starts[file] as number; message < end; message += 1) {
    const at = NUMBERS_OF_MESSAGE * message;
    const bytes = messages[at + BYTES] as number;
    const own = messages[at + ROWS] as number;
    if (found === undefined && row < before + own) {
      found = {
        message,
        offset: position,
        row: row - before,
        bytes,
        headBytes: messages[at + HEAD_BYTES] as number,
        rows: own,
        headCrc: messages[at + HEAD_CRC] as number,
      };
    }
    position += bytes;
    before += own;
  }
  if (found === undefined || before !== rows[file]) {
    throw invalidIndex(folder, `it has ${before} rows in file ${file}, and ${rows[file]} of it`);
  }
  const schemaCrc = schemaCrcs[file] as number;
  return { ...found, fileBytes: position + END_OF_STREAM.length, schemaBytes, schemaCrc };
}

/** Bytes of each file. */
export function bytesOfFiles({ files, schemaBytes, starts, messages }: PackIndex): number[] {
  return Array.from({ length: files }, (_, file) => {
    let bytes = (schemaBytes[file] as number) + END_OF_STREAM.length;
    for (let i = starts[file] as number; i < (starts[file + 1] as number); i += 1) {
      bytes += messages[NUMBERS_OF_MESSAGE * i + BYTES] as number;
    }
    return bytes;
  });
}

/** Whether a file is the one that the index has in a place. */
export function isIndexed(
  { schemaBytes, schemaCrcs, starts, messages }: PackIndex,
  file: number,
  own: readonly PackedMessage[],
  schemaCrc: number,
): boolean {
  const start = starts[file] as number;
  const [schema, ...rest] = own as [PackedMessage];
  return (
    schema.bytes === schemaBytes[file] &&
    schemaCrc === schemaCrcs[file] &&
    rest.length === (starts[file + 1] as number) - start &&
    rest.every((message, i) => {
      const at = NUMBERS_OF_MESSAGE * (start + i);
      return numbersOf(message).every((number, place) => number === messages[at + place]);
    })
  );
}

const numbers = new FixedSizeList(NUMBERS_OF_MESSAGE, new Field("item", new Uint32(), false));
const fields = [
  new Field("rows", new Int32(), false),
  new Field("schema_bytes", new Uint32(), false),
  new Field("schema_crc", new Uint32(), false),
  new Field("messages", new List(new Field("item", numbers, false)), false),
];
const METADATA = "pixtok.index";
/** Of the format: that of sets of one version, and that of sets which rows were appended to. */
const [OF_ONE, OF_SEVERAL] = [1, 2];

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Of what is read when the set is opened; all else is compared with the files. */
function checksumOf({ rows, schemaBytes, schemaCrcs, starts }: PackIndex): number {
  return [rows, schemaBytes, schemaCrcs, starts].reduce(
    (crc, array) => crc32(bytesOf(array), crc),
    0,
  );
}

/** The file that is the index of a set. */
export async function packIndexBytes(index: PackIndex): Promise<Buffer> {
  const { config, versions, files, fingerprint, rows, schemaBytes, schemaCrcs, starts, messages } =
    index;
  const crc = checksumOf(index);
  const said =
    versions.length === 1
      ? { version: OF_ONE, files, fingerprint, crc, config }
      : { version: OF_SEVERAL, files, fingerprint, crc, config, versions };
  const schema = new Schema(fields, new Map([[METADATA, JSON.stringify(said)]]));
  const column = (type: DataType, data: ArrayLike<number>) =>
    makeData({ type, length: data.length, nullCount: 0, data } as never);
  const length = messages.length / NUMBERS_OF_MESSAGE;
  const child = column(new Uint32(), messages);
  const tuples = makeData({ type: numbers, length, nullCount: 0, child } as never);
  const lists = { type: fields[3]?.type, length: files, nullCount: 0, valueOffsets: starts };
  const children = [
    column(new Int32(), rows),
    column(new Uint32(), schemaBytes),
    column(new Uint32(), schemaCrcs),
    makeData({ ...lists, child: tuples } as never),
  ];
  const type = new Struct(schema.fields);
  const batch = new RecordBatch(schema, makeData({ type, length: files, nullCount: 0, children }));
  return Buffer.concat([...(await streamOf(schema, [batch])), END_OF_STREAM]);
}

/** The bytes of an index; undefined where there is none. They are read: a map of what a server cuts short ends the process. */
async function indexBytes(path: string): Promise<Buffer | undefined> {
  try {
    return await readRegularFile(path, constants.MAX_LENGTH);
  } catch (error) {
    if (error instanceof PixtokError && error.code === "FILE_NOT_FOUND") return undefined;
    throw error;
  }
}

const typesOf = (all: readonly Field[]) => all.map(({ name, type }) => `${name} ${type}`).join();

/** What the head of an index says. */
interface IndexHead extends Pick<PackIndex, "config" | "versions" | "files" | "fingerprint"> {
  readonly crc: unknown;
}

/**
 * @param schema the message that an index begins with.
 * @returns undefined where another version of pixtok wrote it.
 * @throws {PixtokError | TypeError | RangeError} where it is none.
 */
function parseHead(path: string, schema: Buffer): IndexHead | undefined {
  if (schema.length === 0) throw new RangeError("it ends early");
  requireSchemaHead(schema);
  const { metadata, fields: own } = RecordBatchReader.from(schema).open().schema;
  const said = parseBoundedJson(metadata.get(METADATA) ?? "");
  const { version, files: given, fingerprint, crc, config, versions } = isObject(said) ? said : {};
  const format = requireInteger("version", version, 1);
  if (format !== OF_ONE && format !== OF_SEVERAL) return undefined;
  if (typesOf(own) !== typesOf(fields)) throw new RangeError("it has not the columns of an index");
  const files = requireInteger("files", given, 1);
  const newest = { files, fingerprint: requireString("fingerprint", fingerprint) };
  const checked = requirePackConfig(config, path);
  const { source, shardPairs } = checked;
  return {
    ...{ config: checked, ...newest, crc },
    versions:
      format === OF_ONE
        ? [{ source, shardPairs, ...newest }]
        : requireVersions(versions, checked, newest),
  };
}

/** @throws {TypeError | RangeError} where they cannot be. */
function requireVersions(
  versions: unknown,
  config: PackConfig,
  newest: Pick<IndexedVersion, "files" | "fingerprint">,
): IndexedVersion[] {
  if (!Array.isArray(versions)) throw wrongType("versions", "an array", versions);
  let before = 0;
  const read = versions.map((version: unknown, place): IndexedVersion => {
    const option = `versions[${place}]`;
    const { files, fingerprint, source, shardPairs } = isObject(version) ? version : {};
    before = requireInteger(`${option}.files`, files, before + 1);
    return {
      ...readRowsOfVersion(option, source, shardPairs),
      files: before,
      fingerprint: requireString(`${option}.fingerprint`, fingerprint),
    };
  });
  const [first, last] = [read[0], read.at(-1)];
  const isOf =
    isDeepStrictEqual(first && [first.source, first.shardPairs], [
      config.source,
      config.shardPairs,
    ]) &&
    last?.files === newest.files &&
    last.fingerprint === newest.fingerprint;
  if (!isOf) throw new RangeError("its versions are not those of its files");
  return read;
}

/** The schema's message at the beginning of an index; empty where it ends early. */
function schemaOf(bytes: Buffer): Buffer {
  const length = headBytes(bytes);
  const isThere = length > 0 && length <= Math.min(bytes.length, MOST_SCHEMA_BYTES);
  return bytes.subarray(0, isThere ? length : 0);
}

/**
 * @returns undefined where another version of pixtok wrote it.
 * @throws {PixtokError | TypeError | RangeError} where it is none.
 */
function parseIndex(path: string, bytes: Buffer): PackIndex | undefined {
  const schema = schemaOf(bytes);
  const said = parseHead(path, schema);
  if (said === undefined) return undefined;
  const { crc, ...head } = said;
  const { files } = head;
  const end = bytes.length - END_OF_STREAM.length;
  const batch = bytes.subarray(schema.length, Math.max(schema.length, end));
  const batchHead = headBytes(batch);
  if (batchHead > batch.length || !bytes.subarray(end).equals(END_OF_STREAM)) {
    throw new RangeError("it ends early");
  }
  const [rows, schemas, crcs, lists] = columnsReader(fields)(
    batch.subarray(0, batchHead),
    files,
    wholeBody(batch, batchHead),
  ).children;
  // arrays end where what is stored of them is padded
  const starts = (lists?.valueOffsets as Int32Array).subarray(0, files + 1);
  const ofFiles = <T extends Int32Array | Uint32Array>(column: ColumnData | undefined) =>
    (column?.values as T).subarray(0, files) as T;
  const messages = lists?.children[0]?.children[0]?.values as Uint32Array;
  const index: PackIndex = {
    ...head,
    rows: ofFiles<Int32Array>(rows),
    schemaBytes: ofFiles<Uint32Array>(schemas),
    schemaCrcs: ofFiles<Uint32Array>(crcs),
    starts,
    messages: messages.subarray(0, NUMBERS_OF_MESSAGE * Math.max(0, starts[files] ?? 0)),
  };
  requireFiles(index);
  if (checksumOf(index) !== crc) throw new RangeError("its checksum differs");
  return index;
}

function requireFiles({ files, rows, schemaBytes, schemaCrcs, starts, messages }: PackIndex): void {
  const isLong = [rows, schemaBytes, schemaCrcs].every(({ length }) => length === files);
  if (!isLong || starts.length !== files + 1 || starts[0] !== 0) {
    throw new RangeError("it has not the files that it should have");
  }
  for (let file = 0; file < files; file += 1) {
    if ((rows[file] as number) < 0 || (starts[file + 1] as number) < (starts[file] as number)) {
      throw new RangeError("its numbers cannot be");
    }
  }
  if (NUMBERS_OF_MESSAGE * (starts[files] as number) !== messages.length) {
    throw new RangeError("it has not the messages that it should have");
  }
}

/**
 * What the bytes of an index say; undefined where they are those of a version to come, without which the set opens.
 *
 * @throws {PixtokError} INVALID_PACK where they are not what was written.
 */
export function readIndexBytes(folder: string, bytes: Buffer): PackIndex | undefined {
  try {
    return parseIndex(join(folder, INDEX_NAME), bytes);
  } catch (cause) {
    throw damagedIndex(folder, cause);
  }
}

const damagedIndex = (folder: string, cause: unknown) =>
  invalidIndex(folder, `the index is damaged: ${(cause as Error).message}`, cause);

/**
 * The index in a folder; undefined where there is none, or one of another version, without which the set opens.
 *
 * @throws {PixtokError} INVALID_PACK where it is not what was written; FILE_UNREADABLE, or a fault of the machine.
 */
export async function readPackIndex(folder: string): Promise<PackIndex | undefined> {
  const bytes = await indexBytes(join(folder, INDEX_NAME));
  return bytes === undefined ? undefined : readIndexBytes(folder, bytes);
}

/** As much of a file as tells how long its schema is. */
const FIRST_BYTES = 8;

/** The schema's message of an index; undefined where there is no index. */
async function readSchema(path: string): Promise<Buffer | undefined> {
  const opened = await openRegularFile(path).catch((error: unknown) => {
    if (error instanceof PixtokError && error.code === "FILE_NOT_FOUND") return undefined;
    throw error;
  });
  if (opened === undefined) return undefined;
  const { file, size } = opened;
  const beginning = async (length: number) => {
    const bytes = Buffer.alloc(Math.min(length, size));
    return bytes.subarray(0, await readFully(file.read.bind(file), bytes, 0));
  };
  try {
    const length = headBytes(await beginning(FIRST_BYTES));
    return schemaOf(await beginning(Math.min(length, MOST_SCHEMA_BYTES)));
  } catch (cause) {
    throw unreadableFile(path, cause);
  } finally {
    await file.close();
  }
}

/**
 * What the head of an index says; no more of it is read. Undefined as readPackIndex() gives it.
 *
 * @throws {PixtokError} as readPackIndex().
 */
export async function headOfIndex(
  folder: string,
): Promise<Pick<PackIndex, "versions"> | undefined> {
  const path = join(folder, INDEX_NAME);
  const schema = await readSchema(path);
  if (schema === undefined) return undefined;
  try {
    return parseHead(path, schema);
  } catch (cause) {
    throw damagedIndex(folder, cause);
  }
}

/** What is read of an index, or what stands for that of a damaged one. */
export async function unlessDamaged<T, const D>(reading: Promise<T>, damaged: D): Promise<T | D> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PixtokError && error.code === "INVALID_PACK") return damaged;
    throw error;
  }
}
