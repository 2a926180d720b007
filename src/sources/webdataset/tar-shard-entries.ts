import { growingNumbers } from "../../shared/growing-numbers.js";
import { bytesOfName, isPlainName, nameOfBytes } from "./name-bytes.js";

/** A name within a shard, taken apart as the webdataset library does it. */
export interface EntryName {
  /** What the files of a sample have in common: the path up to the first dot of its last part. */
  key: string;
  /** What comes after that dot, in lower case. */
  extension: string;
}

const META_FOLDER = /^__[^/]*__(?:$|\/)/;

const isMeta = (name: string): boolean => name.startsWith("__") && META_FOLDER.test(name);

/** Undefined for what belongs to no sample: hidden files, those without an extension, and meta data. */
export function entryName(name: string): EntryName | undefined {
  const base = name.lastIndexOf("/") + 1;
  const dot = name.indexOf(".", base);
  if (dot <= base || dot === name.length - 1 || isMeta(name)) return undefined;
  return { key: name.slice(0, dot), extension: name.slice(dot + 1).toLowerCase() };
}

/** The files of a shard's samples: adjacent ones of one key are a sample. No objects, a few arrays. */
export interface ShardEntries {
  readonly samples: number;
  name(entry: number): string;
  offset(entry: number): number;
  size(entry: number): number;
  /** The first entry of a sample; of `samples`, the number of entries. */
  first(sample: number): number;
}

export interface EntryCollector {
  /** Nothing is done where the name belongs to no sample. */
  add(name: string, offset: number, size: number): void;
  finished(): ShardEntries;
}

export function collectEntries(): EntryCollector {
  let names = Buffer.alloc(1 << 12);
  let nameBytes = 0;
  const nameEnds = growingNumbers();
  const offsets = growingNumbers();
  const sizes = growingNumbers();
  const firsts = growingNumbers();
  let lastKey: string | undefined;
  return {
    add(name, offset, size) {
      const key = entryName(name)?.key;
      if (key === undefined) return;
      if (key !== lastKey) firsts.push(offsets.length);
      lastKey = key;
      const isPlain = isPlainName(name);
      const length = isPlain ? Buffer.byteLength(name) : bytesOfName(name).length;
      if (nameBytes + length > names.length) {
        const larger = Buffer.alloc(2 * (nameBytes + length));
        names.copy(larger);
        names = larger;
      }
      nameBytes += isPlain
        ? names.write(name, nameBytes)
        : bytesOfName(name).copy(names, nameBytes);
      nameEnds.push(nameBytes);
      offsets.push(offset);
      sizes.push(size);
    },
    finished() {
      firsts.push(offsets.length);
      return entriesOf(
        Buffer.from(names.subarray(0, nameBytes)),
        nameEnds.finished(),
        offsets.finished(),
        sizes.finished(),
        firsts.finished(),
      );
    },
  };
}

function entriesOf(
  names: Buffer,
  nameEnds: Float64Array,
  offsets: Float64Array,
  sizes: Float64Array,
  firsts: Float64Array,
): ShardEntries {
  return {
    samples: firsts.length - 1,
    name: (entry) => nameOfBytes(names, nameEnds[entry - 1] ?? 0, nameEnds[entry]),
    offset: (entry) => offsets[entry] as number,
    size: (entry) => sizes[entry] as number,
    first: (sample) => firsts[sample] as number,
  };
}
