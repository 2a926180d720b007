import { PixtokError } from "../../shared/errors.js";
import { numberRanges } from "../../shared/number-ranges.js";
import { outOfRange } from "../../shared/validation.js";
import type { PackedPlace } from "./pack-format.js";

/**
 * Versions of a packed set. Files of the first are called data-00000-of-00012 to data-00011-of-00012. Files that are appended go
 * on behind them, and are called by how many there are with them: data-00012-of-00015. So names alone tell the versions. Each
 * has all files of the one before, and no file is ever changed.
 */

/** Files that one version has more than the one before. */
export interface VersionFiles<F extends PackedPlace = PackedPlace> {
  /** The first of them. */
  readonly first: number;
  /** How many files the set has with them. */
  readonly end: number;
  /** Those that are there, in their order. */
  readonly found: readonly F[];
}

/**
 * Versions of a set, the oldest first, whole or not; none where there are no files.
 *
 * @param found in their order.
 * @param known numbers of files of versions that there are, whether or not one of their files is found.
 * @throws {PixtokError} PACK_MISMATCH where the files are those of several sets.
 */
export function versionsOf<F extends PackedPlace>(
  folder: string,
  found: readonly F[],
  known: readonly number[] = [],
): VersionFiles<F>[] {
  const byEnd = new Map<number, F[]>(known.map((end) => [end, []]));
  for (const file of found) {
    const own = byEnd.get(file.shards) ?? [];
    own.push(file);
    byEnd.set(file.shards, own);
  }
  let first = 0;
  return [...byEnd]
    .sort(([a], [b]) => a - b)
    .map(([end, files]) => {
      const own = { first, end, found: files };
      if (files.some(({ shard }) => shard < own.first)) {
        const message = `there are several sets in this folder, one of ${first} files and one of ${end}`;
        throw new PixtokError("PACK_MISMATCH", message, { source: folder });
      }
      first = end;
      return own;
    });
}

/** Numbers of a version's files that are not there, counted from the version's first. */
export function missingFiles({ first, end, found }: VersionFiles): number[] {
  const there = new Set(found.map(({ shard }) => shard - first));
  return Array.from({ length: end - first }, (_, file) => file).filter((file) => !there.has(file));
}

/** More ranges of missing parts are not named. */
const NAMED_RANGES = 5;

/** Says which parts of a version have missing files, where it is packed in as many parts as it has files. */
export function missingInWords(first: number, end: number, missing: readonly number[]): string {
  const files = end - first;
  const ranges = numberRanges(missing).split(",");
  const named = ranges.slice(0, NAMED_RANGES).join(",");
  const more = ranges.length > NAMED_RANGES ? ", …" : "";
  const what = first === 0 ? "files are missing" : "files that are being appended are missing";
  const parts = missing.length === 1 ? "part" : "parts";
  return `${missing.length} of ${files} ${what}: ${parts} ${named}${more} of ${files}`;
}

/** @throws {PixtokError} NOT_A_PACK where there is no version; INCOMPLETE_PACK, naming what is missing. */
export function requireWhole(folder: string, versions: readonly VersionFiles[]): void {
  if (versions.length === 0) {
    const message = "there is no file that pixtok packed in this folder";
    throw new PixtokError("NOT_A_PACK", message, { source: folder });
  }
  for (const version of versions) {
    const missing = missingFiles(version);
    if (missing.length === 0) continue;
    const message = missingInWords(version.first, version.end, missing);
    throw new PixtokError("INCOMPLETE_PACK", message, { source: folder });
  }
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
