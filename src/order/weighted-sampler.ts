import {
  integer,
  type OptionReaders,
  optional,
  type ReadOptions,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { type AliasTable, aliasTable } from "./alias-table.js";
import { unitFraction } from "./permutation.js";
import type { Sampler } from "./sampler.js";

/** Options of `weightedSampler`. */
export interface WeightedSamplerOptions {
  /** Draws in an epoch. Default: as many as there are weights. */
  length?: number;
  /** Default 0. */
  seed?: number;
}

export const weightedReaders = {
  length: optional(integer(1)),
  seed: withDefault(integer(0), 0),
} satisfies OptionReaders<WeightedSamplerOptions>;

/**
 * Indices drawn with replacement, index i as often as `weights[i]` says. The draw at a position is a
 * function of seed, epoch and position. Walker's alias method: constant time, 12 bytes a weight.
 *
 * @throws {TypeError | RangeError} for weights that are negative, not finite, or all zero.
 * @throws {PixtokError} OUT_OF_MEMORY
 */
export function weightedSampler(
  weights: ArrayLike<number>,
  options: WeightedSamplerOptions = {},
): Sampler {
  const given = readOptions("weightedSampler", options, weightedReaders);
  return samplerOfTable(aliasTable(weights), given);
}

export function samplerOfTable(
  { count, keptAt, aliasAt, digest }: AliasTable,
  { length = count, seed }: ReadOptions<typeof weightedReaders>,
): Sampler {
  return {
    length,
    indexAt(position, epoch) {
      const column = Math.floor(unitFraction(seed, epoch, position, 0) * count);
      const stays = unitFraction(seed, epoch, position, 1) < keptAt(column);
      return stays ? column : aliasAt(column);
    },
    fingerprint: `weighted, seed ${seed}, weights ${digest}`,
  };
}
