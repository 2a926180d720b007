import type { Random } from "../random.js";
import { interestingNumber } from "./bytes.js";
import type { Mutators } from "./mutator.js";

const ENTRY_BYTES = 12;

/** Reads and writes numbers in the file's byte order. */
interface Tiff {
  bytes: Buffer;
  get(at: number, width: 2 | 4): number;
  set(at: number, width: 2 | 4, value: number): void;
}

/** The first directory of a TIFF structure, that of a JPEG file's EXIF data as well. */
function directoryOf(file: Buffer): { tiff: Tiff; entries: number[]; at: number } | undefined {
  const bytes = Buffer.from(file);
  const [little, big] = [bytes.indexOf("II*\0", 0, "latin1"), bytes.indexOf("MM\0*", 0, "latin1")];
  const start = little === -1 ? big : little;
  if (start === -1) return undefined;
  const body = bytes.subarray(start);
  const isLittle = start === little;
  const tiff: Tiff = {
    bytes,
    get: (at, width) => (isLittle ? body.readUIntLE(at, width) : body.readUIntBE(at, width)),
    set: (at, width, value) =>
      void (isLittle ? body.writeUIntLE(value, at, width) : body.writeUIntBE(value, at, width)),
  };
  if (body.length < 8) return undefined;
  const at = tiff.get(4, 4);
  if (at + 2 > body.length) return undefined;
  const count = Math.min(tiff.get(at, 2), Math.floor((body.length - at - 2) / ENTRY_BYTES));
  const entries = Array.from({ length: count }, (_, i) => at + 2 + ENTRY_BYTES * i);
  return count === 0 ? undefined : { tiff, entries, at };
}

function withEntry(
  bytes: Buffer,
  random: Random,
  change: (tiff: Tiff, entry: number, entries: number[], at: number) => void,
): Buffer | undefined {
  const found = directoryOf(bytes);
  if (found === undefined) return undefined;
  const { tiff, entries, at } = found;
  change(tiff, random.pick(entries), entries, at);
  return tiff.bytes;
}

// size, bits, compression, photometric, strips, orientation, samples, predictor, tiles, tables
const tags = [
  256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323, 324, 338, 339,
  347,
];
const values = [0, 1, 2, 3, 5, 6, 7, 8, 16, 32, 32773, 34712, 50000];

export const tiffMutators: Mutators = {
  changeValue: (bytes, random) =>
    withEntry(bytes, random, (tiff, entry) => {
      const value = random.chance(0.6) ? random.pick(values) : interestingNumber(random);
      const width = random.pick([2, 4] as const);
      tiff.set(entry + 8, width, value % 2 ** (8 * width));
    }),
  changeCount: (bytes, random) =>
    withEntry(bytes, random, (tiff, entry) => tiff.set(entry + 4, 4, interestingNumber(random))),
  changeType: (bytes, random) =>
    withEntry(bytes, random, (tiff, entry) => tiff.set(entry + 2, 2, random.below(19))),
  changeTag: (bytes, random) =>
    withEntry(bytes, random, (tiff, entry) => tiff.set(entry, 2, random.pick(tags))),
  repeatEntry: (bytes, random) =>
    withEntry(bytes, random, (tiff, entry, entries) => {
      const other = random.pick(entries);
      for (const at of [0, 4, 8]) tiff.set(other + at, 4, tiff.get(entry + at, 4));
    }),
  fewerEntries: (bytes, random) =>
    withEntry(bytes, random, (tiff, _, entries, at) => {
      tiff.set(at, 2, random.chance(0.5) ? random.below(entries.length) : 65535);
    }),
};
