import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AnyDataset } from "../dataset/dataset.js";
import { packDataset } from "../packing/pack.js";
import type { SetFigures } from "../planning/figures.js";
import { areSettled, type Growth, growthBetween, type Measured } from "../planning/growth.js";
import type { ReadingOptions } from "../planning/measure-reading.js";
import { bytesOfFiles } from "../planning/set-files.js";
import { openPackedSource } from "../sources/packed/local-pack.js";
import type { DatasetArguments } from "./dataset-options.js";
import { measureOpening, measureReadingOf } from "./measure-in-process.js";
import type { Opening } from "./measured-process.js";

/** Differences that are smaller are not seen in a process: seconds, and bytes. */
const RESOLUTION = { seconds: 0.01, bytes: 2 ** 20 };
/** Openings of each kind. While it does not show how they grow there are more, up to so many, and for so long. */
const TIMES = 7;
const MOST_TIMES = 2 * TIMES;
const OPENING_SECONDS = 5;

/** What is measured of a set, beside its bytes. */
export type MeasuredSet = Pick<SetFigures, "opening" | "openingAgain" | "memory" | "readRate">;

/** Openings of a set: the first one, and more. */
interface Openings {
  readonly first: Measured;
  readonly again: Measured;
  readonly memory: Measured;
}

const secondsOf = (openings: readonly Opening[]) => openings.map(({ seconds }) => seconds);

async function openedOften(open: () => Promise<Opening>): Promise<Opening[]> {
  const openings: Opening[] = [];
  const end = performance.now() + 1000 * OPENING_SECONDS;
  const isUnclear = () => !areSettled(secondsOf(openings), RESOLUTION.seconds);
  while (
    openings.length < TIMES ||
    (openings.length < MOST_TIMES && performance.now() < end && isUnclear())
  ) {
    openings.push(await open());
  }
  return openings;
}

function openingsOf(
  first: readonly Opening[],
  again: readonly Opening[],
  pairs = first[0]?.pairs as number,
): Openings {
  return {
    first: { pairs, values: secondsOf(first) },
    again: { pairs, values: secondsOf(again) },
    memory: { pairs, values: again.map(({ memory }) => memory) },
  };
}

/** Measuring takes a minute or two: what is done now is said where people read it. */
const say = (what: string) => console.error(`measuring: ${what}`);

/** Openings of a set as it is found, which may have been open before. */
async function openings(source: readonly string[], given: DatasetArguments): Promise<Openings> {
  const open = () => measureOpening(source, given);
  return openingsOf([await open()], await openedOften(open));
}

/**
 * Openings of a set that was made for them. What pixtok keeps of its files, beside them or in a cache, is taken away before
 * each that is to be the first.
 *
 * @param pairs that its files stand for. Default: those that it has.
 */
async function openingsOfMade(made: MadeSet, pairs?: number): Promise<Openings> {
  const { source, given, folder } = made;
  const there = new Set(await readdir(folder));
  const cache = `${folder}-cache`;
  const open = () => measureOpening(source, given, cache);
  const openFirst = async () => {
    await rm(cache, { recursive: true, force: true });
    for (const name of await readdir(folder)) {
      if (!there.has(name)) await rm(join(folder, name), { recursive: true });
    }
    return open();
  };
  return openingsOf(await openedOften(openFirst), await openedOften(open), pairs);
}

/** What opening comes to, by openings of two sizes. */
function growthOf(small: Openings, large: Openings) {
  return {
    opening: growthBetween(small.first, large.first, RESOLUTION.seconds),
    openingAgain: growthBetween(small.again, large.again, RESOLUTION.seconds),
    memory: growthBetween(small.memory, large.memory, RESOLUTION.bytes),
  };
}

/** What a set was, where it is not known how it grows. */
const asItWas = ({ pairs, values }: Measured): Growth => ({
  pairs,
  value: Math.min(...values),
  perPair: null,
});

/** A set, and the folder that it was made in. */
export interface MadeSet {
  readonly source: readonly string[];
  readonly given: DatasetArguments;
  readonly folder: string;
}

/** Reads batches of a set. */
export async function measureRate(
  source: readonly string[],
  given: DatasetArguments,
  options: ReadingOptions,
) {
  say("reading batches");
  const { rate: readRate, memory, pairs } = await measureReadingOf(source, given, options);
  return { readRate, memory, pairs };
}

/**
 * Opens sets and reads batches of one.
 *
 * @param grown sets of two sizes like it; null where there are none.
 */
export async function measureSet(
  source: readonly string[],
  given: DatasetArguments,
  grown: readonly [small: MadeSet, large: MadeSet] | null,
  options: ReadingOptions,
): Promise<MeasuredSet> {
  const { readRate, memory: value, pairs } = await measureRate(source, given, options);
  say("opening sets like it, some 20 times each");
  if (grown === null) {
    const { first, again } = await openings(source, given);
    const memory = { pairs, value, perPair: null };
    return { opening: asItWas(first), openingAgain: asItWas(again), memory, readRate };
  }
  const small = await openingsOfMade(grown[0]);
  const { opening, openingAgain, memory } = growthOf(small, await openingsOfMade(grown[1]));
  return { opening, openingAgain, memory: { pairs, value, perPair: memory.perPair }, readRate };
}

