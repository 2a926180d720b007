import { outOfRange, requireBoolean, requireInteger, wrongType } from "../shared/validation.js";
import { positionInLanes } from "./lanes.js";

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

/** Where launchers set the rank and the number of ranks. Kubernetes does not set the number. */
const launchers = [
  { name: "torchrun", rank: "RANK", worldSize: "WORLD_SIZE" },
  { name: "Slurm", rank: "SLURM_PROCID", worldSize: "SLURM_NTASKS" },
  { name: "a Kubernetes indexed job", rank: "JOB_COMPLETION_INDEX", worldSize: undefined },
] as const;

function numberIn(variable: string): number {
  const text = process.env[variable] as string;
  const number = Number(text);
  if (text.trim() === "" || !Number.isInteger(number) || number < 0) {
    throw outOfRange(variable, "an integer of at least 0", text);
  }
  return number;
}

function fromEnvironment(worldSize: unknown): { rank: number; worldSize: unknown } {
  const launcher = launchers.find(({ rank }) => process.env[rank] !== undefined);
  if (launcher === undefined) {
    throw wrongType(
      "rank",
      `one of the variables ${launchers.map(({ rank }) => rank).join(", ")} with "environment"`,
      undefined,
    );
  }
  const variable = launcher.worldSize;
  const count =
    worldSize === undefined && variable !== undefined && process.env[variable] !== undefined
      ? numberIn(variable)
      : worldSize;
  if (count === undefined) {
    throw wrongType("worldSize", `a number, as ${launcher.name} does not set it`, undefined);
  }
  return { rank: numberIn(launcher.rank), worldSize: count };
}

/** @throws {TypeError | RangeError} */
export function readRankSlice({ rank, worldSize, padRanks }: RankSliceOptions): RankSlice {
  const padded = requireBoolean("padRanks", padRanks ?? true);
  if (rank === undefined && worldSize === undefined) return { rank: 0, worldSize: 1, padded };
  const given = rank === "environment" ? fromEnvironment(worldSize) : { rank, worldSize };
  if (given.rank === undefined || given.worldSize === undefined) {
    const missing = given.rank === undefined ? "rank" : "worldSize";
    throw wrongType(missing, "a number, as the other of rank and worldSize is given", undefined);
  }
  const ranks = requireInteger("worldSize", given.worldSize, 1);
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
