import { mixedSampler } from "../order/mixed-sampler.js";
import type { Sampler } from "../order/sampler.js";
import {
  integer,
  type OptionReaders,
  optional,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { describe, outOfRange, wrongType } from "../shared/validation.js";
import type { PairSource } from "../sources/pair-source.js";
import { concat, requireSources } from "./concat.js";

/** Options of `mix`. */
export interface MixOptions {
  /** How often each source is drawn from, against the others. Default: as often as it has pairs. */
  weights?: readonly number[];
  /** Draws in an epoch. Default: as many as all sources have pairs. */
  length?: number;
  /** Of the order: an integer from 0. Default 0. */
  seed?: number;
}

/** Several sources as one, and the order in which they are mixed. */
export interface Mix {
  /** Pairs of all sources, one source behind the other: for a dataset. */
  readonly source: PairSource;
  /** For a `DataLoader` of that dataset. */
  readonly sampler: Sampler;
}

const readers = {
  weights: optional(readWeights),
  length: optional(integer(1)),
  seed: withDefault(integer(0), 0),
} satisfies OptionReaders<MixOptions>;

function readWeights(option: string, value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw wrongType(option, "an array of numbers", value);
  const isWeight = (one: unknown) => typeof one === "number" && one > 0 && one < Infinity;
  if (!value.every(isWeight)) throw outOfRange(option, "finite numbers above 0", describe(value));
  if (Number.isFinite(value.reduce((sum, weight) => sum + weight, 0))) return value;
  throw outOfRange(option, "a finite sum", describe(value));
}

/**
 * Several sources in given proportions, which hold in every stretch of an epoch. Each source is gone through in
 * shuffled orders, all of it before any of its pairs comes again; a source whose share is larger than its length
 * comes several times in an epoch, one whose share is smaller goes on in the next epoch.
 *
 * @throws {TypeError | RangeError}
 * @throws {PixtokError} PACK_MISMATCH
 */
export function mix(sources: readonly PairSource[], options: MixOptions = {}): Mix {
  const checked = requireSources(sources);
  const { weights = checked.map(({ length }) => length), ...given } = readOptions(
    "mix",
    options,
    readers,
  );
  if (weights.length !== checked.length) {
    throw outOfRange("weights", `${checked.length} of them, one for each source`, weights);
  }
  const source = concat(checked);
  const sets = checked.map(({ length }, i) => ({ length, weight: weights[i] as number }));
  return { source, sampler: mixedSampler(sets, given.length ?? source.length, given.seed) };
}
