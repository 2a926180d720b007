import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { untilAborted } from "../shared/abort.js";
import { tryClaim } from "../shared/claims.js";
import { limitAtOnce } from "../shared/limit-at-once.js";
import { writing } from "../shared/unwritable-file.js";
import type { CopyCache } from "./copy-cache.js";
import { stayAlive } from "./stay-alive.js";

/** A file that is being fetched, for all who wait for it. */
interface Fetching {
  readonly done: Promise<void>;
  readonly stop: AbortController;
  /** Those who need it now. */
  waiting: number;
  /** Whether it goes on where nobody waits. */
  isAhead: boolean;
}

/** Files that are fetched at the same time: one connection rarely has all of a server's speed. */
const AT_ONCE = 8;

const atOnce = limitAtOnce(AT_ONCE);
const underWay = new Map<string, Fetching>();

const LOOK_AGAIN_MS = 50;

/** Adds a copy, unless another process does: then it waits for that one. */
async function addOnce(
  cache: CopyCache,
  key: string,
  signal: AbortSignal,
  add: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (await cache.has(key)) return;
    const path = join(cache.fetching, key);
    const got = await writing(path, async () => {
      await mkdir(cache.fetching, { recursive: true });
      return tryClaim(path, "");
    });
    if ("claim" in got) {
      try {
        if (!(await cache.has(key))) await add(signal);
        return;
      } finally {
        await got.claim.release();
      }
    }
    await sleep(LOOK_AGAIN_MS * (1 + Math.random()), undefined, { signal, ref: false });
  }
}

function begin(
  cache: CopyCache,
  key: string,
  add: (signal: AbortSignal) => Promise<void>,
): Fetching {
  const id = `${cache.fetching} ${key}`;
  const known = underWay.get(id);
  if (known !== undefined) return known;
  const stop = new AbortController();
  const { signal } = stop;
  const forget = () => {
    if (underWay.get(id) === begun) underWay.delete(id);
  };
  const done = atOnce(() => addOnce(cache, key, signal, add)).finally(forget);
  // it may fail before anybody waits, or after
  done.catch(() => {});
  const begun: Fetching = { done, stop, waiting: 0, isAhead: false };
  signal.addEventListener("abort", forget, { once: true });
  underWay.set(id, begun);
  return begun;
}

/**
 * Waits until a copy has been added, which is done once for all who ask: in this process, and where possible
 * in others. It is given up when nobody waits any more.
 */
export async function fetchOnce(
  cache: CopyCache,
  key: string,
  signal: AbortSignal,
  add: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const fetching = begin(cache, key, add);
  fetching.waiting += 1;
  try {
    await stayAlive(untilAborted(fetching.done, signal));
  } finally {
    fetching.waiting -= 1;
    if (fetching.waiting === 0 && !fetching.isAhead) fetching.stop.abort();
  }
}

/** Adds a copy that nobody waits for yet. Nothing of it keeps the process alive. */
export async function fetchAhead(
  cache: CopyCache,
  key: string,
  add: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const fetching = begin(cache, key, add);
  fetching.isAhead = true;
  // whoever needs it will see what is wrong
  await fetching.done.catch(() => {});
}
