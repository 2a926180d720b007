import { type FileHandle, open } from "node:fs/promises";
import { Header, Pax } from "tar";
import { PixtokError } from "../errors.js";
import { unreadable } from "./file-errors.js";

/** A file within a tar. */
export interface TarEntry {
  readonly path: string;
  /** Of its first byte in the tar. */
  readonly offset: number;
  readonly size: number;
}

const BLOCK = 512;
/** Read at once: a header, and with it a small file and the next header. */
const WINDOW = 8 * BLOCK;
/** A name or other metadata that are longer are not believed. */
const MOST_METADATA = 1 << 20;

/** Types of headers, as they are written: files, and what has no bytes behind its header. */
const fileTypes = new Set(["0", "7"]);
const withoutBody = new Set(["1", "2", "3", "4", "5", "6"]);
const metadataTypes = new Set(["x", "g", "L"]);

function blocked(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function reader(file: FileHandle) {
  let window = Buffer.alloc(0);
  let start = 0;
  return async (position: number, length: number): Promise<Buffer> => {
    if (position < start || position + length > start + window.length) {
      start = position;
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.max(length, WINDOW)), {
        position,
      });
      window = buffer.subarray(0, bytesRead);
    }
    return window.subarray(position - start, position - start + length);
  };
}

/** The name in a GNU header for a long one. */
function longName(body: Buffer): string {
  const end = body.indexOf(0);
  return body.toString("utf8", 0, end === -1 ? body.length : end);
}

function headerOf(block: Buffer, own?: Pax, common?: Pax): Header | undefined {
  try {
    return new Header(block, 0, own, common);
  } catch {
    return undefined; // a number in it is none
  }
}

async function walk(
  file: FileHandle,
  size: number,
  onEntry: (entry: TarEntry) => void,
): Promise<string | null> {
  const read = reader(file);
  let common: Pax | undefined;
  let own: Pax | undefined;
  let long: string | undefined;
  for (let position = 0; position < size; ) {
    const block = await read(position, BLOCK);
    if (block.length < BLOCK) return `it ends within a header, at byte ${position}`;
    const header = headerOf(block, own, common);
    if (header?.nullBlock) return null;
    if (!header?.cksumValid) return `there is no header where one should be, at byte ${position}`;
    const { size: entrySize = -1, typeKey: type } = header;
    if (!Number.isSafeInteger(entrySize) || entrySize < 0) {
      return `the header at byte ${position} tells no possible size`;
    }
    const offset = position + BLOCK;
    position = offset + (withoutBody.has(type) ? 0 : blocked(entrySize));
    if (metadataTypes.has(type)) {
      if (entrySize > MOST_METADATA) return `the name at byte ${offset} is too long`;
      const body = await read(offset, entrySize);
      if (body.length < entrySize) return `it ends within a name, at byte ${offset}`;
      if (type === "g") common = Pax.parse(body.toString("utf8"), common, true);
      else if (type === "x") own = Pax.parse(body.toString("utf8"), own, false);
      else long = longName(body);
    } else if (type !== "K") {
      // node-tar puts a ustar prefix even before a name that is given in full
      const path = own?.path ?? long ?? header.path ?? "";
      own = undefined;
      long = undefined;
      if (fileTypes.has(type)) onEntry({ path, offset, size: entrySize });
    }
  }
  return null;
}

/**
 * Tells of every file in a tar, in their order, without reading what is in them. The last one may reach
 * beyond the end of the tar.
 *
 * @returns where and how the tar is damaged, in words; null where it is not.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; INVALID_ARCHIVE where it is no tar.
 */
export async function readTar(
  path: string,
  onEntry: (entry: TarEntry) => void,
): Promise<string | null> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(BLOCK), { position: 0 });
      requireTar(path, buffer.subarray(0, bytesRead));
      return await walk(file, size, onEntry);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw cause instanceof PixtokError ? cause : unreadable(path, cause);
  }
}

const compressions: [name: string, magic: number[]][] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];

function requireTar(path: string, start: Buffer): void {
  const refuse = (message: string): never => {
    throw new PixtokError("INVALID_ARCHIVE", message, { source: path });
  };
  const compression = compressions.find(([, magic]) => magic.every((byte, i) => start[i] === byte));
  if (compression !== undefined) {
    refuse(`it is compressed with ${compression[0]}; unpack it once, to a plain .tar`);
  }
  if (start.length < BLOCK) refuse("this is no tar: it is too short for a header");
  const header = headerOf(start);
  if (!header?.cksumValid && !header?.nullBlock)
    refuse("this is no tar: it does not begin with a header");
}
