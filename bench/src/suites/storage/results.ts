import type { Spread } from "../../measuring/statistics.js";
import type { RunRecord } from "../../reporting/run-record.js";
import type { Table } from "../../reporting/table.js";

/** Epochs of one set on a file system that answers at once, and on one that answers each read late. */
export interface StorageSet {
  readonly name: string;
  /** Pairs a second. */
  readonly atOnce: Spread;
  readonly late: Spread;
  /** Ratio of the late rate to the other one in the same round. */
  readonly ofAtOnce: Spread;
}

export interface StorageResults extends RunRecord {
  readonly settings: {
    readonly manifest: string;
    readonly pairs: number;
    readonly milliseconds: number;
    readonly batchSize: number;
    readonly rounds: number;
  };
  readonly sets: readonly StorageSet[];
  /** Why there are none. */
  readonly missing: string | null;
}

export function storageTable({ sets, settings }: StorageResults): Table {
  return [
    ["pairs from", "at once, pairs/s", `${settings.milliseconds} ms late`, "ratio", "min…max"],
    ...sets.map(({ name, atOnce, late, ofAtOnce }) => [
      name,
      atOnce.median.toFixed(0),
      late.median.toFixed(0),
      `${ofAtOnce.median.toFixed(2)}×`,
      `${ofAtOnce.min.toFixed(2)}…${ofAtOnce.max.toFixed(2)}`,
    ]),
  ];
}
