import { setTimeout as sleep } from "node:timers/promises";
import { PixtokError } from "../shared/errors.js";
import { bytesUnderWay, type StoredCopy, storedCopies } from "./copy-sizes.js";
import { liveUsers } from "./copy-users.js";

/** Room in a cache, for files that are going to be written. */
export interface CopyRoom {
  /**
   * Waits until there is room for some bytes more, for which it removes copies that are not in use, those
   * first that were used longest ago.
   *
   * @param most bytes that the whole cache may have.
   * @param mostWaitMs how long others are waited for that let go of what they read. Default: half a minute.
   * @throws {PixtokError} CACHE_FULL where what is in use leaves no room.
   */
  reserve(bytes: number, most: number, signal: AbortSignal, mostWaitMs?: number): Promise<void>;
  /** Gives room back; `stored` bytes of it have become a copy. */
  settle(reserved: number, stored: number): void;
}

/** How the cache is laid out, and what this thread has of it. */
export interface CopyRoomOptions {
  readonly copies: string;
  readonly users: string;
  /** This thread's folder. */
  readonly own: string;
  /** Removes a copy, unless it is in use. */
  remove(copy: StoredCopy): Promise<boolean>;
  /** When this thread used a copy last that it has a link to, in milliseconds since 1970. */
  usedAt(key: string): number | undefined;
}

/** Other batches let go of what they read within moments; for what is never let go of, nobody waits long. */
const MOST_WAIT_MS = 30_000;
const LOOK_AGAIN_MS = 50;
/** Share of the bound that is made free at once: the whole cache is looked through for it. */
const FREED_SHARE = 1 / 32;
/** Copies of a smaller share of what is to be removed are removed after all others. */
const SMALL_SHARE = 1 / 16;
/** Share of the bound that may be written before the cache is looked through for what others have written. */
const UNSEEN_SHARE = 1 / 16;

export function copyRoom({ copies, users, own, remove, usedAt }: CopyRoomOptions): CopyRoom {
  /** Bytes of copies when they were last looked at, and those that have been written since. */
  let known: number | undefined;
  let unseen = 0;
  let reserved = 0;
  /** One at a time makes room. */
  let turn: Promise<unknown> = Promise.resolve();

  const fits = (bytes: number, most: number): boolean =>
    known !== undefined && known + unseen + reserved + bytes <= most;

  const removeOldest = async (found: StoredCopy[], bytes: number, most: number): Promise<void> => {
    const wanted = most - bytes - reserved;
    const target = wanted - Math.min(most * FREED_SHARE, Math.max(0, wanted));
    const small = ((known as number) - target) * SMALL_SHARE;
    const usedOf = ({ key, used }: StoredCopy) => Math.max(used, usedAt(key) ?? 0);
    const inOrder = found.sort((a, b) => usedOf(a) - usedOf(b));
    const isLarge = (one: StoredCopy) => one.bytes >= small;
    // an index is worth more than the room that it takes
    for (const one of [...inOrder.filter(isLarge), ...inOrder.filter((one) => !isLarge(one))]) {
      if ((known as number) <= target) break;
      if (await remove(one)) known = (known as number) - one.bytes;
    }
  };

  const look = async (bytes: number, most: number): Promise<void> => {
    const others = (await liveUsers(users)).filter((folder) => folder !== own);
    const before = unseen;
    const found = await storedCopies(copies);
    let sum = 0;
    for (const one of found) sum += one.bytes;
    for (const folder of others) sum += await bytesUnderWay(folder);
    known = sum;
    unseen -= before;
    if (!fits(bytes, most)) await removeOldest(found, bytes, most);
  };

  /** Reserves the bytes where there is room for them, or can be made. */
  const makeRoom = async (bytes: number, most: number): Promise<boolean> => {
    if (!fits(bytes, most) || unseen > most * UNSEEN_SHARE) await look(bytes, most);
    if (!fits(bytes, most)) return false;
    reserved += bytes;
    return true;
  };
  const inTurn = (work: () => Promise<boolean>): Promise<boolean> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };

  return {
    async reserve(bytes, most, signal, mostWaitMs = MOST_WAIT_MS) {
      if (bytes > most) {
        const message = `a file of ${bytes} bytes does not fit into cacheBytes, ${most}`;
        throw new PixtokError("CACHE_FULL", message);
      }
      const end = performance.now() + mostWaitMs;
      // others have their turn meanwhile: what they write may be what they wait for to let go
      while (!(await inTurn(() => makeRoom(bytes, most)))) {
        signal.throwIfAborted();
        if (performance.now() >= end) {
          const message = `all of cacheBytes, ${most}, is in use, and ${bytes} bytes more are needed`;
          throw new PixtokError("CACHE_FULL", message);
        }
        await sleep(LOOK_AGAIN_MS, undefined, { ref: false });
      }
    },
    settle(bytes, stored) {
      reserved -= bytes;
      unseen += stored;
    },
  };
}
