import type { Stats } from "node:fs";
import { link, mkdir, open, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { temporaryName } from "../shared/atomic-file.js";
import { PixtokError } from "../shared/errors.js";
import { lacksHardLinks } from "../shared/hard-links.js";
import { isMissing } from "../shared/unreadable-file.js";
import { writing } from "../shared/unwritable-file.js";
import { copyLinks, type HeldCopy } from "./copy-links.js";
import { copiesIn, pathOfCopy } from "./copy-place.js";
import { copyRoom } from "./copy-room.js";
import { timeOfCopy } from "./copy-time.js";
import { addUser, makeUser } from "./copy-users.js";

/**
 * Copies of remote files in a folder that processes share:
 *
 *     copies/ab/cdef…        a whole file, never changed, of the time that its key gives it
 *     users/<name>/<n>       a link to a copy that a process reads, or a file that it is fetching
 *     fetching/…             claims on what is being fetched
 *
 * What has a second link is in use and is not removed; and where it is, its link still has it. A copy of another
 * time has been written to by somebody else, and counts as none.
 */
export interface CopyCache {
  /** Folder for claims on what is being fetched. */
  readonly fetching: string;
  /** The copy of a key, kept until it is released; undefined where there is none. */
  take(key: string): Promise<HeldCopy | undefined>;
  has(key: string): Promise<boolean>;
  /** Makes a copy. */
  add(key: string, copy: NewCopy): Promise<void>;
  /** All bytes of a small copy; undefined where there is none. */
  read(key: string): Promise<Buffer | undefined>;
  /** Makes a small copy, in the place of one that is there; none where there is no room now. */
  write(key: string, content: Uint8Array, most: number, signal: AbortSignal): Promise<void>;
  /** Removes a copy, which stays to those who have taken it. */
  remove(key: string): Promise<void>;
  /** A folder of this thread's own, which is there as long as the thread is. */
  newFolder(): Promise<string>;
}

/** How a copy is made. */
export interface NewCopy {
  /** Its bytes, where they are known. */
  readonly bytes: number | undefined;
  /** Most bytes that the cache may have. */
  readonly most: number;
  readonly signal: AbortSignal;
  /** How long others are waited for that let go of what they read. Default: half a minute. */
  readonly mostWaitMs?: number;
  /** Writes the file at `path`, and says how long it is as it grows, where that is not known before. */
  write(path: string, grow: (bytes: number) => Promise<void>): Promise<void>;
}

/** By how much more room is made for a file of unknown size. */
const GROWTH_BYTES = 2 ** 24;
/** A copy's time of use is noted no more often. */
const NOTED_MS = 60_000;

async function sync(path: string): Promise<void> {
  const file = await open(path, "r+");
  await file.sync().finally(() => file.close());
}

/** That a name is there survives a power failure, where folders can be synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

async function openCache(folder: string): Promise<CopyCache> {
  const copies = copiesIn(folder);
  const users = join(folder, "users");
  const fetching = join(folder, "fetching");
  const own = await addUser(users);
  /** Makes the folders that are written to, also again where somebody has emptied the cache. */
  const makeFolders = async () => {
    await mkdir(copies, { recursive: true });
    await makeUser(own);
  };
  await makeFolders();
  const pathOf = (key: string) => pathOfCopy(folder, key);
  // some file systems of networks keep times of their own
  let keepsTimes = true;
  const hasItsTime = (key: string, { mtimeMs }: Stats) =>
    Math.floor(mtimeMs / 1000) === timeOfCopy(key);
  const isAsWritten = (key: string, stats: Stats) => !keepsTimes || hasItsTime(key, stats);
  /** Notes whether a file has the time that it has just been given. */
  const noteTime = (key: string, stats: Stats) => {
    if (!hasItsTime(key, stats)) keepsTimes = false;
  };
  const links = copyLinks(own, pathOf, isAsWritten);
  const { newName, remove, usedAt } = links;
  const room = copyRoom({ copies, users, own, remove, usedAt });

  /** Makes a whole file a copy, and its path this thread's link to it. */
  const store = async (key: string, whole: string): Promise<number> => {
    await utimes(whole, new Date(), timeOfCopy(key));
    await sync(whole);
    const path = newName();
    await rename(whole, path);
    const stats = await stat(path);
    noteTime(key, stats);
    const target = pathOf(key);
    await mkdir(dirname(target), { recursive: true });
    try {
      await link(path, target);
    } catch (cause) {
      await rm(path, { force: true });
      const { code } = cause as NodeJS.ErrnoException;
      if (code === "EEXIST") return 0; // another process was as fast
      if (!lacksHardLinks(cause)) throw cause;
      const message = "its file system has no hard links";
      const advice = "set cacheDir to a folder of one that has";
      throw new PixtokError("FILE_UNWRITABLE", message, { source: folder, cause, advice });
    }
    await syncFolder(dirname(target));
    await links.adopt(key, path);
    return stats.size;
  };

  return {
    fetching,
    take: (key) => writing(folder, () => links.take(key)),

    has: (key) =>
      stat(pathOf(key)).then(
        () => true,
        (cause) => {
          if (isMissing(cause)) return false;
          throw cause;
        },
      ),

    add: (key, { bytes, most, signal, mostWaitMs, write }) =>
      writing(folder, async () => {
        await makeFolders();
        const temporary = temporaryName(newName());
        let reserved = 0;
        let stored = 0;
        const grow = async (to: number) => {
          if (to <= reserved) return;
          const ahead = bytes === undefined ? Math.min(GROWTH_BYTES, most - reserved) : 0;
          const more = Math.max(to - reserved, ahead);
          await room.reserve(more, most, signal, mostWaitMs);
          reserved += more;
        };
        try {
          await grow(bytes ?? 0);
          await write(temporary, grow);
          stored = await store(key, temporary);
        } finally {
          await rm(temporary, { force: true });
          room.settle(reserved, stored);
        }
      }),

    read: (key) =>
      writing(folder, async () => {
        const file = await open(pathOf(key), "r").catch((cause) => {
          if (isMissing(cause)) return undefined;
          throw cause;
        });
        if (file === undefined) return undefined;
        try {
          const stats = await file.stat();
          if (!isAsWritten(key, stats)) return undefined;
          const now = Date.now();
          if (now - stats.atimeMs > NOTED_MS) {
            await file.utimes(now / 1000, stats.mtimeMs / 1000).catch(() => {});
          }
          return await file.readFile();
        } finally {
          await file.close();
        }
      }),

    write: (key, content, most, signal) =>
      writing(folder, async () => {
        await makeFolders();
        const target = pathOf(key);
        const temporary = temporaryName(newName());
        try {
          await room.reserve(content.length, most, signal, 0);
        } catch (error) {
          if (error instanceof PixtokError && error.code === "CACHE_FULL") return;
          throw error;
        }
        let stored = 0;
        try {
          const file = await open(temporary, "w");
          try {
            await file.writeFile(content);
            await file.utimes(new Date(), timeOfCopy(key));
            await file.sync();
            noteTime(key, await file.stat());
          } finally {
            await file.close();
          }
          await mkdir(dirname(target), { recursive: true });
          await rename(temporary, target);
          stored = content.length;
        } finally {
          await rm(temporary, { force: true });
          room.settle(content.length, stored);
        }
      }),

    remove: (key) =>
      writing(folder, async () => {
        await rm(pathOf(key), { force: true });
        await links.forget(key);
      }),

    async newFolder() {
      const path = newName();
      await writing(folder, async () => {
        await makeFolders();
        await mkdir(path);
      });
      return path;
    },
  };
}

const caches = new Map<string, Promise<CopyCache>>();

/** The cache in a folder, as this thread uses it. */
export function copyCache(folder: string): Promise<CopyCache> {
  const known = caches.get(folder);
  if (known !== undefined) return known;
  const opened = writing(folder, () => openCache(folder));
  caches.set(folder, opened);
  opened.catch(() => caches.delete(folder));
  return opened;
}
