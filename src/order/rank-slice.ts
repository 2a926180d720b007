import { outOfRange, requireBoolean, requireInteger, wrongType } from "../shared/validation.js";

/** Which part of every epoch a loader takes, where several share it. */
export interface Shard {
  rank: number;
  worldSize: number;
  /** Whether ranks that would have one pair less begin the order anew; else what is left is dropped. */
  padded: boolean;
}

interface ShardOptions {
  rank?: unknown;
  worldSize?: unknown;
  padShards?: unknown;
}

/** Where launchers tell the rank and the number of ranks; Kubernetes does not tell the number. */
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
  const told = launcher.worldSize;
  const count =
    worldSize === undefined && told !== undefined && process.env[told] !== undefined
      ? numberIn(told)
      : worldSize;
  if (count === undefined) {
    throw wrongType("worldSize", `a number, as ${launcher.name} does not tell it`, undefined);
  }
  return { rank: numberIn(launcher.rank), worldSize: count };
}

/** @throws {TypeError | RangeError} */
export function readShard({ rank, worldSize, padShards }: ShardOptions): Shard {
  const padded = requireBoolean("padShards", padShards ?? true);
  if (rank === undefined && worldSize === undefined) return { rank: 0, worldSize: 1, padded };
  const told = rank === "environment" ? fromEnvironment(worldSize) : { rank, worldSize };
  if (told.rank === undefined || told.worldSize === undefined) {
    const missing = told.rank === undefined ? "rank" : "worldSize";
    throw wrongType(missing, "a number, as the other of rank and worldSize is given", undefined);
  }
  const ranks = requireInteger("worldSize", told.worldSize, 1);
  return { rank: requireInteger("rank", told.rank, 0, ranks - 1), worldSize: ranks, padded };
}

/** Of `positions` that all ranks share, how many are this rank's: the same for every rank. */
export function shardLength(positions: number, { worldSize, padded }: Shard): number {
  return padded ? Math.ceil(positions / worldSize) : Math.floor(positions / worldSize);
}

/**
 * The i-th position of a rank, from position `start` of an epoch of `length` on. Ranks take turns, as
 * in torch's DistributedSampler; past the end the epoch's order begins anew.
 */
export function shardPosition(i: number, start: number, length: number, shard: Shard): number {
  return (start + i * shard.worldSize + shard.rank) % length;
}
