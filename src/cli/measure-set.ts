import type { SetFigures } from "../planning/figures.js";
import type { Growth, Measured } from "../planning/growth.js";
import type { ReadingOptions } from "../planning/measure-reading.js";
import type { DatasetArguments } from "./dataset-options.js";
import { measureReadingOf } from "./measure-in-process.js";
import { growthOfMade, type MadeSet, openingsOfFound } from "./measure-openings.js";
import { say } from "./say-measuring.js";

/** What is measured of a set, beside its bytes. */
export type MeasuredSet = Pick<SetFigures, "opening" | "openingAgain" | "memory" | "readRate">;

/** What a set was, where it is not known how it grows. */
const asItWas = ({ pairs, values }: Measured): Growth => ({
  pairs,
  value: Math.min(...values),
  perPair: null,
});

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
    const { first, again } = await openingsOfFound(source, given);
    const memory = { pairs, value, perPair: null };
    return { opening: asItWas(first), openingAgain: asItWas(again), memory, readRate };
  }
  const { opening, openingAgain, memory } = await growthOfMade(grown);
  return { opening, openingAgain, memory: { pairs, value, perPair: memory.perPair }, readRate };
}
