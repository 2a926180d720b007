import { join } from "node:path";
import { PixtokError } from "../../shared/errors.js";
import type { AnnouncedVersion } from "./pack-format.js";
import { headOfIndex, unlessDamaged } from "./pack-index.js";
import { isWhole, type VersionFiles, versionsOf } from "./pack-versions.js";
import { readPackedEnds } from "./packed-ends.js";
import { type NamedFile, packedFilesIn } from "./packed-folder.js";

/**
 * Versions of a set in a folder, for all who read it or write it. The index tells which there are. Where there is none, or it is damaged,
 * names of files do; and of a version whose files are all lost, those of a later one.
 */

/** Versions that the index in a folder names; undefined where there is none, or one that is damaged or of a pixtok to come. */
export async function announcedIn(
  folder: string,
): Promise<readonly AnnouncedVersion[] | undefined> {
  return (await unlessDamaged(headOfIndex(folder), undefined))?.versions;
}

/** What a file says of the versions before its own; undefined where it is damaged, or gone. */
async function beforeFile(path: string): Promise<readonly AnnouncedVersion[] | undefined> {
  try {
    return (await readPackedEnds(path)).metadata.before;
  } catch (error) {
    const isBad =
      error instanceof PixtokError && /^(INVALID_PACK|NOT_A_PACK|FILE_NOT_FOUND)$/.test(error.code);
    if (isBad) return undefined;
    throw error;
  }
}

/** What names of files tell of a version. */
export interface NamedVersion {
  readonly end: number;
  /** How many files are called by it, and what one of them is called. */
  readonly files: number;
  readonly example: string;
}

/**
 * Versions that files of the newest one name, where there is no index. None where names tell of files enough.
 *
 * @param named in their order.
 */
export async function namedByFiles(
  folder: string,
  named: readonly NamedVersion[],
): Promise<readonly AnnouncedVersion[]> {
  if (named.every(({ end, files }, place) => files === end - (named[place - 1]?.end ?? 0))) {
    return [];
  }
  for (const { example } of named.toReversed()) {
    const before = await beforeFile(join(folder, example));
    if (before !== undefined) return before;
  }
  return [];
}

/** Versions of the set that is in a folder, whole or not. @throws {PixtokError} as packedFilesIn() and versionsOf(). */
export async function versionsIn(folder: string): Promise<VersionFiles<NamedFile>[]> {
  // before files are listed: what it names is there
  const announced = await announcedIn(folder);
  const found = await packedFilesIn(folder);
  if (announced !== undefined) return versionsOf(folder, found, announced);
  const versions = versionsOf(folder, found, undefined);
  if (versions.every(isWhole)) return versions;
  // rows have begun to be appended since: the index is written before their first file
  const since = await announcedIn(folder);
  if (since !== undefined) return versionsOf(folder, await packedFilesIn(folder), since);
  const named = versions.map(({ end, found: own }) => {
    return { end, files: own.length, example: (own[0] as NamedFile).name };
  });
  return versionsOf(folder, found, undefined, await namedByFiles(folder, named));
}
