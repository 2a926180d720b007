import { isDeepStrictEqual } from "node:util";
import { indexOfFiles } from "../sources/packed/index-of-files.js";
import {
  FEW_FILES,
  INDEX_NAME,
  type PackedPlace,
  parsePackedFileName,
} from "../sources/packed/pack-format.js";
import { packIndexBytes, unlessDamaged } from "../sources/packed/pack-index.js";
import type { NamedFile } from "../sources/packed/pack-place.js";
import { isWhole, type VersionFiles } from "../sources/packed/pack-versions.js";
import { versionsIn } from "../sources/packed/versions-in-place.js";
import { aloneIn } from "./alone-in-place.js";
import type { PackTarget } from "./pack-target.js";

/**
 * Whether the index, where there is one, is of some files as they are. It is not where a process was killed between a file,
 * which was packed again and became another, and the index.
 *
 * @param checksums CRC-32 of the files' schemas, which have the checksums of all else in them, by the files' names.
 */
export async function areIndexed(
  target: PackTarget,
  checksums: ReadonlyMap<string, number>,
): Promise<boolean> {
  const index = await unlessDamaged(target.index(), undefined);
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
async function isIndexWanted(target: PackTarget, files: number, anew: boolean): Promise<boolean> {
  if (!(await target.has(INDEX_NAME))) return true;
  const index = await unlessDamaged(target.index(), "damaged");
  if (index === "damaged") return true;
  return index !== undefined && (anew ? index.files <= files : index.files < files);
}

/**
 * The files of all versions that are whole; none where one has lost some, which an index without it would hide. Without an
 * index a version that is not whole has lost files: before rows are appended there is one.
 */
async function filesToIndex(target: PackTarget): Promise<NamedFile[]> {
  const versions = await versionsIn(target);
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
 * @throws {PixtokError} FILE_UNWRITABLE, or a fault of the machine; PACK_IN_USE where another process has taken the claim on the
 *   place over; and where the files are not those of one set.
 * @throws the signal's reason, once it is aborted.
 */
export async function indexVersions(
  target: PackTarget,
  anew: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  /** The files where an index is wanted. */
  const wanted = async () => {
    const found = await filesToIndex(target);
    const isWanted = found.length > 0 && (await isIndexWanted(target, found.length, anew));
    return isWanted ? found : undefined;
  };
  const found = await wanted();
  if (found === undefined) return;
  const stamps = await target.stamps(found, signal);
  const index = await packIndexBytes(await indexOfFiles(target, found, signal));
  const isStill = async () => {
    const now = await wanted();
    return now !== undefined && isDeepStrictEqual(await target.stamps(now, signal), stamps);
  };
  await aloneIn(target, signal, async (requireHeld) => {
    if (!(await isStill())) return;
    await requireHeld();
    await target.save(INDEX_NAME, index, true);
  });
}

/**
 * As indexVersions(), of a set that has been packed: one of few files has no index, unless there are others behind them, and
 * a place that may not be written to stays without one.
 */
export async function indexWholeSet(
  target: PackTarget,
  files: number,
  { anew = false, signal }: { anew?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const found = await target.packedFiles();
  if (found.length < files || (files <= FEW_FILES && found.length === files)) return;
  try {
    await indexVersions(target, anew, signal);
  } catch (error) {
    if (!target.isReadOnly(error, anew)) throw error;
  }
}
