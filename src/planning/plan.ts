import { BYTES_OF_BLOCK, blockSampler } from "../order/block-sampler.js";
import { lanesOfGroups } from "../order/lanes-of-groups.js";
import { blocksOfBatch, type Mixing, mixingOf } from "../order/mixing.js";
import { type Sampler, shuffledSampler } from "../order/sampler.js";
import type { Fleet, PlanFigures, SetFigures } from "./figures.js";
import { type Growth, valueAt } from "./growth.js";

/** How long work takes, and what it waits for: the machines, or what they are connected by. */
export interface PlannedTime {
  readonly seconds: number;
  readonly limit: "machines" | "bandwidth";
  /** Whether it may be longer, as the machines were not measured. */
  readonly isLeast: boolean;
}

/** What a set comes to. Null is what has not been measured, or cannot be told without a bandwidth. */
export interface SetPlan {
  /** Bytes of the whole set. */
  readonly bytes: number;
  /** Files, or other parts that are read as a whole; null: each image is a file. */
  readonly blocks: number | null;
  /** Bytes that all machines fetch in the first epoch, if each keeps what `cacheBytes` has room for. */
  readonly fetchedBytes: number;
  /** Bytes of a cache on each machine, by which no block is fetched twice. */
  readonly cacheBytes: number;
  readonly openingSeconds: number | null;
  readonly openingAgainSeconds: number | null;
  /** Bytes of memory of a rank. */
  readonly memoryBytes: number | null;
  /** An epoch, read as fast as it can be; at least, where machines were not measured and their bandwidth is known. */
  readonly epoch: PlannedTime | null;
  /** How well rows are mixed in a batch of all ranks; null: as if drawn at random, as there are no blocks. */
  readonly mixing: Mixing | null;
  /** The same of one rank's batch. */
  readonly mixingOfRank: Mixing | null;
}

export interface Plan {
  readonly pairs: number;
  readonly asItIs: SetPlan;
  /** The same set, packed by the machines, a part by each; null where nothing was measured, or it is packed already. */
  readonly packed: (SetPlan & { readonly packing: PlannedTime }) | null;
}

/** What a window of blocks mixes is not changed by how many follow: so many are enough, whatever the set has. */
const MOST_BLOCKS_TRIED = 1e4;
/** At least so many windows, and batches of all ranks. */
const WINDOWS_TRIED = 16;
const BATCHES_OF_ALL_TRIED = 4;
/** Rows of batches that the mixing is the mean of. */
const ROWS_TRIED = 2e5;
const BATCHES_TRIED = 100;

/** A cache is filled by half with what is in use, so that what comes next has room. */
const SHARE_OF_CACHE = 0.5;

const largest = (numbers: readonly number[]) =>
  numbers.reduce((most, one) => Math.max(most, one), 0);

interface Blocks {
  readonly blocks: number;
  readonly rowsOfBlock: number;
}

/** The order of the blocks, or of as many as show how their rows are mixed. */
function samplerOf(
  { blocks, rowsOfBlock }: Blocks,
  { ranks, batchSize, shuffle, window }: Fleet,
): Sampler {
  if (shuffle === "full") return shuffledSampler(blocks * rowsOfBlock);
  const ofBatches = (BATCHES_OF_ALL_TRIED * ranks * batchSize) / rowsOfBlock;
  const least = Math.ceil(Math.max(WINDOWS_TRIED * window, ofBatches));
  const tried = Math.min(blocks, Math.max(MOST_BLOCKS_TRIED, least));
  return blockSampler(new Float64Array(tried).fill(rowsOfBlock), { window });
}

function mixing(sampler: Sampler, ranks: number, batchSize: number, set: Blocks): Mixing {
  if (set.rowsOfBlock === 1) return { blocks: Math.min(batchSize, set.blocks), spread: 1 };
  const count = Math.min(BATCHES_TRIED, Math.max(1, Math.floor(ROWS_TRIED / batchSize)));
  const of = { ranks, batchSize, rowsOfBlock: set.rowsOfBlock };
  const batches = Array.from({ length: count }, (_, i) => blocksOfBatch(sampler, i, of));
  return mixingOf(batches, set);
}

/** What an order makes of a set in blocks, for a fleet. */
interface OrderPlan {
  /** Share of the set that all machines fetch together, and that the one fetches that fetches most. */
  readonly fetched: number;
  readonly mostFetched: number;
  /** Blocks that a machine has to hold at a time. */
  readonly held: number;
  readonly mixing: Mixing | null;
  readonly mixingOfRank: Mixing | null;
}

