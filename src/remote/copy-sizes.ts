import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isMissing } from "../shared/unreadable-file.js";

/** A copy in the cache, as the file system has it. */
export interface StoredCopy {
  readonly key: string;
  readonly path: string;
  readonly bytes: number;
  /** When it was used last, in milliseconds since 1970. */
  readonly used: number;
  /** Links to it: its own, and one of each user that reads it. */
  readonly links: number;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause) => {
    if (isMissing(cause)) return [];
    throw cause;
  });
}

async function lookAt(path: string) {
  return stat(path).catch((cause) => {
    if (isMissing(cause)) return undefined; // it has just been removed
    throw cause;
  });
}

/** Files that are looked at together. */
const TOGETHER = 64;

async function* filesIn(folder: string) {
  const names = await namesIn(folder);
  for (let first = 0; first < names.length; first += TOGETHER) {
    const some = names.slice(first, first + TOGETHER);
    const found = await Promise.all(some.map((name) => lookAt(join(folder, name))));
    for (const [i, one] of found.entries()) {
      if (one?.isFile()) yield { name: some[i] as string, ...one };
    }
  }
}

/** A key's first two digits, and the rest. What is called otherwise is somebody else's. */
const DIGITS = /^[0-9a-f]{2}$/;
const REST = /^[0-9a-f]{38}$/;

/** All copies below the folder, which has a folder for each first two digits of their keys. */
export async function storedCopies(folder: string): Promise<StoredCopy[]> {
  const copies: StoredCopy[] = [];
  for (const digits of (await namesIn(folder)).filter((name) => DIGITS.test(name))) {
    const inside = join(folder, digits);
    for await (const { name, size, atimeMs, nlink } of filesIn(inside)) {
      if (!REST.test(name)) continue;
      copies.push({
        key: digits + name,
        path: join(inside, name),
        bytes: size,
        used: atimeMs,
        links: nlink,
      });
    }
  }
  return copies;
}

/** Bytes that are in a user's folder alone: what it is fetching. */
export async function bytesUnderWay(user: string): Promise<number> {
  let bytes = 0;
  for await (const { size, nlink } of filesIn(user)) if (nlink === 1) bytes += size;
  return bytes;
}
