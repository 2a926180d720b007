import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { PixtokError } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import { isMissing, unreadableFile } from "../shared/unreadable-file.js";
import { indexOfFiles } from "../sources/packed/index-of-files.js";
import {
  FEW_FILES,
  INDEX_NAME,
  type PackedPlace,
  parsePackedFileName,
} from "../sources/packed/pack-format.js";
import { readPackIndex, savePackIndex, unlessDamaged } from "../sources/packed/pack-index.js";
import { isWhole, type VersionFiles } from "../sources/packed/pack-versions.js";
import { type NamedFile, packedFilesIn } from "../sources/packed/packed-folder.js";
import { versionsIn } from "../sources/packed/versions-in-folder.js";
import { aloneIn } from "./alone-in-folder.js";

/**
 * Whether the index, where there is one, is of some files as they are. It is not where a process was killed between a file,
 * which was packed again and became another, and the index.
 *
 * @param checksums CRC-32 of the files' schemas, which have the checksums of all else in them, by the files' names.
 */
export async function areIndexed(
  folder: string,
  checksums: ReadonlyMap<string, number>,
): Promise<boolean> {
  const index = await unlessDamaged(readPackIndex(folder), undefined);
  if (index === undefined) return true;
  for (const [name, crc] of checksums) {
    const { shard } = parsePackedFileName(name) as PackedPlace;
    if (shard < index.files && index.schemaCrcs[shard] !== crc) return false;
  }
  return true;
}

/**
 * Whether there is none, or one of fewer files, or one that is not what was written. One of more files stays: it tells which are missing.
 *
 * @param anew whether one of as many files is of others than are there now.
 */
async function isIndexWanted(folder: string, files: number, anew: boolean): Promise<boolean> {
  if (!(await fileExists(join(folder, INDEX_NAME)))) return true;
  const index = await unlessDamaged(readPackIndex(folder), "damaged");
  if (index === "damaged") return true;
  return index !== undefined && (anew ? index.files <= files : index.files < files);
}

/** Files that are looked at at the same time. */
const LOOKED_AT_ONCE = 16;

const GONE = { ino: -1, mtimeMs: -1, size: -1 };

/** Tells files from those that are in their places later. */
async function stampsOf(
  folder: string,
  found: readonly { name: string }[],
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const stamps = new Float64Array(3 * found.length);
  for (let first = 0; first < found.length; first += LOOKED_AT_ONCE) {
    signal?.throwIfAborted();
    const some = found.slice(first, first + LOOKED_AT_ONCE).map(({ name }) => join(folder, name));
    const looks = some.map((path) =>
      stat(path).catch((cause) => {
        if (isMissing(cause)) return GONE;
        throw unreadableFile(path, cause);
      }),
    );
    for (const [i, { ino, mtimeMs, size }] of (await Promise.all(looks)).entries()) {
      stamps.set([ino, mtimeMs, size], 3 * (first + i));
    }
  }
  return stamps;
}

/**
 * The files of all versions that are whole; none where one has lost some, which an index without it would hide. Without an
 * index a version that is not whole has lost files: before rows are appended there is one.
 */
async function filesToIndex(folder: string): Promise<NamedFile[]> {
  const versions = await versionsIn(folder);
  const unfinished = versions.filter((version) => !isWhole(version));
  const isBegun = ({ number, isAnnounced }: VersionFiles) =>
    number === versions.length && !isAnnounced;
  if (!unfinished.every(isBegun)) return [];
  return versions.filter(isWhole).flatMap(({ found }) => found);
}

/**
 * Writes the index of a set's whole versions where it is not there, or has not all of them, or is damaged; but never one that
 * hides lost files. Of several processes that end at the same time each may make it: it is the same. Where a file has been
 * replaced since it was looked at, nothing is written: who replaces one makes the index.
 *
 * @param anew whether files have been written, so that an index which is there is of others.
 * @throws {PixtokError} FILE_UNWRITABLE, or a fault of the machine; and where the files are not those of one set.
 * @throws the signal's reason, once it is aborted.
 */
export async function indexVersions(
  folder: string,
  anew: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  /** The files where an index is wanted. */
  const wanted = async () => {
    const found = await filesToIndex(folder);
    const isWanted = found.length > 0 && (await isIndexWanted(folder, found.length, anew));
    return isWanted ? found : undefined;
  };
  const found = await wanted();
  if (found === undefined) return;
  const stamps = await stampsOf(folder, found, signal);
  const index = await indexOfFiles(folder, found, signal);
  const isStill = async () => {
    const now = await wanted();
    return now !== undefined && isDeepStrictEqual(await stampsOf(folder, now, signal), stamps);
  };
  await aloneIn(folder, signal, async () => {
    if (await isStill()) await savePackIndex(folder, index);
  });
}

/**
 * As indexVersions(), of a set that has been packed: one of few files has no index, unless there are others behind them, and
 * a folder that may not be written to stays without one.
 */
export async function indexWholeSet(
  folder: string,
  files: number,
  { anew = false, signal }: { anew?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const found = await packedFilesIn(folder);
  if (found.length < files || (files <= FEW_FILES && found.length === files)) return;
  try {
    await indexVersions(folder, anew, signal);
  } catch (error) {
    if (!(error instanceof PixtokError) || error.code !== "FILE_UNWRITABLE") throw error;
  }
}
