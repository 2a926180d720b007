import { integer, optional } from "../shared/options.js";
import { requireBoolean, requireInteger, wrongType } from "../shared/validation.js";
import { positionInLanes } from "./lanes.js";
import { rankOfEnvironment } from "./rank-of-environment.js";

/** Which part of every epoch a loader takes, where several ranks share it. */
export interface RankSlice {
  rank: number;
  worldSize: number;
  /** Whether ranks that would have a pair less begin the order again. Else what is left over is dropped. */
  padded: boolean;
}

interface RankSliceOptions {
  rank?: unknown;
  worldSize?: unknown;
  padRanks?: unknown;
}

const readWorldSize = integer(1);

/** @throws {TypeError | RangeError} */
export function readRankSlice({ rank, worldSize, padRanks }: RankSliceOptions): RankSlice {
  const padded = requireBoolean("padRanks", padRanks ?? true);
  if (rank === undefined && worldSize === undefined) return { rank: 0, worldSize: 1, padded };
  const given =
    rank === "environment"
      ? rankOfEnvironment(process.env, optional(readWorldSize)("worldSize", worldSize))
      : { rank: rank ?? (worldSize === 1 ? 0 : undefined), worldSize };
  if (given.rank === undefined || given.worldSize === undefined) {
    const missing = given.rank === undefined ? "rank" : "worldSize";
    throw wrongType(missing, "a number, as the other of rank and worldSize is given", undefined);
  }
  const ranks = readWorldSize("worldSize", given.worldSize);
  return { rank: requireInteger("rank", given.rank, 0, ranks - 1), worldSize: ranks, padded };
}

/** How many of the `positions` that all ranks share are this rank's: the same for every rank. */
export function sliceLength(positions: number, { worldSize, padded }: RankSlice): number {
  return padded ? Math.ceil(positions / worldSize) : Math.floor(positions / worldSize);
}

/**
 * The i-th position of a rank, from position `start` of an epoch of `length` on. Ranks take turns, as
 * in torch's DistributedSampler; of an order in lanes each takes, in its turn, the position whose lane is its own.
 * Past the end the epoch's order begins again.
 */
export function slicePosition(
  i: number,
  start: number,
  length: number,
  { rank, worldSize }: RankSlice,
  lanes = 1,
): number {
  return positionInLanes(rank, start + i * worldSize, worldSize, lanes) % length;
}
