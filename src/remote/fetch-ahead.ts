import type { RemoteFile } from "./remote-file.js";

/** Fetches files of a set before they are needed. */
export interface FetchAhead {
  /** Whether more files are wanted than the cache has room for, and nobody knows which come next. */
  readonly isOutOfOrder: boolean;
  /** Notes that the file at a place is being read. */
  note(place: number): void;
  /** Fetches the files at some places, in this order: somebody knows that they are read now and next. */
  expect(places: readonly number[]): void;
}

/** Files that are fetched ahead at the same time. */
const AHEAD = 4;
/** Shares of the cache: a set that fills no more is fetched whole; so much of a larger one is fetched ahead. */
const WHOLE_SHARE = 0.9;
const AHEAD_SHARE = 0.5;
/** Nothing more is fetched ahead once nobody has read for so long. */
const IDLE_MS = 10_000;

/**
 * A set that the cache has room for is fetched whole, from the file on that is being read. Of a larger one the
 * next few files are, where files are read in their order, or those that are expected.
 *
 * @param cacheBytes most bytes that the cache may have.
 */
export function fetchFilesAhead(files: readonly RemoteFile[], cacheBytes: number): FetchAhead {
  const sizes = files.map(({ size }) => size ?? 0);
  const isWhole = sizes.reduce((sum, size) => sum + size, 0) <= WHOLE_SHARE * cacheBytes;
  /** The file that is being read, and the one behind those that have been asked for. */
  let current = -1;
  let next = 0;
  /** Files of a whole set that are still to be asked for. */
  let left = files.length - 1;
  /** Files that are expected: all of them, and those that are still to be asked for. */
  let expected: ReadonlySet<number> = new Set();
  let waiting: number[] = [];
  /** Whether all that are read at the same time are expected, and have room. */
  let isExpected = false;
  let running = 0;
  let read = 0;
  /** Whether files are not read in their order now. */
  let hasJumped = false;

  /** Whether the next file is wanted now. */
  const isWanted = (): boolean => {
    if (isWhole) return left > 0;
    if (expected.size > 0 || hasJumped || next >= files.length) return false;
    let bytes = 0;
    for (let place = current + 1; place <= next; place += 1) bytes += sizes[place] as number;
    return next - current <= AHEAD && bytes <= AHEAD_SHARE * cacheBytes;
  };
  const takeNext = (): RemoteFile | undefined => {
    const first = waiting.shift();
    if (first !== undefined) return files[first];
    if (!isWanted()) return undefined;
    next += 1;
    left -= 1;
    return files[(next - 1) % files.length];
  };
  const fetch = (): void => {
    while (running < AHEAD && performance.now() - read < IDLE_MS) {
      const file = takeNext();
      if (file === undefined) return;
      running += 1;
      file
        .fetchAhead()
        .catch(() => {}) // whoever reads it will see what is wrong
        .finally(() => {
          running -= 1;
          fetch();
        });
    }
  };
  return {
    get isOutOfOrder() {
      return !isWhole && !isExpected && hasJumped;
    },
    note(place) {
      read = performance.now();
      if (current === -1 || (!isWhole && place === current + 1)) {
        next = hasJumped ? place + 1 : Math.max(next, place + 1);
        hasJumped = false;
        current = place;
      } else if (!isWhole && place !== current && place !== current - 1) {
        // batches that are made at the same time go back by one
        hasJumped = true;
        current = place;
      }
      fetch();
    },
    expect(places) {
      read = performance.now();
      let bytes = 0;
      const fitting = places.filter((place) => {
        bytes += sizes[place] as number;
        return bytes <= AHEAD_SHARE * cacheBytes;
      });
      waiting = fitting.filter((place) => waiting.includes(place) || !expected.has(place));
      expected = new Set(fitting);
      isExpected = fitting.length === places.length && places.length > 0;
      fetch();
    },
  };
}
