import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import type { PlaceInSet } from "../../remote/remote-set.js";
import { PixtokError } from "../../shared/errors.js";
import {
  changedFile,
  type FileVersion,
  sameVersion,
  versionOf,
} from "../../shared/file-version.js";
import { machineFault } from "../../shared/machine-fault.js";
import { requireRegular } from "../../shared/regular-file.js";
import { isOfFileSystem, unreadableFile } from "../../shared/unreadable-file.js";
import type { OpenFiles } from "../open-files.js";
import { type ParquetMetadata, readParquetMetadata } from "./parquet-metadata.js";

/** What tells the footer of a file from others: the bytes behind the file's rows are it, its length and the magic. */
export interface FileEnding {
  readonly footerBytes: number;
  /** CRC-32 of all of them. */
  readonly checksum: number;
}

/** What the footer of a file says, and which it is. */
export interface FileMetadata extends ParquetMetadata {
  readonly ending: FileEnding;
}

/** A file that is there. */
export interface ParquetFile {
  /** Its path, or the name of one that is elsewhere. */
  readonly path: string;
  /** The folder that it is in: a path or a URL. */
  readonly folder: string;
  /** Its copy, where it is elsewhere. */
  readonly remote?: PlaceInSet;
  readonly size: number;
  /**
   * What an index that is kept knows it by, of a file that is elsewhere without its name: files that differ in their URLs'
   * queries have one name. Undefined where its server does not tell its versions apart.
   */
  readonly version: string | undefined;
  /** Of a file that native threads read images from. */
  readonly here?: FileVersion;
  /** Bytes that must be there, of the file as it was when it was opened. */
  read(offset: number, length: number): Promise<Buffer>;
  /**
   * Reads its footer.
   *
   * @throws {PixtokError} INVALID_PARQUET, and what the file system or its server says.
   */
  metadata(): Promise<FileMetadata>;
  /** Whether it has a footer still: it may have been replaced by another of its size and time. Fails as read() does. */
  endsAs(ending: FileEnding): Promise<boolean>;
}

const MAGIC = "PAR1";
/** Length of the footer, and the magic. */
const TAIL_BYTES = 8;
/** What is read at once from the end of a file: most footers are shorter. */
const FOOTER_WINDOW = 1 << 16;
/** Arrow takes strings of 100 MB in a footer, and no longer ones. */
export const MOST_FOOTER_BYTES = 1 << 27;

/** @throws {RangeError} for a footer that no file of this size has. */
export function requireFooter(footerBytes: number, fileSize: number): void {
  if (footerBytes > fileSize - MAGIC.length - TAIL_BYTES) {
    throw new RangeError("its footer does not lie in the file");
  }
  if (footerBytes > MOST_FOOTER_BYTES) throw new RangeError(`its footer has ${footerBytes} bytes`);
}

export function invalidParquet(
  path: string,
  message: string,
  index?: number,
  cause?: unknown,
): PixtokError {
  return new PixtokError("INVALID_PARQUET", message, { source: path, index, cause });
}

const NOT_AS_OPENED = Symbol("not as opened");
export const notAsOpened = (message: string) => new Error(message, { cause: NOT_AS_OPENED });

/** Whether it is what is in the file that is wrong, and not the machine or who writes to it: for good. */
export function isDamage(cause: unknown): boolean {
  if (cause instanceof PixtokError) return false;
  const isRead = cause instanceof Error && cause.cause === NOT_AS_OPENED;
  return !(isRead || isOfFileSystem(cause) || machineFault(cause) !== null);
}

async function versionOfRegular(path: string): Promise<FileVersion> {
  const found = await stat(path, { bigint: true }).catch((cause) => {
    throw unreadableFile(path, cause);
  });
  requireRegular(found, path);
  return versionOf(found);
}

async function readFooter(size: number, read: ParquetFile["read"]) {
  if (size < 12) throw new RangeError("it is too short");
  const window = Math.min(size, FOOTER_WINDOW);
  const end = await read(size - window, window);
  if (end.toString("latin1", window - 4) !== MAGIC) {
    throw new RangeError(`it does not end with ${MAGIC}`);
  }
  const tail = end.subarray(-TAIL_BYTES);
  const length = tail.readUInt32LE();
  requireFooter(length, size);
  const footer =
    length + TAIL_BYTES <= window
      ? end.subarray(window - TAIL_BYTES - length, window - TAIL_BYTES)
      : await read(size - TAIL_BYTES - length, length);
  return { footer, ending: { footerBytes: length, checksum: crc32(tail, crc32(footer)) } };
}

/** @throws {PixtokError} FILE_NOT_FOUND, NOT_A_FILE, FILE_UNREADABLE, or a fault of the machine. */
export async function openParquetFile(path: string, files: OpenFiles): Promise<ParquetFile> {
  const version = await versionOfRegular(path);
  const { size } = version;
  const read = async (offset: number, length: number): Promise<Buffer> => {
    const found = await files.read(path, offset, length);
    const isWhole = found.bytes.length >= length;
    const isCut = !isWhole && offset + length <= size;
    if (isCut || !sameVersion(found.version, version)) throw changedFile(path);
    if (!isWhole) throw notAsOpened("the file ends before it should");
    return found.bytes;
  };
  return {
    path,
    folder: dirname(path),
    size,
    version: `${size} ${version.modified}`,
    here: version,
    read,
    metadata: () => metadataOf(path, size, read),
    async endsAs({ footerBytes, checksum }) {
      const length = footerBytes + TAIL_BYTES;
      return crc32(await read(size - length, length)) === checksum;
    },
  };
}

/** @see ParquetFile.metadata */
export async function metadataOf(
  path: string,
  size: number,
  read: ParquetFile["read"],
): Promise<FileMetadata> {
  try {
    const { footer, ending } = await readFooter(size, read);
    return { ...readParquetMetadata(footer, size), ending };
  } catch (cause) {
    if (cause instanceof PixtokError) throw cause;
    if (isOfFileSystem(cause) || machineFault(cause) !== null) throw unreadableFile(path, cause);
    const reason = (cause as Error).message;
    const message = `this is no Parquet file, or it is cut short or damaged: ${reason}`;
    throw invalidParquet(path, message, undefined, cause);
  }
}
