import type { FileHandle } from "node:fs/promises";
import { PixtokError } from "../../shared/errors.js";
import { type FileVersion, versionOf } from "../../shared/file-version.js";
import { openRegularFile } from "../../shared/regular-file.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import { scanTar, type TarFault } from "./tar-entries.js";
import { collectEntries, type ShardEntries } from "./tar-shard-entries.js";
import { readIndex, writeIndex } from "./tar-shard-index.js";

/** A tar whose files are known. */
export interface Shard {
  /** Its path, or the name of one that is elsewhere. */
  path: string;
  version: FileVersion;
  entries: ShardEntries;
  /** Undefined where the tar is whole. */
  fault: TarFault | undefined;
}

/** First bytes of what tar files are often compressed to. */
const compressions = [
  ["gzip", "1f8b"],
  ["bzip2", "425a68"],
  ["xz", "fd377a585a00"],
  ["Zstandard", "28b52ffd"],
] as const;

function notATar(path: string, first: Buffer): PixtokError {
  const hex = first.toString("hex");
  const compression = compressions.find(([, magic]) => hex.startsWith(magic))?.[0];
  const message =
    compression === undefined
      ? "this is no tar file"
      : `this is compressed with ${compression}; unpack it, as files within it are read in any order`;
  return new PixtokError("INVALID_ARCHIVE", message, { source: path });
}

/**
 * Reads the index beside the shard, or else walks the shard and leaves one there if it is whole.
 *
 * @throws {PixtokError} FILE_NOT_FOUND, NOT_A_FILE, FILE_UNREADABLE; INVALID_ARCHIVE where it is no tar at all.
 */
export async function openShard(path: string): Promise<Shard> {
  return withTar(path, path, async (tar, version) => {
    const read = async (offset: number, length: number) =>
      (await tar.read(Buffer.alloc(length), 0, length, offset)).buffer;
    const indexed = await readIndex(path, { ...version, read });
    if (indexed !== undefined) return { path, version, entries: indexed, fault: undefined };
    const shard = await walk(path, tar, version);
    const { fault, entries } = shard;
    if (fault === undefined && entries.samples > 0) await writeIndex(path, version, entries);
    return shard;
  });
}

/** Walks a tar, without an index. @param name what it is called. */
export function walkShard(path: string, name: string): Promise<Shard> {
  return withTar(path, name, (tar, version) => walk(name, tar, version));
}

async function withTar(
  path: string,
  name: string,
  work: (tar: FileHandle, version: FileVersion) => Promise<Shard>,
): Promise<Shard> {
  try {
    const { file: tar } = await openRegularFile(path);
    try {
      return await work(tar, versionOf(await tar.stat({ bigint: true })));
    } finally {
      await tar.close();
    }
  } catch (cause) {
    throw cause instanceof PixtokError ? cause : unreadableFile(name, cause);
  }
}

async function walk(path: string, tar: FileHandle, version: FileVersion): Promise<Shard> {
  const collector = collectEntries();
  const fault = await scanTar(tar, version.size, collector.add);
  if (fault?.at === 0 || version.size === 0) {
    const { buffer, bytesRead } = await tar.read(Buffer.alloc(8), 0, 8, 0);
    throw notATar(path, buffer.subarray(0, bytesRead));
  }
  return { path, version, entries: collector.finished(), fault };
}
