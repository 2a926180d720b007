import type { Stats } from "node:fs";
import { link, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { FileVersion } from "../shared/file-version.js";
import { isMissing } from "../shared/unreadable-file.js";
import type { StoredCopy } from "./copy-sizes.js";
import { makeUser } from "./copy-users.js";

/** A copy that is kept while it is read. */
export interface HeldCopy {
  readonly path: string;
  readonly bytes: number;
  /** What tells whether it is as it was when it was found, where its file system keeps the time that it was given. */
  readonly version?: FileVersion;
  release(): void;
}

/** This thread's links to copies: one for all who read a copy, kept for a while after the last of them. */
export interface CopyLinks {
  /** A path in this thread's folder that nothing has yet. */
  newName(): string;
  /** The copy of a key, kept until it is released; undefined where there is none. */
  take(key: string): Promise<HeldCopy | undefined>;
  /** Takes a path over that is a link to a copy. */
  adopt(key: string, path: string): Promise<void>;
  /** Lets go of the link to a copy that has been removed; those who hold it keep it. */
  forget(key: string): Promise<void>;
  /** When this thread used a copy last that it has a link to, in milliseconds since 1970. */
  usedAt(key: string): number | undefined;
  /** Removes a copy, unless it is in use here or elsewhere. */
  remove(copy: StoredCopy): Promise<boolean>;
}

type FoundCopy = Pick<HeldCopy, "bytes" | "version">;

/** Copies are of whole seconds, which noting their use does not change. */
function foundCopy({ size, mtimeMs }: Stats): FoundCopy {
  if (mtimeMs % 1000 !== 0) return { bytes: size };
  return { bytes: size, version: { size, modified: BigInt(mtimeMs) * 1_000_000n } };
}

interface CopyLink {
  readonly path: string;
  readonly found: Promise<FoundCopy | undefined>;
  holders: number;
  /** When it was held last, in milliseconds since 1970. */
  used: number;
}

/** The time that it was changed stays, as it tells whether it is as it was written. */
async function noteUse(path: string, used: number): Promise<void> {
  const { mtimeMs } = await stat(path);
  await utimes(path, new Date(used), mtimeMs / 1000);
}

/** Links that nobody holds are kept for the next reader. */
const IDLE_MS = 10_000;

/**
 * @param own this thread's folder.
 * @param pathOf the path of a key's copy.
 * @param isAsWritten whether a copy is as it was written; another one is removed.
 */
export function copyLinks(
  own: string,
  pathOf: (key: string) => string,
  isAsWritten: (key: string, stats: Stats) => boolean,
): CopyLinks {
  const links = new Map<string, CopyLink>();
  /** Copies that are being removed. */
  const leaving = new Map<string, Promise<boolean>>();
  let count = 0;
  let willSweep = false;

  const newName = () => join(own, String(count++));

  const unlink = async (key: string, one: CopyLink): Promise<void> => {
    if (links.get(key) === one) links.delete(key);
    const found = await one.found.catch(() => undefined);
    await rm(one.path, { force: true });
    if (found === undefined) return;
    // when it was used last decides how long it stays
    await noteUse(pathOf(key), one.used).catch(() => {});
  };
  const sweep = (): void => {
    const before = Date.now() - IDLE_MS;
    for (const [key, one] of links) {
      if (one.holders === 0 && one.used < before) unlink(key, one).catch(() => {});
    }
    willSweep = false;
    sweepLater();
  };
  /** A timer that keeps no process alive, while there are links. */
  const sweepLater = (): void => {
    if (willSweep || links.size === 0) return;
    willSweep = true;
    setTimeout(sweep, IDLE_MS).unref();
  };

  /** Forgets the link to a copy that nobody holds, where somebody has removed it. */
  const forgetGone = async (key: string): Promise<void> => {
    const one = links.get(key);
    if (one === undefined || one.holders > 0) return;
    const isGone = await stat(one.path).then(() => false, isMissing);
    if (isGone && links.get(key) === one && one.holders === 0) links.delete(key);
  };

  const findAndLink = async (key: string, path: string, isAgain = false) => {
    try {
      await link(pathOf(key), path);
      const stats = await stat(path);
      if (!isAsWritten(key, stats)) {
        await rm(path, { force: true });
        await rm(pathOf(key), { force: true });
        return undefined;
      }
      await utimes(path, new Date(), stats.mtimeMs / 1000);
      return foundCopy(stats);
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      if (isAgain) return undefined;
      // there is no copy, or no folder
      await makeUser(own);
      return findAndLink(key, path, true);
    }
  };

  return {
    newName,

    async take(key) {
      // a link to what is being removed would keep bytes that nobody knows of
      await leaving.get(key);
      await forgetGone(key);
      const known = links.get(key);
      const path = known?.path ?? newName();
      const one = known ?? { path, found: findAndLink(key, path), holders: 0, used: Date.now() };
      links.set(key, one);
      sweepLater();
      one.holders += 1;
      const found = await one.found.catch((cause) => {
        if (links.get(key) === one) links.delete(key);
        throw cause;
      });
      if (found === undefined) {
        if (links.get(key) === one) links.delete(key);
        return undefined;
      }
      let isHeld = true;
      const release = () => {
        if (isHeld) one.holders -= 1;
        isHeld = false;
        one.used = Date.now();
      };
      return { path: one.path, ...found, release };
    },

    async adopt(key, path) {
      const found = foundCopy(await stat(path));
      if (links.has(key)) await rm(path, { force: true });
      else
        links.set(key, {
          path,
          found: Promise.resolve(found),
          holders: 0,
          used: Date.now(),
        });
      sweepLater();
    },

    async forget(key) {
      const one = links.get(key);
      links.delete(key);
      if (one?.holders === 0) await unlink(key, one);
    },

    usedAt: (key) => links.get(key)?.used,

    async remove({ key, path, links: count }) {
      const one = links.get(key);
      const isUsed = one === undefined ? count > 1 : one.holders > 0 || count > 2;
      if (isUsed) return false;
      const work = async (): Promise<boolean> => {
        try {
          if (one !== undefined) await unlink(key, one);
          await rm(path, { force: true });
          return true;
        } catch {
          return false; // Windows keeps what is mapped into memory
        }
      };
      const removed = work().finally(() => leaving.delete(key));
      leaving.set(key, removed);
      return removed;
    },
  };
}
