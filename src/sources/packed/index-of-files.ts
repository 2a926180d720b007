import { fingerprinter } from "../pair-source.js";
import type { PackedFileMetadata } from "./pack-format.js";
import {
  type IndexedVersion,
  NUMBERS_OF_MESSAGE,
  numbersOf,
  type PackIndex,
} from "./pack-index.js";
import type { NamedFile, PackPlace } from "./pack-place.js";
import type { PackedHead } from "./packed-file.js";
import { checksumsOf, readPackedHeads, rowsOfHead } from "./packed-folder.js";

/** Numbers one behind the other, however many there will be. */
function growingNumbers(room: number) {
  let numbers = new Uint32Array(room);
  let length = 0;
  return {
    add(some: readonly number[]) {
      if (length + some.length > numbers.length) {
        const longer = new Uint32Array(2 * (length + some.length));
        longer.set(numbers);
        numbers = longer;
      }
      numbers.set(some, length);
      length += some.length;
    },
    all: () => numbers.slice(0, length),
  };
}

/**
 * What the index of a whole set says, by its files.
 *
 * @param found all files of the set's whole versions, in their order.
 * @throws {PixtokError} as readPackedHeads().
 */
export async function indexOfFiles(
  place: PackPlace,
  found: readonly Pick<NamedFile, "name" | "validator" | "size">[],
  signal?: AbortSignal,
): Promise<PackIndex> {
  const files = found.length;
  const rows = new Int32Array(files);
  const schemaBytes = new Uint32Array(files);
  const schemaCrcs = new Uint32Array(files);
  const starts = new Int32Array(files + 1);
  const messages = growingNumbers(NUMBERS_OF_MESSAGE * files);
  const fingerprint = fingerprinter();
  const versions: IndexedVersion[] = [];
  let file = 0;
  let last: PackedFileMetadata | undefined;
  const addVersion = ({ config: { source, shardPairs } }: PackedFileMetadata) => {
    versions.push({ source, shardPairs, files: file, fingerprint: fingerprint.digest() });
  };
  const visit = (head: PackedHead) => {
    if (last !== undefined && last.shards !== head.metadata.shards) addVersion(last);
    last = head.metadata;
    const [schema, ...own] = head.messages;
    rows[file] = rowsOfHead(head);
    schemaBytes[file] = schema?.bytes ?? 0;
    schemaCrcs[file] = head.schemaCrc;
    for (const message of own) messages.add(numbersOf(message));
    for (const checksum of checksumsOf([head])) fingerprint.add(checksum);
    file += 1;
    starts[file] = (starts[file - 1] as number) + own.length;
  };
  const config = await readPackedHeads(place, found, visit, signal);
  if (last !== undefined) addVersion(last);
  return {
    ...{ config, versions, files, fingerprint: fingerprint.digest() },
    ...{ rows, schemaBytes, schemaCrcs, starts, messages: messages.all() },
  };
}