/** Each image is a file: who needs it fetches it, and no cache is needed for that. */
function orderOfFiles({ nodes }: Fleet): OrderPlan {
  return { fetched: 1, mostFetched: 1 / nodes, held: 0, mixing: null, mixingOfRank: null };
}

function orderOfBlocks(blocks: number, blockPairs: number, fleet: Fleet): OrderPlan {
  const { ranks, nodes, batchSize, shuffle, window } = fleet;
  const set = { blocks, rowsOfBlock: Math.max(1, Math.round(blockPairs)) };
  const sampler = samplerOf(set, fleet);
  const mixed = {
    mixing: mixing(sampler, 1, ranks * batchSize, set),
    mixingOfRank: mixing(sampler, ranks, batchSize, set),
  };
  if (shuffle === "full") return { fetched: nodes, mostFetched: 1, held: blocks, ...mixed };
  const { lanes = 1 } = sampler;
  const groups = lanesOfGroups(ranks, ranks / nodes, lanes).map(({ size }) => size);
  // where two lanes meet, a block is in both
  const ofLane = (1 + (lanes - 1) / blocks) / lanes;
  const most = largest(groups);
  return {
    fetched: groups.reduce((sum, size) => sum + size, 0) * ofLane,
    mostFetched: Math.min(1, most * ofLane),
    held: most * (Math.floor(Math.min(window, blocks) / lanes) + 1),
    ...mixed,
  };
}

/** The longer one of what machines and their connections take; null where neither is known. */
function timeOf(
  machines: number | null,
  bytes: number,
  bandwidth: number | null,
): PlannedTime | null {
  const connections = bandwidth === null ? null : bytes / bandwidth;
  if (connections !== null && connections > (machines ?? 0)) {
    return { seconds: connections, limit: "bandwidth", isLeast: machines === null };
  }
  return machines === null ? null : { seconds: machines, limit: "machines", isLeast: false };
}

function memoryAt(memory: Growth, pairs: number, { blockPairs }: SetFigures, fleet: Fleet) {
  const value = valueAt(memory, pairs);
  if (value === null || blockPairs === null || fleet.shuffle === "full") return value;
  return Math.max(0, value + (BYTES_OF_BLOCK * (pairs - memory.pairs)) / blockPairs);
}

/** @param pairs at least 1. */
export function planSet(figures: SetFigures, pairs: number, fleet: Fleet): SetPlan {
  const { pairBytes, blockPairs, opening, openingAgain, memory, readRate } = figures;
  const bytes = pairs * pairBytes;
  const blocks = blockPairs === null ? null : Math.ceil(pairs / blockPairs);
  const order =
    blocks === null || blockPairs === null
      ? orderOfFiles(fleet)
      : orderOfBlocks(blocks, blockPairs, fleet);
  const { fetched, mostFetched, held, mixing, mixingOfRank } = order;
  const heldBytes = held * (blockPairs ?? 0) * pairBytes;
  const machines = readRate === null ? null : pairs / (fleet.nodes * readRate);
  return {
    bytes,
    blocks,
    fetchedBytes: fetched * bytes,
    cacheBytes: Math.min(bytes, heldBytes / SHARE_OF_CACHE),
    openingSeconds: opening && valueAt(opening, pairs),
    openingAgainSeconds: openingAgain && valueAt(openingAgain, pairs),
    memoryBytes: memory && memoryAt(memory, pairs, figures, fleet),
    epoch: timeOf(machines, mostFetched * bytes, fleet.bandwidth),
    mixing,
    mixingOfRank,
  };
}

/**
 * What a set of so many pairs comes to, on machines like the one that was measured.
 *
 * @param pairs at least 1.
 */
export function planFor({ asItIs, packed }: PlanFigures, pairs: number, fleet: Fleet): Plan {
  const before = planSet(asItIs, pairs, fleet);
  if (packed === null) return { pairs, asItIs: before, packed };
  const after = planSet(packed, pairs, fleet);
  const machines = valueAt(packed.packing, pairs / fleet.nodes);
  // bytes that come and bytes that go do not disturb each other
  const bytes = Math.max(before.bytes, after.bytes) / fleet.nodes;
  const packing = timeOf(machines, bytes, fleet.bandwidth) as PlannedTime;
  return { pairs, asItIs: before, packed: { ...after, packing } };
}
