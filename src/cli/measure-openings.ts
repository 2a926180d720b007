import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { areSettled, growthBetween, type Measured } from "../planning/growth.js";
import type { DatasetArguments } from "./dataset-options.js";
import { measureOpening } from "./measure-in-process.js";
import type { Opening } from "./measured-process.js";

/** Differences that are smaller are not seen in a process: seconds, and bytes. */
const RESOLUTION = { seconds: 0.01, bytes: 2 ** 20 };
/** Openings of each kind. While it does not show how they grow there are more, up to so many, and for so long. */
const TIMES = 7;
const MOST_TIMES = 2 * TIMES;
const OPENING_SECONDS = 5;

/** Openings of a set: the first one, and more. */
interface Openings {
  readonly first: Measured;
  readonly again: Measured;
  readonly memory: Measured;
}

/** A set, and the folder that it was made in. */
export interface MadeSet {
  readonly source: readonly string[];
  readonly given: DatasetArguments;
  readonly folder: string;
}

const secondsOf = (openings: readonly Opening[]) => openings.map(({ seconds }) => seconds);

/** Opens sets in turns: a machine has other neighbours from one minute to the next, and what sets differ by must not come from these. */
async function openedInTurns(opens: readonly (() => Promise<Opening>)[]): Promise<Opening[][]> {
  const openings: Opening[][] = opens.map(() => []);
  const end = performance.now() + 1000 * OPENING_SECONDS;
  const isUnclear = () =>
    openings.some((ofOne) => !areSettled(secondsOf(ofOne), RESOLUTION.seconds));
  for (
    let turn = 0;
    turn < TIMES || (turn < MOST_TIMES && performance.now() < end && isUnclear());
    turn += 1
  ) {
    for (const [place, open] of opens.entries()) openings[place]?.push(await open());
  }
  return openings;
}

function openingsOf(first: readonly Opening[], again: readonly Opening[]): Openings {
  const pairs = first[0]?.pairs as number;
  return {
    first: { pairs, values: secondsOf(first) },
    again: { pairs, values: secondsOf(again) },
    memory: { pairs, values: again.map(({ memory }) => memory) },
  };
}

/** Openings of a set as it is found, which may have been open before. */
export async function openingsOfFound(
  source: readonly string[],
  given: DatasetArguments,
): Promise<Openings> {
  const open = () => measureOpening(source, given);
  const first = await open();
  const [again = []] = await openedInTurns([open]);
  return openingsOf([first], again);
}

/**
 * What opens a set that was made for it. What pixtok keeps of its files, beside them or in a cache, is taken away before each
 * opening that is to be the first.
 */
async function openersOf({ source, given, folder }: MadeSet) {
  const there = new Set(await readdir(folder));
  const cache = `${folder}-cache`;
  const again = () => measureOpening(source, given, cache);
  const first = async () => {
    await rm(cache, { recursive: true, force: true });
    for (const name of await readdir(folder)) {
      if (!there.has(name)) await rm(join(folder, name), { recursive: true });
    }
    return again();
  };
  return { first, again };
}

/** What opening comes to, by openings of two sizes. */
function growthOf(small: Openings, large: Openings) {
  return {
    opening: growthBetween(small.first, large.first, RESOLUTION.seconds),
    openingAgain: growthBetween(small.again, large.again, RESOLUTION.seconds),
    memory: growthBetween(small.memory, large.memory, RESOLUTION.bytes),
  };
}

/** Opens sets of two sizes that were made for it. */
export async function growthOfMade(sets: readonly [small: MadeSet, large: MadeSet]) {
  const openers = await Promise.all(sets.map(openersOf));
  const first = await openedInTurns(openers.map((one) => one.first));
  const again = await openedInTurns(openers.map((one) => one.again));
  const [small, large] = first.map((ofOne, place) => openingsOf(ofOne, again[place] ?? []));
  return growthOf(small as Openings, large as Openings);
}

/** Opens packed sets of two sizes. pixtok keeps nothing of their files, so that no opening differs from the first. */
export async function growthOfPacks(
  folders: readonly [small: string, large: string],
  given: DatasetArguments,
) {
  const opened = await openedInTurns(
    folders.map((folder) => () => measureOpening([folder], given)),
  );
  const [small, large] = opened.map((ofOne) => openingsOf(ofOne, ofOne));
  return growthOf(small as Openings, large as Openings);
}
