import { opendir } from "node:fs/promises";
import { unreadableFile } from "../shared/unreadable-file.js";
import { type PackedPlace, parsePackedFileName } from "../sources/packed/pack-format.js";
import { versionsInIndex } from "./index-versions.js";
import { partOfFile, sizeOfPart } from "./pack-layout.js";

/** Numbers of files of a set's versions, those that the index has and those that files are called by, the least first. */
function endsOf(known: readonly number[], found: ReadonlySet<number>): number[] {
  return [...new Set([...known, ...found])].sort((a, b) => a - b);
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
    missing(): number[] {
      const parts = Array.from({ length: of }, (_, part) => part);
      if (versions.length === 0) return parts;
      for (const { first, end, there } of versions) {
        const missing = parts.filter(
          (part) => sizeOfPart(end - first, part, of) > (there[part] as number),
        );
        if (missing.length > 0) return missing;
      }
      return [];
    },
  };
}

/** Places of the packed files in a folder, in no order, without a list of them. */
async function* placesIn(folder: string): AsyncGenerator<PackedPlace> {
  try {
    for await (const { name } of await opendir(folder)) {
      const place = parsePackedFileName(name);
      if (place !== undefined) yield place;
    }
  } catch (cause) {
    throw unreadableFile(folder, cause);
  }
}

/**
 * Names of files are counted, and no file is opened but the index.
 *
 * @see missingParts
 */
export async function findMissingParts(folder: string, of: number): Promise<number[]> {
  const known = await versionsInIndex(folder);
  const found = new Set<number>();
  for await (const { shards } of placesIn(folder)) found.add(shards);
  const counter = partCounter(endsOf(known, found), of);
  for await (const place of placesIn(folder)) counter.add(place);
  return counter.missing();
}
