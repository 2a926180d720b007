import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { PackedFigures } from "../planning/figures.js";
import { type GrownPacks, growPacks } from "../planning/grown-packs.js";
import { type Growth, valueAt } from "../planning/growth.js";
import type { Packing, PackingOptions } from "../planning/measure-packing.js";
import type { ReadingOptions } from "../planning/measure-reading.js";
import { bytesOfFiles } from "../planning/set-files.js";
import { writing } from "../shared/unwritable-file.js";
import type { PackedSource } from "../sources/packed/is-packed.js";
import { openPackedSource } from "../sources/packed/local-pack.js";
import { FEW_FILES } from "../sources/packed/pack-format.js";
import type { NamedFile } from "../sources/packed/pack-place.js";
import { packedFilesIn } from "../sources/packed/packed-folder.js";
import type { DatasetArguments } from "./dataset-options.js";
import { measurePackingOf, measureReadingOf } from "./measure-in-process.js";
import { growthOfPacks } from "./measure-openings.js";
import type { RepeatedSample } from "./sample-of-dataset.js";
import { say } from "./say-measuring.js";

/** Pairs that show how many bytes one has. */
const FEW_PAIRS = 8;
/** How long packing is measured, and how much it writes at a time, at most. */
const PACKING_SECONDS = 6;
const MOST_PACKED_BYTES = 2 ** 30;

/** How many pairs are packed in all: for some seconds, all of the sample if that is more, and no more than there is room for. */
export function pairsToPack(
  samples: number,
  most: number,
  { pairs, seconds }: Pick<Packing, "pairs" | "seconds">,
): number {
  const wanted = Math.ceil((PACKING_SECONDS * pairs) / seconds);
  return Math.max(1, Math.min(most, Math.max(samples, wanted)));
}

/** More of them, where so many took little time; 0: that was enough. A process becomes faster in its first seconds. */
export function morePairsToPack(
  asked: number,
  most: number,
  packed: Pick<Packing, "pairs" | "seconds">,
): number {
  if (packed.seconds >= PACKING_SECONDS / 2 || asked >= most) return 0;
  return pairsToPack(2 * asked, most, packed);
}

/** What is packed, and how. */
export interface MeasuredPack {
  readonly paths: readonly string[];
  readonly given: DatasetArguments;
  /** Of images as they are stored, as of pixtok pack. */
  readonly size: number | undefined;
  readonly sample: Omit<RepeatedSample, "pairs">;
  readonly options: Omit<PackingOptions, "folder">;
}

/** Bytes of packed files. */
const bytesOf = (folder: string) => bytesOfFiles({ kind: "packed", paths: [folder] });

/** Packs a sample over and over, each time in a process of its own, until that has taken some seconds. */
async function packForSeconds(
  { paths, given, size, sample, options }: MeasuredPack,
  root: string,
): Promise<Packing & { folder: string }> {
  const pack = async (pairs: number) => {
    const folder = join(root, `${pairs}-pairs`);
    const of = { ...sample, pairs };
    return {
      folder,
      ...(await measurePackingOf(paths, given, size, of, { ...options, folder })),
    };
  };
  const few = await pack(Math.min(sample.samples, FEW_PAIRS));
  const bytes = await bytesOf(few.folder);
  await rm(few.folder, { recursive: true });
  const most = Math.max(1, Math.floor((MOST_PACKED_BYTES * few.pairs) / bytes));
  let count = Math.min(sample.samples, most);
  for (;;) {
    const packed = await pack(count);
    const more = morePairsToPack(count, most, packed);
    if (more === 0) return packed;
    await rm(packed.folder, { recursive: true });
    count = more;
  }
}

/** The name of the file that has most rows: of pairs that cannot be read, one may have none. */
async function fullestFile(folder: string, { blockLengths }: PackedSource): Promise<string> {
  const rows = blockLengths?.() ?? [];
  let fullest = 0;
  for (let file = 1; file < rows.length; file += 1) {
    if ((rows[file] as number) > (rows[fullest] as number)) fullest = file;
  }
  const files = await packedFilesIn(folder);
  return (files[fullest] as NamedFile).name;
}

/** How opening grows: all messages of few files are looked at, of more files an index. */
const ofBoth = (few: Growth, many: Growth, most: number): Growth => ({
  ...few,
  beyond: { pairs: most, growth: many },
});

/**
 * The memory of a process that reads: what it has for reading, and what it keeps of a set that is open.
 *
 * @param value what it was with so many pairs.
 */
export function memoryOfReading(
  pairs: number,
  value: number,
  few: Growth,
  many: Growth,
  most: number,
) {
  const kept = valueAt(ofBoth(few, many, most), pairs);
  const keptOfFew = valueAt(few, pairs);
  if (kept === null || keptOfFew === null) return { pairs, value, perPair: null };
  const forReading = value - kept;
  const { perPair } = few;
  const ofFew = { pairs, value: forReading + keptOfFew, perPair };
  return ofBoth(ofFew, { ...many, value: forReading + many.value }, most);
}

/**
 * Packs a sample, and opens and reads that.
 *
 * @param root where it is packed.
 * @throws {PixtokError} as packDataset().
 */
export async function measurePackedSet(
  packed: MeasuredPack,
  reading: ReadingOptions,
  root: string,
): Promise<PackedFigures> {
  say("packing a sample");
  const { folder, pairs, seconds, perPair } = await packForSeconds(packed, root);
  const source = await openPackedSource(folder);
  const { length } = source;
  const blockPairs = source.pack.config.shardPairs;
  const given: DatasetArguments = { texts: packed.given.texts };
  say("reading batches that are packed");
  const { rate, memory } = await measureReadingOf([folder], given, reading);
  const pairBytes = (await bytesOf(folder)) / length;
  say("opening packed sets, some 10 times each");
  const grown = join(root, "grown-packs");
  await writing(grown, () => mkdir(grown));
  const made = await growPacks(folder, await fullestFile(folder, source), grown);
  const growth = ([small, large]: GrownPacks) => growthOfPacks([small.folder, large.folder], given);
  const few = await growth(made.few);
  const many = await growth(made.many);
  const most = FEW_FILES * blockPairs;
  const opening = ofBoth(few.opening, many.opening, most);
  return {
    pairBytes,
    blockPairs,
    opening,
    openingAgain: opening,
    memory: memoryOfReading(length, memory, few.memory, many.memory, most),
    readRate: rate,
    packing: { pairs, value: seconds, perPair },
  };
}
