import {
  type FileHandle,
  link,
  lstat,
  open,
  opendir,
  readFile,
  realpath,
  rename,
  rm,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { copyKey, pathOfCopy } from "../remote/copy-place.js";
import type { RemoteSettings } from "../remote/remote-options.js";
import { neverAborted } from "../shared/abort.js";
import { temporaryName } from "../shared/atomic-file.js";
import { PixtokError, type SampleOrigin } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import { type FileVersion, versionOf } from "../shared/file-version.js";
import { lacksHardLinks } from "../shared/hard-links.js";
import { readFully } from "../shared/read-fully.js";
import { openRegularFile } from "../shared/regular-file.js";
import { isMissing } from "../shared/unreadable-file.js";
import { isUnfinishedIndex, pathOfIndex } from "../shared/written-beside.js";
import type { ReadableFile } from "./copied-file.js";

/** An index of a file, kept for when the file is opened again. What stands in the way of that is no error. */
export interface KeptIndex<T> {
  /** The index, undefined where none is kept that holds. */
  find(): Promise<T | undefined>;
  /**
   * Keeps an index, unless another process has been as fast.
   *
   * @param isDamaged whether one that seems to hold is replaced. Default false.
   * @returns what is kept; undefined where there is no place for it.
   */
  keep(content: Buffer, isDamaged?: boolean): Promise<T | undefined>;
}

/** Bytes of an index, which others may replace, cut short or remove while it is read. */
export interface KeptBytes {
  /** How many there were when it was found. */
  readonly size: number;
  /** Those that are there, and the version of the file that they are from. Fails as the file system does. */
  read(offset: number, length: number): Promise<{ bytes: Buffer; version: FileVersion }>;
}

/** A kind of index. */
export interface IndexKind<T> {
  /** How each begins. */
  readonly magic: string;
  /** Where one stands beside a file. */
  beside(path: string): string;
  /** What it is of, with the file's name and version, for a cache. */
  readonly key: readonly unknown[];
  /** What is in one; undefined where it does not hold for the file. */
  parse(content: KeptBytes): Promise<T | undefined>;
}

/**
 * The error for an index that proved wrong while it was used, once the right one has been made.
 *
 * @param path of the file, or its name where it is elsewhere.
 * @param isReplaced whether the right one is kept in its place.
 * @param about what the error names. Default: the file.
 * @param wrong where it may stand.
 */
export async function wrongIndex(
  path: string,
  isReplaced: boolean,
  about: SampleOrigin & { readonly cause?: unknown } = {},
  wrong = pathOfIndex(path),
): Promise<PixtokError> {
  const isStuck = !isReplaced && (await fileExists(wrong));
  const advice = isStuck ? `delete ${wrong}, and open it again` : "open it again";
  const message = "the index of its rows is damaged, or of another file";
  return new PixtokError("SOURCE_CHANGED", message, { source: path, ...about, advice });
}

async function closing<T>(file: FileHandle, work: () => Promise<T>): Promise<T> {
  return work().finally(() => file.close());
}

/** It is opened for each read: nobody has to close it, and it may be replaced on any system. */
async function bytesOf(path: string): Promise<KeptBytes> {
  const { file, size } = await openRegularFile(path);
  await file.close();
  return {
    size,
    async read(offset, length) {
      const { file } = await openRegularFile(path);
      return closing(file, async () => {
        const bytes = Buffer.alloc(length);
        const filled = await readFully((...at) => file.read(...at), bytes, offset);
        const version = versionOf(await file.stat({ bigint: true }));
        return { bytes: bytes.subarray(0, filled), version };
      });
    },
  };
}

/** Whether there is nothing at a path, an index of the kind, or something else. */
async function occupant(path: string, magic: string): Promise<"none" | "index" | "other"> {
  try {
    // a symbolic link is how DVC and git-annex keep files: it is theirs, wherever it leads
    if ((await lstat(path)).isSymbolicLink()) return "other";
    const { file, size } = await openRegularFile(path);
    const start = Buffer.alloc(Math.min(size, magic.length));
    await closing(file, () => file.read(start, 0, start.length, 0));
    return magic.startsWith(start.toString("latin1")) ? "index" : "other";
  } catch (cause) {
    const isGone = cause instanceof PixtokError && cause.code === "FILE_NOT_FOUND";
    return isGone || isMissing(cause) ? "none" : "other";
  }
}

/** A process writes an index in less. */
const UNFINISHED_MS = 3_600_000;

/** Removes what killed processes have left of indexes in the folder of a file that has just been written there. */
async function removeUnfinished(written: string): Promise<void> {
  const folder = dirname(written);
  // by the clock of the file system, which may be another machine's
  const { mtimeMs: now } = await lstat(written);
  for await (const { name } of await opendir(folder)) {
    if (!isUnfinishedIndex(name)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await lstat(path);
    if (now - mtimeMs > UNFINISHED_MS) await rm(path, { force: true });
  }
}

/** Beside the file, as long as nobody else's file has that name. */
function indexBeside<T>(path: string, { magic, parse }: IndexKind<T>): KeptIndex<T> {
  const find = () =>
    bytesOf(path)
      .then(parse)
      .catch(() => undefined);
  const write = async (content: Buffer, temporary: string) => {
    const file = await open(temporary, "wx");
    await closing(file, async () => {
      await file.writeFile(content);
      await file.sync();
    });
  };
  /** Gives a file the index's name, unless another process has been as fast, or the name is of somebody else's file. */
  const put = async (temporary: string, content: Buffer, isDamaged: boolean): Promise<boolean> => {
    try {
      await link(temporary, path);
      return true;
    } catch (cause) {
      const isTaken = (cause as NodeJS.ErrnoException).code === "EEXIST";
      if (!isTaken && !lacksHardLinks(cause)) throw cause;
    }
    const now = await occupant(path, magic);
    if (now === "other") return false;
    const isGood = async () =>
      isDamaged ? (await readFile(path)).equals(content) : (await find()) !== undefined;
    if (now === "none" || !(await isGood())) await rename(temporary, path);
    return true;
  };
  return {
    find,
    async keep(content, isDamaged = false) {
      const found = await find();
      if (found !== undefined && !isDamaged) return found;
      if ((await occupant(path, magic)) === "other") return undefined;
      const temporary = temporaryName(path);
      try {
        await write(content, temporary);
        await removeUnfinished(temporary).catch(() => {});
        if (!(await put(temporary, content, isDamaged))) return undefined;
      } finally {
        await rm(temporary, { force: true });
      }
      return find();
    },
  };
}

/** Among the copies of remote files. */
function indexInCache<T>(
  nameOf: () => Promise<string>,
  { key, parse }: IndexKind<T>,
  { cacheDir, cacheBytes }: RemoteSettings,
): KeptIndex<T> & { remove(): Promise<void> } {
  const place = async () => {
    const own = copyKey("index", await nameOf(), ...key);
    return { own, isThere: await fileExists(pathOfCopy(cacheDir, own)) };
  };
  const open = async () => (await import("../remote/copy-cache.js")).copyCache(cacheDir);
  const find = async () => {
    const { own, isThere } = await place();
    // nothing is made there, or loaded, only to look
    if (!isThere) return undefined;
    const copy = await (await open()).take(own);
    if (copy === undefined) return undefined;
    const found = await bytesOf(copy.path)
      .then(parse)
      .catch(() => undefined);
    // what is read later stays, as a copy of a manifest does
    if (found === undefined) copy.release();
    return found;
  };
  return {
    find,
    async keep(content, isDamaged = false) {
      const found = await find();
      if (found !== undefined && !isDamaged) return found;
      const { own } = await place();
      const cache = await open();
      await cache.remove(own);
      await cache.write(own, content, cacheBytes, neverAborted);
      return find();
    },
    async remove() {
      const { own, isThere } = await place();
      if (isThere) await (await open()).remove(own);
    },
  };
}

/** What the first of some places gives that gives anything. */
async function first<T>(
  places: readonly KeptIndex<T>[],
  work: (place: KeptIndex<T>) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const place of places) {
    const found = await work(place).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What has an index: where it is read from, which is undefined where that may be anywhere, and what it is called. */
export type IndexedFile = Pick<ReadableFile, "name"> & { readonly path: string | undefined };

/** The index of a file: beside it, or else in the cache; of one that is elsewhere in the cache alone. */
export function keptIndex<T>(
  { path, name }: IndexedFile,
  kind: IndexKind<T>,
  settings: RemoteSettings,
): KeptIndex<T> {
  const isHere = path === name;
  const cached = indexInCache(async () => (isHere ? realpath(name) : name), kind, settings);
  const places = isHere ? [indexBeside(kind.beside(name), kind), cached] : [cached];
  return {
    // one is there only where the one beside the file could not be written, or is wrong and could not be replaced
    find: () => first(places.toReversed(), (place) => place.find()),
    async keep(content, isDamaged) {
      if (isDamaged) await cached.remove().catch(() => {});
      return first(places, (place) => place.keep(content, isDamaged));
    },
  };
}
