import { createHash } from "node:crypto";
import {
  asGiven,
  integer,
  type OptionReaders,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { requireInteger } from "../shared/validation.js";
import { aliasTable } from "./alias-table.js";
import { unitFraction } from "./permutation.js";
import type { Sampler } from "./sampler.js";

/** Options of `weightedSampler`. */
export interface WeightedSamplerOptions {
  /** Draws in an epoch. Default: as many as there are weights. */
  length?: number;
  /** Default 0. */
  seed?: number;
}

const weightedReaders = {
  length: asGiven,
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
  const { kept, alias } = aliasTable(weights);
  const { seed, ...given } = readOptions("weightedSampler", options, weightedReaders);
  const length = requireInteger("length", given.length ?? kept.length, 1);
  return {
    length,
    indexAt(position, epoch) {
      const column = Math.floor(unitFraction(seed, epoch, position, 0) * kept.length);
      const stays = unitFraction(seed, epoch, position, 1) < (kept[column] as number);
      return stays ? column : (alias[column] as number);
    },
    fingerprint: `weighted, seed ${seed}, weights ${digestOf(kept, alias)}`,
  };
}

/** A hash takes no more than 2 GiB at once. */
const HASHED_BYTES = 2 ** 26;

function digestOf(...arrays: readonly (Float64Array | Uint32Array)[]): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (let done = 0; done < byteLength; done += HASHED_BYTES) {
      const size = Math.min(HASHED_BYTES, byteLength - done);
      hash.update(new Uint8Array(buffer, byteOffset + done, size));
    }
  }
  return hash.digest("hex").slice(0, 32);
}
