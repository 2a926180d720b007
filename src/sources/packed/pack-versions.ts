import { PixtokError } from "../../shared/errors.js";
import { type NumberRange, rangesInWords } from "../../shared/number-ranges.js";
import { outOfRange } from "../../shared/validation.js";
import type { AnnouncedVersion, PackConfig, PackedPlace } from "./pack-format.js";

/**
 * Versions of a packed set. Files of the first are called data-00000-of-00012 to data-00011-of-00012. Files that are appended go
 * on behind them, and are called by how many there are with them: data-00012-of-00015. So names alone tell the versions. Each
 * has all files of the one before, and no file is ever changed.
 */

/** Files that one version has more than the one before. */
export interface VersionFiles<F extends PackedPlace = PackedPlace> {
  /** From 1. */
  readonly number: number;
  /** The first of them. */
  readonly first: number;
  /** How many files the set has with them. */
  readonly end: number;
  /** Those that are there, in their order. */
  readonly found: readonly F[];
  /** False of rows that are being appended: the index does not name them yet. Where there is no index, all versions have to be there. */
  readonly isAnnounced: boolean;
  /** What the rows are of, by the index, or by files of a later version. */
  readonly source?: PackConfig["source"];
}

/**
 * Versions of a set, the oldest first, whole or not; none where there are no files.
 *
 * @param found in their order.
 * @param announced those that the index names; undefined where there is none to read.
 * @param before without an index, those that files of a later version name.
 * @throws {PixtokError} PACK_MISMATCH where the files are those of several sets.
 */
export function versionsOf<F extends PackedPlace>(
  folder: string,
  found: readonly F[],
  announced: readonly AnnouncedVersion[] | undefined,
  before: readonly AnnouncedVersion[] = [],
): VersionFiles<F>[] {
  const named = announced ?? before;
  const sources = new Map(named.map(({ files, source }) => [files, source]));
  const newest = named.at(-1)?.files ?? 0;
  const byEnd = new Map<number, F[]>([...sources.keys()].map((end) => [end, []]));
  for (const file of found) {
    const own = byEnd.get(file.shards) ?? [];
    own.push(file);
    byEnd.set(file.shards, own);
  }
  let first = 0;
  return [...byEnd]
    .sort(([a], [b]) => a - b)
    .map(([end, files], place) => {
      const source = sources.get(end);
      const isStranger = source === undefined && end < newest;
      if (isStranger || files.some(({ shard }) => shard < first)) {
        const other = isStranger ? newest : first;
        const message = `there are several sets in this folder, one of ${Math.min(end, other)} files and one of ${Math.max(end, other)}`;
        throw new PixtokError("PACK_MISMATCH", message, { source: folder });
      }
      const isAnnounced = announced === undefined || source !== undefined;
      const own = { number: place + 1, first, end, found: files, isAnnounced };
      first = end;
      return source === undefined ? own : { ...own, source };
    });
}

/** The versions that a reader has: all but rows that are being appended. */
export function announcedOf<F extends PackedPlace>(
  versions: readonly VersionFiles<F>[],
): VersionFiles<F>[] {
  return versions.filter(({ isAnnounced }) => isAnnounced);
}

export const isWhole = ({ first, end, found }: VersionFiles) => found.length === end - first;

/** Ranges of files of a version that are not there, counted from its first. Sizes are those of names, which may be of any. */
function* missingRanges({ first, end, found }: VersionFiles): Generator<NumberRange> {
  let next = first;
  for (const shard of [...found.map((file) => file.shard), end]) {
    if (shard > next) yield { first: next - first, last: shard - 1 - first };
    next = shard + 1;
  }
}

/** More ranges of missing parts are not named. */
const NAMED_RANGES = 5;

/** Says which parts of a version have missing files, where it is packed in as many parts as it has files. */
function missingInWords(version: VersionFiles, isOnly: boolean): string {
  const { number, first, end, found, isAnnounced } = version;
  const files = end - first;
  const missing = files - found.length;
  const ranges = [...missingRanges(version)];
  const named = rangesInWords(ranges.slice(0, NAMED_RANGES));
  const more = ranges.length > NAMED_RANGES ? ", …" : "";
  const which = isAnnounced ? "" : ", which is being appended,";
  const what = isOnly ? "files" : `files of version ${number}${which}`;
  const parts = missing === 1 ? "part" : "parts";
  return `${missing} of ${files} ${what} are missing: ${parts} ${named}${more} of ${files}`;
}

/** What is missing of each version that is not whole, for people to read. */
export function missingOf(versions: readonly VersionFiles[]): string[] {
  const isOnly = versions.length === 1 && versions[0]?.number === 1;
  return versions
    .filter((version) => !isWhole(version))
    .map((version) => missingInWords(version, isOnly));
}

/** @throws {PixtokError} NOT_A_PACK where there is no version. */
export function requireSome(folder: string, versions: readonly VersionFiles[]): void {
  if (versions.length > 0) return;
  const message = "there is no file that pixtok packed in this folder";
  throw new PixtokError("NOT_A_PACK", message, { source: folder });
}

/** @throws {PixtokError} NOT_A_PACK where there is no version; INCOMPLETE_PACK, naming what is missing. */
export function requireWhole(folder: string, versions: readonly VersionFiles[]): void {
  requireSome(folder, versions);
  const [message] = missingOf(versions);
  if (message !== undefined) throw new PixtokError("INCOMPLETE_PACK", message, { source: folder });
}

/**
 * Versions up to one of them.
 *
 * @param wanted from 1; undefined for the newest.
 * @throws {RangeError} where there is no such version.
 */
export function upToVersion<V>(versions: readonly V[], wanted: number | undefined): readonly V[] {
  if (wanted === undefined || wanted === versions.length) return versions;
  if (wanted < versions.length) return versions.slice(0, wanted);
  const most = versions.length;
  throw outOfRange("version", `at most ${most}, which the packed set has`, wanted);
}
