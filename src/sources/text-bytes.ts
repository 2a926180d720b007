import type { FileHandle } from "node:fs/promises";
import { PixtokError } from "../shared/errors.js";
import {
  changedFile,
  type FileVersion,
  goneFile,
  requireVersion,
  sameVersion,
  versionOf,
} from "../shared/file-version.js";
import { IS_LFS_POINTER, isGitLfsPointer, LFS_POINTER_BYTES } from "../shared/git-lfs-pointer.js";
import { readFully } from "../shared/read-fully.js";
import { openRegularFile, readRegularFile } from "../shared/regular-file.js";
import { unreadableFile } from "../shared/unreadable-file.js";
import { blockCache } from "./block-cache.js";
import { decodeTextFile, NotText, textEncoding } from "./text-encoding.js";

/** The bytes of a text file in UTF-8, without a byte order mark, as it was when it was opened. */
export interface TextBytes {
  readonly length: number;
  /** Of the file that they are read from; undefined where they are in memory. */
  readonly version: FileVersion | undefined;
  /** All of them, from the first. */
  chunks(): AsyncIterable<Buffer>;
  /** Those that are there, from `start` to `end`. */
  read(start: number, end: number): Promise<Buffer>;
  /**
   * Looks at the file, which may be another one while its bytes are in memory.
   *
   * @throws {PixtokError} SOURCE_CHANGED, a fault of the machine.
   */
  requireUnchanged(): Promise<void>;
}

/** Files in UTF-16 are kept in memory, as UTF-8. */
const MOST_UTF16_BYTES = 2 ** 29;
const CHUNK_BYTES = 1 << 20;
const BLOCK_BYTES = 1 << 16;
const KEPT_BLOCKS = 64;

export function bytesInMemory(bytes: Buffer): TextBytes {
  return {
    length: bytes.length,
    version: undefined,
    async *chunks() {
      yield bytes;
    },
    read: async (start, end) => bytes.subarray(start, end),
    requireUnchanged: async () => {},
  };
}

/** Something done with the file, which is opened for it: nobody has to close it. */
async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const { file } = await openRegularFile(path);
  try {
    return await work(file);
  } catch (cause) {
    throw cause instanceof PixtokError ? cause : unreadableFile(path, cause);
  } finally {
    await file.close();
  }
}

/**
 * @throws {PixtokError} FILE_NOT_FOUND, NOT_A_FILE, FILE_UNREADABLE, a fault of the machine; INVALID_MANIFEST
 *   where it is no text. What is read later throws SOURCE_CHANGED once the file has been changed.
 */
export async function openTextBytes(path: string): Promise<TextBytes> {
  const { version, start } = await withFile(path, async (file) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LFS_POINTER_BYTES), 0);
    return {
      version: versionOf(await file.stat({ bigint: true })),
      start: buffer.subarray(0, bytesRead),
    };
  });
  const invalid = (message: string) =>
    new PixtokError("INVALID_MANIFEST", message, { source: path });
  if (isGitLfsPointer(start)) throw invalid(IS_LFS_POINTER);
  const { name, markBytes } = textEncoding(start);
  const requireSame = async (file: FileHandle): Promise<void> => {
    if (sameVersion(versionOf(await file.stat({ bigint: true })), version)) return;
    throw changedFile(path);
  };

  /** As withFile(): that the file was there makes what is wrong with it now no fault of a row's. */
  const again = <T>(work: (file: FileHandle) => Promise<T>): Promise<T> =>
    withFile(path, work).catch((cause: PixtokError) => {
      throw goneFile(path, cause);
    });
  const requireUnchanged = () => requireVersion(path, version);

  if (name !== "utf-8") {
    try {
      const text = decodeTextFile(await readRegularFile(path, MOST_UTF16_BYTES));
      return { ...bytesInMemory(Buffer.from(text, "utf8")), requireUnchanged };
    } catch (cause) {
      throw cause instanceof NotText ? invalid(cause.message) : cause;
    }
  }
  const blockAt = blockCache(KEPT_BLOCKS, (block) =>
    again(async (file) => {
      const bytes = Buffer.allocUnsafe(BLOCK_BYTES);
      const filled = await readFully((...at) => file.read(...at), bytes, block * BLOCK_BYTES);
      await requireSame(file);
      return bytes.subarray(0, filled);
    }),
  );
  return {
    length: version.size - markBytes,
    version,
    async *chunks() {
      const { file } = await openRegularFile(path);
      try {
        const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
        for (let position = markBytes; ; ) {
          const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
          if (bytesRead === 0) break;
          position += bytesRead;
          yield chunk.subarray(0, bytesRead);
        }
        await requireSame(file);
      } catch (cause) {
        throw cause instanceof PixtokError ? cause : unreadableFile(path, cause);
      } finally {
        await file.close();
      }
    },
    async read(start, end) {
      const pieces: Buffer[] = [];
      const last = end + markBytes;
      for (let at = start + markBytes; at < last; ) {
        const block = Math.floor(at / BLOCK_BYTES);
        const bytes = await blockAt(block);
        const piece = bytes.subarray(at - block * BLOCK_BYTES, last - block * BLOCK_BYTES);
        if (piece.length === 0) break;
        pieces.push(piece);
        at += piece.length;
      }
      return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    },
    requireUnchanged,
  };
}
