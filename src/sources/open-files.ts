import { read } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/** What tells a file from the one that it was before. */
export interface FileStamp {
  readonly size: number;
  /** In nanoseconds. */
  readonly modified: bigint;
}

export async function stampOf(path: string): Promise<FileStamp> {
  const { size, mtimeNs } = await stat(path, { bigint: true });
  return { size: Number(size), modified: mtimeNs };
}

export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.modified === b.modified;
}

const MOST_OPEN = 16;
const IDLE_MILLISECONDS = 1000;

interface OpenFile {
  readonly opened: Promise<{ handle: FileHandle; stamp: FileStamp }>;
  /** Reads under way. */
  readers: number;
  lastUse: number;
}

/**
 * Files that are read at random, the last ones kept open: opening one costs more than reading a few
 * bytes. They are closed when nobody has read for a second, so nobody has to close them.
 */
const files = new Map<string, OpenFile>();
let timer: NodeJS.Timeout | undefined;

async function openStamped(path: string): Promise<{ handle: FileHandle; stamp: FileStamp }> {
  const handle = await open(path);
  try {
    const { size, mtimeNs } = await handle.stat({ bigint: true });
    return { handle, stamp: { size: Number(size), modified: mtimeNs } };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Precondition: nobody reads it. */
function close(path: string, file: OpenFile): void {
  if (files.get(path) === file) files.delete(path);
  file.opened.then(({ handle }) => handle.close()).catch(() => {});
}

function closeIdle(): void {
  const now = performance.now();
  for (const [path, file] of files) {
    if (file.readers === 0 && now - file.lastUse >= IDLE_MILLISECONDS) close(path, file);
  }
  if (files.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function acquire(path: string): OpenFile {
  const file = files.get(path) ?? { opened: openStamped(path), readers: 0, lastUse: 0 };
  files.delete(path); // to the end, as the one used last
  files.set(path, file);
  file.readers += 1;
  for (const [other, candidate] of files) {
    if (files.size <= MOST_OPEN) break;
    if (candidate.readers === 0) close(other, candidate);
  }
  timer ??= setInterval(closeIdle, IDLE_MILLISECONDS).unref();
  return file;
}

/** As FileHandle.read(), at a quarter of its price. */
function readBytes(descriptor: number, bytes: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, bytes, 0, bytes.length, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
}

/**
 * Bytes of a file.
 *
 * @param stamp of the file that is meant.
 * @throws {RangeError} where it is another one now, or ends before. Otherwise rejects as fs does.
 */
export async function readRange(
  path: string,
  stamp: FileStamp,
  offset: number,
  length: number,
): Promise<Buffer> {
  const file = acquire(path);
  let failed = true;
  try {
    const { handle, stamp: found } = await file.opened;
    if (!sameStamp(found, stamp)) {
      throw new RangeError("the file has been changed since it was opened; open it again");
    }
    const bytes = Buffer.allocUnsafe(length);
    const count = length === 0 ? 0 : await readBytes(handle.fd, bytes, offset);
    if (count < length) throw new RangeError("the file ends before what should be in it");
    failed = false;
    return bytes;
  } finally {
    file.readers -= 1;
    file.lastUse = performance.now();
    // one that could not be read may be another the next time
    if (failed && files.get(path) === file) files.delete(path);
    if (file.readers === 0 && files.get(path) !== file) close(path, file);
  }
}
