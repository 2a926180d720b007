import { PixtokError } from "../../shared/errors.js";
import type { AnnouncedVersion } from "./pack-format.js";
import { unlessDamaged } from "./pack-index.js";
import type { NamedFile, PackPlace } from "./pack-place.js";
import { isWhole, type VersionFiles, versionsOf } from "./pack-versions.js";

/**
 * Versions of a set in its place, for all who read it or write it. The index tells which there are. Where there is none, or it is damaged,
 * names of files do; and of a version whose files are all lost, those of a later one.
 */

/** Versions that the index in a place names; undefined where there is none, or one that is damaged or of a pixtok to come. */
export async function announcedIn(
  place: PackPlace,
): Promise<readonly AnnouncedVersion[] | undefined> {
  return (await unlessDamaged(place.indexHead(), undefined))?.versions;
}

/** What a file says of the versions before its own; undefined where it is damaged, or gone. */
async function beforeFile(
  place: PackPlace,
  name: string,
): Promise<readonly AnnouncedVersion[] | undefined> {
  try {
    return (await place.ends({ name })).metadata.before;
  } catch (error) {
    const isBad =
      error instanceof PixtokError &&
      /^(INVALID_PACK|NOT_A_PACK|FILE_NOT_FOUND|REMOTE_NOT_FOUND)$/.test(error.code);
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
  place: PackPlace,
  named: readonly NamedVersion[],
): Promise<readonly AnnouncedVersion[]> {
  if (named.every(({ end, files }, i) => files === end - (named[i - 1]?.end ?? 0))) {
    return [];
  }
  for (const { example } of named.toReversed()) {
    const before = await beforeFile(place, example);
    if (before !== undefined) return before;
  }
  return [];
}

/** Versions of the set that is in a place, whole or not. @throws {PixtokError} as the place's packedFiles(), and versionsOf(). */
export async function versionsIn(place: PackPlace): Promise<VersionFiles<NamedFile>[]> {
  // before files are listed: what it names is there
  const announced = await announcedIn(place);
  const found = await place.packedFiles();
  if (announced !== undefined) return versionsOf(place.name, found, announced);
  const versions = versionsOf(place.name, found, undefined);
  if (versions.every(isWhole)) return versions;
  // rows have begun to be appended since: the index is written before their first file
  const since = await announcedIn(place);
  if (since !== undefined) return versionsOf(place.name, await place.packedFiles(), since);
  const named = versions.map(({ end, found: own }) => {
    return { end, files: own.length, example: (own[0] as NamedFile).name };
  });
  return versionsOf(place.name, found, undefined, await namedByFiles(place, named));
}
