import { type OptionReaders, readOptions, stringOf, withDefault } from "../shared/options.js";
import { describe, wrongType } from "../shared/validation.js";
import { blocksFrom } from "../sources/block-lengths.js";
import { asErrorOf, columnsOf, descriptionOf, fingerprintOf } from "../sources/derived-source.js";
import { isPacked } from "../sources/packed/is-packed.js";
import {
  type Pair,
  type PairSource,
  requireIndexedSource,
  requirePair,
} from "../sources/pair-source.js";

/** Options of `map`. */
export interface MapOptions {
  /**
   * Tells what the function makes from what another one makes, when a loader is resumed. Default "": only
   * the source does.
   */
  fingerprint?: string;
}

const readers = {
  fingerprint: withDefault(stringOf("a string"), ""),
} satisfies OptionReaders<MapOptions>;

/**
 * What a function makes of every pair of a source, when the pair is asked for. The function has to give
 * the same for the same pair.
 *
 * @param change gives a pair for a pair; what it throws is an error of that pair.
 * @throws {TypeError} also for a packed set, whose pairs are ready.
 */
export function map(
  source: PairSource,
  change: (pair: Pair, index: number) => Pair | Promise<Pair>,
  options: MapOptions = {},
): PairSource {
  const pairs = requireIndexedSource(source);
  if (typeof change !== "function") throw wrongType("change", "a function of a pair", change);
  if (isPacked(pairs)) {
    throw wrongType("source", "one that is not packed", describe(descriptionOf(pairs)));
  }
  const { fingerprint } = readOptions("map", options, readers);
  return {
    length: pairs.length,
    ...columnsOf([pairs]),
    ...blocksFrom(pairs),
    fingerprint: `mapped ${fingerprint}, ${fingerprintOf(pairs)}`,
    description: descriptionOf(pairs),
    async get(index, context) {
      const pair = await asErrorOf(index, () => pairs.get(index, context));
      return change(requirePair(pair, index, false), index);
    },
  };
}