/** Files of the two packed sets that show how opening grows, of a pair each: both are enough for an index. */
const PACKED_FILES = [128, 512] as const;
/** Pairs that show how many bytes one has, and at most so many that show how long they take. */
const FEW_PAIRS = 8;
const TRIAL_PAIRS = 256;
/** How long packing is measured, and how much it writes at a time, at most. */
const PACKING_SECONDS = 3;
const MOST_PACKED_BYTES = 2 ** 30;

/** What packing is measured with. */
export interface PackingOptions {
  /** The dataset of so many pairs: those of the sample, over and over. */
  datasetOf(pairs: number): Promise<AnyDataset>;
  /** Pairs of the sample. */
  readonly samples: number;
  readonly fileBytes: number | undefined;
  readonly threads: number | undefined;
}

/** Pairs, and the seconds that they took to pack. */
interface Packed {
  readonly pairs: number;
  readonly seconds: number;
}

/** Pairs a second, without what packing takes to begin where there are enough more to tell. */
function rateBetween(some: Packed, more: Packed): number {
  if (more.pairs < 2 * some.pairs || more.seconds <= some.seconds) return more.pairs / more.seconds;
  return (more.pairs - some.pairs) / (more.seconds - some.seconds);
}

/** How many pairs are packed in all: for some seconds, all of the sample if that is more, and no more than there is room for. */
export function pairsToPack(samples: number, most: number, { pairs, seconds }: Packed): number {
  const wanted = Math.ceil((PACKING_SECONDS * pairs) / seconds);
  return Math.max(1, Math.min(most, Math.max(samples, wanted)));
}

/** More of them, where so many took little time; 0: that was enough. A process becomes faster in its first seconds. */
export function morePairsToPack(asked: number, most: number, packed: Packed): number {
  if (packed.seconds >= PACKING_SECONDS / 2 || asked >= most) return 0;
  return pairsToPack(2 * asked, most, packed);
}

/**
 * Packs a sample, and opens and reads that.
 *
 * @param root where it is packed.
 * @throws {PixtokError} as packDataset().
 */
export async function measurePacking(
  { datasetOf, samples, fileBytes, threads }: PackingOptions,
  texts: boolean,
  options: ReadingOptions,
  root: string,
): Promise<SetFigures & { readonly packRate: number }> {
  const pack = async (pairs: number, name: string, bytes: number | undefined) => {
    const dataset = await datasetOf(pairs);
    const folder = join(root, name);
    const begun = performance.now();
    const result = await packDataset(dataset, folder, {
      onError: "skip",
      ...(bytes !== undefined && { fileBytes: bytes }),
      ...(threads !== undefined && { threads }),
    });
    return { folder, pairs: result.pairs, seconds: (performance.now() - begun) / 1000 };
  };
  const bytesOf = (folder: string) => bytesOfFiles({ kind: "packed", paths: [folder] });
  say("packing a sample");
  const few = await pack(Math.min(samples, FEW_PAIRS), "few", fileBytes);
  const most = Math.floor((MOST_PACKED_BYTES * few.pairs) / (await bytesOf(few.folder)));
  const trialPairs = Math.max(1, Math.min(samples, TRIAL_PAIRS, most));
  let some = await pack(trialPairs, "trial", fileBytes);
  const atFirst = pairsToPack(samples, most, some);
  let whole = await pack(atFirst, "whole", fileBytes);
  for (
    let count = morePairsToPack(atFirst, most, whole);
    count > 0;
    count = morePairsToPack(count, most, whole)
  ) {
    await rm(some.folder, { recursive: true });
    some = whole;
    whole = await pack(count, `whole-${count}`, fileBytes);
  }
  const { pack: packed, length } = await openPackedSource(whole.folder);
  const blockPairs = packed.config.shardPairs;
  const given: DatasetArguments = { texts };
  say("reading batches that are packed");
  const { rate, memory } = await measureReadingOf([whole.folder], given, options);
  const pairBytes = (await bytesOf(whole.folder)) / length;
  say("opening packed sets, some 20 times each");
  const sets: Openings[] = [];
  for (const files of PACKED_FILES) {
    if (files > most) break;
    const { folder } = await pack(files, `${files}-files`, 1);
    sets.push(await openingsOfMade({ source: [folder], given, folder }, files * blockPairs));
  }
  const [small, large] = sets;
  const grown = small && large && growthOf(small, large);
  return {
    pairBytes,
    blockPairs,
    opening: grown?.opening ?? null,
    openingAgain: grown?.openingAgain ?? null,
    memory: { pairs: length, value: memory, perPair: grown?.memory.perPair ?? null },
    readRate: rate,
    packRate: rateBetween(some, whole),
  };
}
