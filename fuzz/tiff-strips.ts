import { readFileSync } from "node:fs";
import { samplingOfJpeg } from "../src/image/decode/tiff/jpeg-sampling.js";
import {
  readTiffDirectory,
  tagNumber,
  tagNumbers,
} from "../src/image/decode/tiff/tiff-directory.js";
import { fixture, readJsonLines } from "../test/support/fixtures.js";

const TAG = {
  width: 256,
  height: 257,
  compression: 259,
  offsets: 273,
  rows: 278,
  lengths: 279,
  samples: 277,
};
const LZW = 5;
const JPEG = 7;
/** By TIFF's numbers, those of native/fuzz/tiff_fuzz.cpp. */
const codings: ReadonlyMap<number, number> = new Map([
  [2, 0],
  [3, 1],
  [4, 3],
  [LZW, 4],
  [JPEG, 5],
]);
const MIXED = 2;
const LARGEST_ROWS = 63;

interface Stored {
  readonly name: string;
  readonly damage: string;
  readonly at: number;
  readonly bytes: number;
}

/** What native/fuzz/tiff_fuzz.cpp begins with: the strips of whole files, behind what it needs to know of them. */
export function tiffStripSeeds(): Buffer[] {
  return ["fax", "images", "jpeg-tiffs"].flatMap((fixtures) => {
    const files = readFileSync(fixture(`damaged/${fixtures}.bin`));
    return readJsonLines<Stored>(fixture(`damaged/${fixtures}.jsonl`))
      .filter(({ name, damage }) => damage !== "cut" && !/^(?:png|gif|webp)/.test(name))
      .flatMap(({ name, at, bytes }) => seedOf(files.subarray(at, at + bytes), name) ?? []);
  });
}

/** What a TIFF file would declare of these strips. */
function jpegFlags(strip: Buffer | undefined, samples: number): number {
  const { across, down } = samplingOfJpeg(strip ?? Buffer.alloc(0)) ?? { across: 1, down: 1 };
  return (across > 1 ? 1 : 0) | (down > 1 ? 2 : 0) | (samples === 1 ? 4 : 0);
}

/** Nothing for a damaged directory, and for other compressions. */
function seedOf(file: Buffer, name: string): Buffer | undefined {
  try {
    const directory = readTiffDirectory(file);
    const number = (tag: number) => tagNumber(directory, tag, 1);
    const compression = number(TAG.compression);
    const coding = name.includes("mixed") ? MIXED : codings.get(compression);
    if (coding === undefined) return undefined;
    const offsets = tagNumbers(directory, TAG.offsets) ?? [];
    const lengths = tagNumbers(directory, TAG.lengths) ?? [];
    const width = number(TAG.width) - 1;
    const rows = Math.min(number(TAG.rows), number(TAG.height)) - 1;
    const strips = offsets.flatMap((offset, i) => {
      const strip = file.subarray(offset, offset + (lengths[i] ?? 0));
      return [Buffer.from([strip.length & 255, strip.length >> 8]), strip];
    });
    const choices =
      compression === JPEG
        ? [jpegFlags(strips[1], number(TAG.samples)), 0, LARGEST_ROWS]
        : [width & 255, width >> 8, rows & 255];
    return Buffer.concat([Buffer.from([coding, ...choices]), ...strips]);
  } catch {
    return undefined;
  }
}
