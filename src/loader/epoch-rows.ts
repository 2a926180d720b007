import { type AnyDataset, pipelineOf } from "../dataset/dataset.js";
import type { SequenceRows } from "../dataset/sequences.js";
import { sliceLength, slicePosition } from "../order/rank-slice.js";
import type { Sampler } from "../order/sampler.js";
import { untilAborted } from "../shared/abort.js";
import { readBlocksAhead } from "../sources/block-lengths.js";
import type { PairSource } from "../sources/pair-source.js";
import { epochOrder } from "./epoch-order.js";
import type { LoaderConfig } from "./loader-options.js";
import type { EpochPosition, ReachedPosition } from "./loader-position.js";
import type { BatchPositions } from "./prefetch.js";

/** Rows that a batch is made of. */
export interface TakenRows {
  /** Fewer than positions, or none, where the epoch ends. */
  readonly indices: readonly number[];
  /** What a stream has given at these indices. */
  readonly rows?: ReadonlyMap<number, unknown>;
  /** Sequences that they are joined to; then positions are those of sequences. */
  readonly sequences?: SequenceRows;
}

/** What one rank has of an epoch, from where it begins. */
export interface EpochRows {
  /** How many; Infinity as long as that is not known. It is, once all have been taken. */
  readonly count: number;
  take(positions: BatchPositions, signal: AbortSignal): Promise<TakenRows>;
  /** Notes that positions below this one will not be taken again. */
  release(first: number): void;
  /** Position of the order behind so many of these, of all ranks. Default: ranks take turns in it. */
  reached?(end: number): ReachedPosition;
  /** Lets go of what gives the rows. */
  close(): Promise<void>;
}

/** Tells a source which blocks a batch is of, and which come next. */
export function blocksTold(
  sampler: Sampler,
  source: PairSource,
  epoch: number,
): (positions: readonly number[]) => void {
  const { lanes = 1 } = sampler;
  if (sampler.blocksAt === undefined || source.readAhead === undefined) return () => {};
  let told = "";
  return (positions) => {
    const lastOfLanes = new Map(positions.map((position) => [position % lanes, position]));
    const found = [...lastOfLanes.values()].flatMap(
      (position) => sampler.blocksAt?.(position, epoch) ?? [],
    );
    const blocks = [...new Set(found)];
    if (String(blocks) === told) return;
    told = String(blocks);
    readBlocksAhead(source, blocks);
  };
}

/** The rows of a dataset with indices: an order's. */
export function indexedRows(
  dataset: AnyDataset,
  config: LoaderConfig,
  { epoch, position: start }: EpochPosition,
  signal: AbortSignal,
): EpochRows {
  const { sampler, slice } = config;
  const order = epochOrder(dataset, config, epoch, signal);
  const tellBlocks = blocksTold(sampler, pipelineOf(dataset).source, epoch);
  return {
    count: sliceLength(sampler.length - start, slice),
    async take({ first, end }, stop) {
      const positions = Array.from({ length: end - first }, (_, i) =>
        slicePosition(first + i, start, sampler.length, slice, sampler.lanes),
      );
      const known = order.indicesAt(positions);
      tellBlocks(positions);
      return { indices: Array.isArray(known) ? known : await untilAborted(known, stop) };
    },
    release() {},
    async close() {},
  };
}
