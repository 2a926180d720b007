import type { Spread } from "../../measuring/statistics.js";
import type { RunRecord } from "../../reporting/run-record.js";
import { NOTHING, type Table } from "../../reporting/table.js";

export type Order = "in order" | "shuffled";

/** A source's pairs a second, by round. */
export interface SourceRates {
  readonly name: string;
  readonly order: Order;
  readonly rounds: readonly number[];
  readonly rate: Spread;
  /** Ratio to the plain files' rate in the same order and round. */
  readonly ofFiles: Spread;
  /** Ratio to the fastest loop's rate in the same round. */
  readonly ofMemory: Spread;
}

/** A plain loop that makes float32 of bytes in memory, as many images a second. */
export interface LoopRates {
  readonly name: string;
  readonly rounds: readonly number[];
  readonly rate: Spread;
}

/** A packed set of a size, of which nothing is in memory when an epoch begins. */
export interface ColdSet {
  readonly gibibytes: number;
  readonly pairs: number;
  readonly largerThanMemory: boolean;
  /** Mebibytes a second, past the page cache, in large blocks. */
  readonly disk: Spread;
  readonly epochs: readonly {
    readonly order: Order;
    readonly rounds: readonly number[];
    readonly rate: Spread;
    readonly mebibytesPerSecond: Spread;
    /** Ratio to the disk's rate in the same round. */
    readonly ofDisk: Spread;
  }[];
}

export interface SourceResults extends RunRecord {
  readonly settings: {
    readonly manifest: string;
    readonly pairs: number;
    readonly batchSize: number;
    readonly rounds: number;
    readonly seconds: number;
    readonly threads: number;
  };
  readonly sources: readonly SourceRates[];
  readonly memory: { readonly loops: readonly LoopRates[] };
  readonly cold: readonly ColdSet[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

const whole = (value: number) => value.toFixed(0);
const range = ({ min, max }: Spread) => `${whole(min)}…${whole(max)}`;

/** The one that the memory's rate is taken from. */
export function fastestLoop<Loop extends { readonly rate: Spread }>(
  loops: readonly Loop[],
): Loop | undefined {
  return loops.toSorted((a, b) => b.rate.median - a.rate.median)[0];
}

export function sourceTable({ sources, memory }: SourceResults): Table {
  const fastest = fastestLoop(memory.loops);
  return [
    ["pairs from", "order", "pairs/s", "min…max", "of plain files", "of the memory's rate"],
    ...sources.map(({ name, order, rate, ofFiles, ofMemory }) => [
      name,
      order,
      whole(rate.median),
      range(rate),
      `${ofFiles.median.toFixed(2)}×`,
      ofMemory.median < 0.1 ? NOTHING : `${ofMemory.median.toFixed(2)}×`,
    ]),
    ...memory.loops.map((loop) => [
      `memory alone, ${loop.name}`,
      NOTHING,
      whole(loop.rate.median),
      range(loop.rate),
      NOTHING,
      loop === fastest ? "1.00×" : NOTHING,
    ]),
  ];
}

/** Undefined where nothing was asked for. */
export function coldTable({ cold }: SourceResults): Table | undefined {
  if (cold.length === 0) return undefined;
  return [
    ["packed set, cold", "order", "pairs/s", "min…max", "MiB/s", "of the disk's rate"],
    ...cold.flatMap((set) => {
      const size = `${set.gibibytes} GiB${set.largerThanMemory ? ", larger than memory" : ""}`;
      return [
        ...set.epochs.map(({ order, rate, mebibytesPerSecond, ofDisk }) => [
          size,
          order,
          whole(rate.median),
          range(rate),
          whole(mebibytesPerSecond.median),
          `${ofDisk.median.toFixed(2)}×`,
        ]),
        [`${size}: the disk alone`, NOTHING, NOTHING, NOTHING, whole(set.disk.median), "1.00×"],
      ];
    }),
  ];
}
