import { requireInteger } from "../shared/validation.js";
import type { PackedPlace } from "../sources/packed/pack-format.js";
import type { PackPlace } from "../sources/packed/pack-place.js";
import {
  announcedIn,
  type NamedVersion,
  namedByFiles,
} from "../sources/packed/versions-in-place.js";
import { partOfFile, sizeOfPart } from "./pack-layout.js";

/** Parts that are counted at most: each has a number in memory. */
export const MOST_PARTS = 2 ** 24;

/** Parts of a version that have missing files. */
export interface MissingParts {
  /** From 1: the first version that is not whole, or else the newest; 0 where there is none. */
  readonly version: number;
  /** How many versions there are. */
  readonly versions: number;
  readonly parts: readonly number[];
}

/**
 * Counts files of a set by the parts that they are of, so that what is missing is known without a list of files.
 *
 * @param ends numbers of files of the set's versions, the least first.
 * @param of number of parts that each version is packed in.
 */
export function partCounter(ends: readonly number[], of: number) {
  const versions = ends.map((end, place) => {
    const first = ends[place - 1] ?? 0;
    return { first, end, there: new Float64Array(of) };
  });
  return {
    add({ shard, shards }: PackedPlace): void {
      const version = versions.find(({ end }) => end === shards);
      if (version === undefined || shard < version.first) return;
      const part = partOfFile(shards - version.first, shard - version.first, of);
      version.there[part] = (version.there[part] as number) + 1;
    },
    /** Parts of the first version that is not whole; all, where there is no version. */
    missing(): MissingParts {
      const parts = Array.from({ length: of }, (_, part) => part);
      if (versions.length === 0) return { version: 0, versions: 0, parts };
      for (const [place, { first, end, there }] of versions.entries()) {
        const missing = parts.filter(
          (part) => sizeOfPart(end - first, part, of) > (there[part] as number),
        );
        if (missing.length > 0) {
          return { version: place + 1, versions: versions.length, parts: missing };
        }
      }
      return { version: versions.length, versions: versions.length, parts: [] };
    },
  };
}

/** What names tell of each version, in the order of versions. */
async function namedVersions(place: PackPlace): Promise<NamedVersion[]> {
  const named = new Map<number, NamedVersion>();
  for await (const { name, shards } of place.eachFile()) {
    const { files, example } = named.get(shards) ?? { files: 0, example: name };
    named.set(shards, { end: shards, files: files + 1, example });
  }
  return [...named.values()].sort((a, b) => a.end - b.end);
}

/**
 * Names of files are counted, and no file is opened but the index, or where there is none one of a version that is not whole.
 *
 * @param of number of parts, from 1 to 2^24.
 * @see missingParts
 */
export async function findMissingParts(place: PackPlace, of: number): Promise<MissingParts> {
  requireInteger("parts", of, 1, MOST_PARTS);
  const announced = await announcedIn(place);
  const named = await namedVersions(place);
  const known = announced ?? (await namedByFiles(place, named));
  const ends = new Set([...known.map(({ files }) => files), ...named.map(({ end }) => end)]);
  const counter = partCounter(
    [...ends].sort((a, b) => a - b),
    of,
  );
  for await (const file of place.eachFile()) counter.add(file);
  return counter.missing();
}
