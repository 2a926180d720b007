import type { ContenderName } from "../../contenders/index.js";
import { defaultThreads } from "../../setup/setup.js";

/** A contender in the race, perhaps held to a number of threads. */
export interface Entry {
  readonly name: ContenderName;
  /** Given only where it is not what the contender chooses by itself. */
  readonly threads?: number;
}

/** Those that PIXTOK_THREADS holds to a number of threads. */
export const SCALED_CONTENDERS = [
  "pixtok",
  "decode-only",
  "decode-planes",
] as const satisfies ContenderName[];

const EVERY_COUNT_TO = 8;

/** From 1 to below `most`: each of a few, doubling where there are many. */
export function threadCountsBelow(most: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < most; count = count < EVERY_COUNT_TO ? count + 1 : count * 2) {
    counts.push(count);
  }
  return counts;
}

export function entryLabel({ name, threads }: Entry): string {
  if (threads === undefined) return name;
  return `${name}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

/** The contenders as they come, and those that scale once more for each of the thread counts. */
export function listEntries(names: readonly ContenderName[], threadCounts: readonly number[]) {
  const scaled = SCALED_CONTENDERS.filter((name) => names.includes(name));
  const entries: Entry[] = names.map((name) => ({ name }));
  for (const threads of threadCounts) {
    if (threads === defaultThreads()) continue;
    for (const name of scaled) entries.push({ name, threads });
  }
  return entries;
}
