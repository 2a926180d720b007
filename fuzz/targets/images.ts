import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fixture, readJsonLines } from "../../test/support/fixtures.js";
import { byteMutators } from "../mutation/bytes.js";
import { gifMutators } from "../mutation/gif.js";
import { jpegMutators } from "../mutation/jpeg.js";
import type { Mutators } from "../mutation/mutator.js";
import { pngMutators } from "../mutation/png.js";
import { avifMutators, webpMutators } from "../mutation/sized-parts.js";
import { tiffMutators } from "../mutation/tiff.js";
import type { Seed, Target } from "../target.js";

const ofFormat: Record<string, Mutators> = {
  ".jpg": { ...jpegMutators, ...tiffMutators }, // of its EXIF data
  ".png": pngMutators,
  ".gif": gifMutators,
  ".webp": webpMutators,
  ".avif": avifMutators,
  ".tiff": tiffMutators,
};

const LARGEST_SEED = 20_000;

/** The seeds of one format, at the extension of its files. */
function seedsOf(folders: readonly string[]): Seed[] {
  return folders.flatMap((folder) =>
    readdirSync(fixture(folder))
      .sort()
      .map((name) => ({ name, bytes: readFileSync(join(fixture(folder), name)) }))
      .filter(({ bytes }) => bytes.length > 0 && bytes.length <= LARGEST_SEED)
      .map(({ name, bytes }) => ({
        name: `${folder}/${name}`,
        files: new Map([[`image${extname(name)}`, bytes]]),
      })),
  );
}

interface Bitmap {
  readonly name: string;
  readonly opens: boolean;
  readonly filler?: unknown;
  readonly at: number;
  readonly bytes: number;
}

/** BMP, Netpbm, TGA and QOI files that Pillow opens. */
function bitmapSeeds(): Seed[] {
  const files = readFileSync(fixture("damaged/odd-bitmaps.bin"));
  return readJsonLines<Bitmap>(fixture("damaged/odd-bitmaps.jsonl"))
    .filter(({ opens, filler }) => opens && filler === undefined)
    .map(({ name, at, bytes }) => ({
      name,
      files: new Map([[`image.${name.slice(0, 3)}`, files.subarray(at, at + bytes)]]),
    }));
}

export const images: Target = {
  name: "images",
  share: 10,
  seeds: async () => [...seedsOf(["images", "oriented", "broken"]), ...bitmapSeeds()],
  isDamaged: () => true,
  // The format's own twice: they stand for fewer kinds of change than there are of bytes.
  mutatorsOf: (path) => ({ ...byteMutators, ...ofFormat[extname(path)] }),
};
