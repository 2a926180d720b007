import { isObject, outOfRange, requireInteger, wrongType } from "../shared/validation.js";
import { MOST_LANES } from "./lanes.js";
import { keyedPermutation, type Permutation } from "./permutation.js";

/** The order of an epoch, as a function: nothing is stored, so that any position can be gone on from. */
export interface Sampler {
  /** Positions in an epoch. */
  readonly length: number;
  /** Dataset index at a position from 0 to length - 1. The same whenever it is asked. */
  indexAt(position: number, epoch: number): number;
  /** Tells this order from others of its length in a loader's state. Default: nothing does. */
  readonly fingerprint?: string;
  /**
   * Positions that leave the same remainder, divided by it, read what lies together: ranks share them out so that each
   * reads little that others read. A power of two. Default 1: ranks take turns.
   */
  readonly lanes?: number;
  /**
   * Indices of what is read together with an index: one that is bad is replaced by another one of them, as long as any
   * can be read. Default: all of the dataset.
   */
  blockOf?(index: number): Block;
  /**
   * Numbers of the blocks that the rows around a position are of, and of those that come next, for a source that reads
   * ahead. Default: not known.
   */
  blocksAt?(position: number, epoch: number): readonly number[];
}

/** Indices that follow each other. */
export interface Block {
  /** The first index. */
  readonly first: number;
  /** How many they are. */
  readonly length: number;
}

/** 0, 1, 2, … */
export function sequentialSampler(length: number): Sampler {
  requireInteger("length", length, 1);
  return { length, indexAt: (position) => position, fingerprint: "sequential" };
}

/** Every index once an epoch, each epoch in an order of its own that only seed and epoch decide. */
export function shuffledSampler(length: number, seed = 0): Sampler {
  requireInteger("length", length, 1);
  requireInteger("seed", seed, 0);
  const permutationOf = perEpoch((epoch) => keyedPermutation(length, seed, epoch));
  return {
    length,
    indexAt: (position, epoch) => permutationOf(epoch).indexAt(position),
    fingerprint: `shuffled, seed ${seed}`,
  };
}

/** The permutation of the epoch asked for last. */
function perEpoch(make: (epoch: number) => Permutation): (epoch: number) => Permutation {
  let made: { epoch: number; permutation: Permutation } | undefined;
  return (epoch) => {
    if (made?.epoch !== epoch) made = { epoch, permutation: make(epoch) };
    return made.permutation;
  };
}

/** @throws {TypeError | RangeError} */
export function requireSampler(value: unknown): Sampler {
  if (!isObject(value) || typeof value.indexAt !== "function" || typeof value.length !== "number") {
    throw wrongType("sampler", "an object with length and indexAt(position, epoch)", value);
  }
  requireInteger("sampler.length", value.length, 1);
  const lanes = requireInteger("sampler.lanes", value.lanes ?? 1, 1, MOST_LANES);
  if (!Number.isInteger(Math.log2(lanes))) {
    throw outOfRange("sampler.lanes", "a power of two", lanes);
  }
  for (const name of ["blockOf", "blocksAt"]) {
    if (value[name] === undefined || typeof value[name] === "function") continue;
    throw wrongType(`sampler.${name}`, "a function", value[name]);
  }
  return value as unknown as Sampler;
}
