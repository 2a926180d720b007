import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { PixtokError } from "../shared/errors.js";
import { bodyChunks } from "./body-chunks.js";
import type { ByteSpan, Checksum, RemoteAnswer, RemoteFacts } from "./remote-answer.js";
import { changed, corrupt } from "./remote-errors.js";
import { withRetries } from "./remote-retries.js";

/** Bytes that are written at once. */
const WRITTEN_AT_ONCE = 2 ** 20;

/** Digests bytes as they come; from the start again where the file does. */
function digester(checksum: Checksum | undefined, size: number | undefined) {
  if (checksum === undefined) return undefined;
  if (checksum.algorithm === "crc32") {
    let value = 0;
    return {
      update: (bytes: Buffer) => {
        value = crc32(bytes, value);
      },
      digest: () => value.toString(16).padStart(8, "0"),
    };
  }
  const hash = createHash(checksum.algorithm === "git-sha1" ? "sha1" : checksum.algorithm);
  if (checksum.algorithm === "git-sha1") hash.update(`blob ${size ?? 0}\0`);
  return {
    update: (bytes: Buffer) => {
      hash.update(bytes);
    },
    digest: () => hash.digest("hex"),
  };
}

/** Chunks, several at a time. */
async function* gathered(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of chunks) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes < WRITTEN_AT_ONCE) continue;
      yield pieces;
      pieces = [];
      bytes = 0;
    }
  } catch (error) {
    // what has come before a connection broke is not asked for again
    if (bytes > 0) yield pieces;
    throw error;
  }
  if (bytes > 0) yield pieces;
}

/** Whether a file is the one that was known before. */
function isSame(known: RemoteFacts, answer: RemoteFacts): boolean {
  const differ = <T>(a: T | undefined, b: T | undefined) =>
    a !== undefined && b !== undefined && a !== b;
  return !differ(known.size, answer.size) && !differ(known.validator, answer.validator);
}

/** What is fetched. */
export interface FetchedFile extends RemoteFacts {
  /** The URL, as it is shown. */
  readonly source: string;
  readonly retries: number;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  request(span: ByteSpan | undefined, signal: AbortSignal): Promise<RemoteAnswer>;
}

/**
 * Writes a remote file to a path, and goes on where it was where a connection breaks. What has been written is
 * of the size and the checksum that are known.
 *
 * @param grow is told how long the file is going to be, before it is.
 * @throws {PixtokError} SOURCE_CHANGED where the file is another than was known; REMOTE_UNREACHABLE,
 *   REMOTE_REFUSED, REMOTE_NOT_FOUND, REMOTE_CORRUPT_FILE.
 */
export async function fetchCopy(
  file: FetchedFile,
  path: string,
  grow: (bytes: number) => Promise<void>,
): Promise<void> {
  const { source, retries, timeoutSeconds, signal } = file;
  const handle = await open(path, "w");
  let facts: RemoteFacts = file;
  let written = 0;
  let furthest = 0;
  let digest = digester(file.checksum, file.size);

  const receive = async (progress: () => void): Promise<void> => {
    // without a validator nobody knows that the rest is of the same file, and without a size whether there is one
    const isKnown = facts.validator !== undefined && facts.size !== undefined;
    const isRest = written > 0 && isKnown;
    const answer = await file.request(isRest ? { first: written } : undefined, signal);
    if (!isSame(file, answer) || (written > 0 && !isSame(facts, answer))) {
      answer.body.destroy();
      throw changed(source);
    }
    if (answer.first !== written || written === 0) {
      if (answer.first !== 0) {
        answer.body.destroy();
        throw corrupt(source, `the server gave bytes from ${answer.first} on, not from ${written}`);
      }
      written = 0;
      await handle.truncate(0);
      facts = {
        size: file.size ?? answer.size,
        validator: file.validator ?? answer.validator,
        checksum: file.checksum ?? answer.checksum,
      };
      digest = digester(facts.checksum, facts.size);
    }
    for await (const pieces of gathered(bodyChunks(source, answer.body, timeoutSeconds))) {
      signal.throwIfAborted();
      let bytes = 0;
      for (const piece of pieces) {
        bytes += piece.length;
        digest?.update(piece);
      }
      if (facts.size !== undefined && written + bytes > facts.size) {
        throw corrupt(source, `more than the ${facts.size} bytes came that were to come`);
      }
      await grow(written + bytes);
      await handle.writev(pieces, written);
      written += bytes;
      // a server that breaks off at the same place each time makes none
      if (written > furthest) progress();
      furthest = Math.max(furthest, written);
    }
  };

  try {
    await withRetries(retries, signal, async (progress) => {
      if (written === 0 || written !== facts.size) await receive(progress);
      if (facts.size !== undefined && written < facts.size) {
        throw corrupt(source, `${written} of ${facts.size} bytes came`);
      }
      const got = digest?.digest();
      if (got === undefined || got === facts.checksum?.digest) return;
      const { algorithm } = facts.checksum as Checksum;
      written = 0;
      throw corrupt(source, `the bytes that came have another checksum (${algorithm})`);
    });
  } catch (error) {
    signal.throwIfAborted();
    throw isGone(error, file) ? changed(source) : error;
  } finally {
    await handle.close();
  }
}

/** A file that was there when it was opened. */
function isGone(error: unknown, { validator, size }: RemoteFacts): boolean {
  const wasThere = validator !== undefined || size !== undefined;
  return wasThere && error instanceof PixtokError && error.code === "REMOTE_NOT_FOUND";
}
