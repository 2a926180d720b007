import type { FileHandle } from "node:fs/promises";
import { byteWindow, type ReadBytes } from "../../shared/byte-window.js";
import { nameOfBytes } from "./name-bytes.js";

/** Where a tar is damaged or ends early; what comes before is good. */
export interface TarFault {
  /** Byte of the header that is damaged, or from which bytes are missing. */
  at: number;
  message: string;
  /** The entry whose bytes are not all there; undefined where it is a header that is damaged. */
  entry?: string;
}

export type AddEntry = (name: string, offset: number, size: number) => void;

export const BLOCK_BYTES = 512;

const WINDOW_BYTES = 1 << 15;
/** Names and the like, which come from the file: a size that is not true must not become memory. */
const MOST_EXTENSION_BYTES = 1 << 20;

/** Types whose size is not that of bytes behind the header: links, devices, folders, pipes. */
const withoutBody = new Set(["1", "2", "3", "4", "5", "6"]);

/** Where the header of an old GNU sparse file, and a block of its map, say that another one follows. */
const GNU_SPARSE_CONTINUED = 482;
const SPARSE_MAP_CONTINUED = 504;

export function paddedSize(size: number): number {
  return Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Up to the first zero byte. */
function stringIn(bytes: Buffer, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return nameOfBytes(end === -1 ? field : field.subarray(0, end));
}

/** What pax says of an entry, as far as it matters here. */
interface PaxRecords {
  path?: string;
  size?: number;
  /** Its bytes are not the file's, but pieces of it. */
  isSparse?: boolean;
}

/** Records are `length key=value\n`; undefined where they are damaged. */
function parsePax(bytes: Buffer, before: PaxRecords): PaxRecords | undefined {
  const records = { ...before };
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const [head, digits] = /^(\d{1,10}) /.exec(bytes.toString("latin1", at, at + 12)) ?? [];
    const end = at + Number(digits);
    if (head === undefined || !(end > at + head.length && end <= bytes.length)) return undefined;
    const record = bytes.subarray(at + head.length, end - 1);
    const equals = record.indexOf("=");
    if (equals === -1 || bytes[end - 1] !== 0x0a) return undefined;
    const key = record.toString("latin1", 0, equals);
    const value = nameOfBytes(record.subarray(equals + 1));
    if (key === "path") records.path = value;
    else if (key === "size") records.size = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    else if (key.startsWith("GNU.sparse.")) records.isSparse = true;
    at = end;
  }
  return records;
}

/** A header's own name: node-tar's, unless it has bytes that are not UTF-8. */
function nameIn(block: Buffer, path: string): string {
  if (!path.includes("\ufffd")) return path;
  const isUstar = block.toString("latin1", 257, 265) === "ustar\u000000";
  // one that is followed by times has a zero byte before them
  const prefix = isUstar ? stringIn(block, 345, 155) : "";
  return `${prefix === "" ? "" : `${prefix}/`}${stringIn(block, 0, 100)}`;
}

/** Bytes of a file, those of a window into the same memory. */
function readerOf(file: FileHandle): ReadBytes {
  const memory = Buffer.allocUnsafe(WINDOW_BYTES);
  return async (position, length) => {
    const into = length > WINDOW_BYTES ? Buffer.alloc(length) : memory;
    const { bytesRead } = await file.read(into, 0, length, position);
    return into.subarray(0, bytesRead);
  };
}

/**
 * Walks the headers of a tar of `fileSize` bytes: ustar, GNU and pax. Calls `add` with every plain file,
 * in order, the last one also where its bytes are cut short; bytes of files are not read.
 *
 * @returns undefined where the tar is whole.
 */
export async function scanTar(
  file: FileHandle,
  fileSize: number,
  add: AddEntry,
): Promise<TarFault | undefined> {
  const { Header } = await import("tar");
  const read = byteWindow(readerOf(file), { size: WINDOW_BYTES, end: fileSize });

  const headerOf = (block: Buffer) => {
    try {
      return new Header(block);
    } catch {
      return undefined; // a number that cannot be one
    }
  };

  /** Where the pieces of an old GNU sparse file begin: where they belong is said in blocks of its own. */
  const afterSparseMap = async (first: Buffer, start: number): Promise<number> => {
    let next = start + BLOCK_BYTES;
    let isContinued = first[GNU_SPARSE_CONTINUED] !== 0;
    while (isContinued && next < fileSize) {
      const map = await read(next, BLOCK_BYTES);
      isContinued = (map[SPARSE_MAP_CONTINUED] ?? 0) !== 0;
      next += BLOCK_BYTES;
    }
    return next;
  };

  let longName: string | undefined;
  let own: PaxRecords = {};
  let all: PaxRecords = {};
  for (let at = 0; at < fileSize; ) {
    const block = await read(at, BLOCK_BYTES);
    if (block.every((byte) => byte === 0)) return undefined;
    if (block.length < BLOCK_BYTES) {
      return { at, message: `the tar ends within the header at byte ${at}` };
    }
    const header = headerOf(block);
    const isExtension = ["L", "K", "x", "X", "g"].includes(header?.typeKey ?? "");
    const size = (isExtension ? undefined : (own.size ?? all.size)) ?? header?.size;
    if (!header?.cksumValid || size === undefined || !Number.isSafeInteger(size)) {
      return { at, message: `the header at byte ${at} is damaged` };
    }
    const type = header.typeKey === "X" ? "x" : header.typeKey; // Solaris' name of it
    const offset = type === "S" ? await afterSparseMap(block, at) : at + BLOCK_BYTES;
    at = withoutBody.has(type) ? offset : offset + paddedSize(size);

    if (type === "L" || type === "x" || type === "g") {
      if (size > MOST_EXTENSION_BYTES || offset + size > fileSize) {
        const message = `the extended header at byte ${offset - BLOCK_BYTES} is damaged or cut short`;
        return { at: offset - BLOCK_BYTES, message };
      }
      const bytes = await read(offset, size);
      if (type === "L") {
        longName = stringIn(bytes, 0, bytes.length);
        continue;
      }
      const records = parsePax(bytes, type === "x" ? own : all);
      if (records === undefined) {
        return {
          at: offset - BLOCK_BYTES,
          message: `the pax header at byte ${offset - BLOCK_BYTES} is damaged`,
        };
      }
      if (type === "x") own = records;
      else all = records;
      continue;
    }
    if (type === "K") continue;
    // node-tar would put a ustar prefix before a name that pax has in full
    const name = own.path ?? longName ?? nameIn(block, header.path ?? "");
    if ((type === "0" || type === "7") && !own.isSparse) add(name, offset, size);
    const end = offset + size;
    if (!withoutBody.has(type) && end > fileSize) {
      const message = `${name} ends at byte ${end}, but the tar at byte ${fileSize}`;
      return { at: offset, message, entry: name };
    }
    longName = undefined;
    own = {};
  }
  return undefined;
}
