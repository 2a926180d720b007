import { constants } from "node:fs";
import { copyFile, open, stat } from "node:fs/promises";
import { neverAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { limitAtOnce } from "../shared/limit-at-once.js";
import { readFully } from "../shared/read-fully.js";
import { bodyChunks } from "./body-chunks.js";
import { type CopyCache, copyCache } from "./copy-cache.js";
import type { HeldCopy } from "./copy-links.js";
import { copyKey } from "./copy-place.js";
import { timeOfCopy } from "./copy-time.js";
import { fetchCopy } from "./fetch-copy.js";
import { fetchAhead, fetchOnce } from "./fetch-once.js";
import type { RemoteAnswer, RemoteFacts } from "./remote-answer.js";
import { changed, corrupt, isBeyondEnd } from "./remote-errors.js";
import { shownUrl } from "./remote-location.js";
import type { RemoteSettings } from "./remote-options.js";
import { requestFile } from "./remote-request.js";
import { withRetries } from "./remote-retries.js";
import { stayAlive } from "./stay-alive.js";

/** A file that is elsewhere, of one version. */
export interface RemoteFile extends RemoteFacts {
  readonly url: string;
  /** The URL as people are shown it. */
  readonly name: string;
  /** What its copies are known by: made of its identity (the whole URL), endpoint, size and validator. */
  readonly key: string;
  /** When its copies were changed, in seconds since 1970: a number that tells its version from others. */
  readonly modified: number;
  /** Whether there may be a file of another URL beside it: not where they have been listed together. */
  isListed(url: string): boolean;
  isCached(): Promise<boolean>;
  /** Its copy, fetched where there is none, which is there until it is released. */
  hold(signal?: AbortSignal): Promise<HeldCopy>;
  /** Fetches its copy before it is needed. Errors are those of whoever needs it. */
  fetchAhead(): Promise<void>;
  /** Bytes of it; where it has no copy and the server gives parts, without the rest. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Buffer>;
  /** What has been found out about it and is kept beside its copy; undefined where there is none. */
  readNote(name: string): Promise<Buffer | undefined>;
  writeNote(name: string, content: Uint8Array, signal?: AbortSignal): Promise<void>;
}

/** Parts of files that are asked for at the same time. */
const PARTS_AT_ONCE = 32;

const partsAtOnce = limitAtOnce(PARTS_AT_ONCE);

async function readPart(
  source: string,
  { body }: RemoteAnswer,
  length: number,
  timeoutSeconds: number,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of bodyChunks(source, body, timeoutSeconds)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= length) break;
  }
  if (bytes < length) throw corrupt(source, `${bytes} of ${length} bytes came`);
  return Buffer.concat(pieces).subarray(0, length);
}

async function readCopy({ path, release }: HeldCopy, offset: number, length: number) {
  try {
    const file = await open(path, "r");
    try {
      const bytes = Buffer.allocUnsafe(length);
      const read = async (...at: [Buffer, number, number, number]) => file.read(...at);
      const done = await readFully(read, bytes, offset);
      return bytes.subarray(0, done);
    } finally {
      await file.close();
    }
  } finally {
    release();
  }
}

/** What differs between servers. */
export interface RemoteFileOptions {
  /** What its bytes are known by. Default: the URL. */
  readonly identity?: string;
  /** Whether answers have another validator than what is known. Default false. */
  readonly hasOwnValidator?: boolean;
  /** Whether a list that it is in has a URL. Default: it is in none, and there may be any. */
  readonly isListed?: (url: string) => boolean;
  /** Path of the file where another program has downloaded it. Default: none has. */
  readonly downloaded?: () => Promise<string | undefined>;
}

/**
 * @param facts what is known of the file. One of another size or validator is an error.
 */
export function remoteFile(
  url: string,
  facts: RemoteFacts,
  settings: RemoteSettings,
  {
    identity = url,
    hasOwnValidator = false,
    isListed = () => true,
    downloaded,
  }: RemoteFileOptions = {},
): RemoteFile {
  const { cacheDir, cacheBytes: most, remoteRetries: retries, timeoutSeconds, endpoint } = settings;
  const name = shownUrl(url);
  const key = copyKey(identity, endpoint, facts.size, facts.validator);
  const request = async (span: Parameters<typeof requestFile>[1], signal: AbortSignal) => {
    const answer = await requestFile(url, span, settings, signal).catch((error) => {
      // parts are asked for that the file had when it was opened
      throw isBeyondEnd(error) ? changed(name) : error;
    });
    return hasOwnValidator ? { ...answer, validator: facts.validator } : answer;
  };
  const addTo = (cache: CopyCache) => (signal: AbortSignal) =>
    cache.add(key, {
      bytes: facts.size,
      most,
      signal,
      write: async (path, grow) => {
        const here = await downloaded?.();
        if (here !== undefined && (await stat(here)).size === facts.size) {
          return copyFile(here, path, constants.COPYFILE_FICLONE);
        }
        const fetched = { ...facts, source: name, retries, timeoutSeconds, signal, request };
        return fetchCopy(fetched, path, grow);
      },
    });
  const named = (error: unknown) => {
    if (!(error instanceof PixtokError) || error.code !== "CACHE_FULL") return error;
    return new PixtokError(error.code, error.reason, { source: name, cause: error });
  };
  /** Its copy, if there is a whole one. */
  const take = async (cache: CopyCache): Promise<HeldCopy | undefined> => {
    const copy = await cache.take(key);
    if (copy === undefined || facts.size === undefined || copy.bytes === facts.size) return copy;
    // somebody has written to it
    copy.release();
    await cache.remove(key);
    return undefined;
  };
  const hold = async (signal: AbortSignal = neverAborted): Promise<HeldCopy> => {
    const cache = await copyCache(cacheDir);
    for (;;) {
      const copy = await take(cache);
      if (copy !== undefined) return copy;
      await fetchOnce(cache, key, signal, addTo(cache)).catch((error) => {
        throw named(error);
      });
    }
  };
  /** Undefined where the server gives no parts. */
  const readRemote = (offset: number, length: number, signal: AbortSignal) =>
    withRetries(retries, signal, async () => {
      const answer = await request({ first: offset, end: offset + length }, signal);
      const { first, body, size, validator } = answer;
      const isOther =
        (facts.size !== undefined && size !== undefined && size !== facts.size) ||
        (facts.validator !== undefined && validator !== undefined && validator !== facts.validator);
      if (isOther || (first !== offset && first !== 0)) {
        body.destroy();
        throw changed(name);
      }
      if (first !== offset) {
        body.destroy();
        return undefined;
      }
      return readPart(name, answer, length, timeoutSeconds);
    });

  return {
    ...facts,
    url,
    name,
    key,
    modified: timeOfCopy(key),
    isListed,
    isCached: async () => (await copyCache(cacheDir)).has(key),
    hold,
    async fetchAhead() {
      const cache = await copyCache(cacheDir);
      if (!(await cache.has(key))) await fetchAhead(cache, key, addTo(cache));
    },
    async read(offset, length, signal = neverAborted) {
      const cache = await copyCache(cacheDir);
      const copy = await take(cache);
      if (copy !== undefined) return readCopy(copy, offset, length);
      const part = await stayAlive(partsAtOnce(() => readRemote(offset, length, signal)));
      return part ?? readCopy(await hold(signal), offset, length);
    },
    readNote: async (note) => (await copyCache(cacheDir)).read(copyKey(key, note)),
    async writeNote(note, content, signal = neverAborted) {
      const cache = await copyCache(cacheDir);
      await cache.write(copyKey(key, note), content, most, signal);
    },
  };
}
