import type { Spread } from "../../measuring/statistics.js";
import type { RunRecord } from "../../reporting/run-record.js";
import type { Table } from "../../reporting/table.js";

/** Epochs of shards in one place. */
export interface RemoteWay {
  readonly name: string;
  readonly rounds: readonly number[];
  readonly rate: Spread;
  /** Ratio to the rate of the shards that are here, in the same round. */
  readonly ofHere: Spread;
  /** Share of the time that the main thread was busy. */
  readonly eventLoop: number;
  readonly residentMiB: number;
}

export interface RemoteResults extends RunRecord {
  readonly settings: {
    readonly manifest: string;
    readonly pairs: number;
    readonly shards: number;
    readonly mebibytes: number;
    readonly batchSize: number;
    readonly rounds: number;
  };
  readonly ways: readonly RemoteWay[];
}

export function remoteTable({ ways }: RemoteResults): Table {
  return [
    ["shards", "pairs/s", "min…max", "of shards here", "event loop", "MiB"],
    ...ways.map(({ name, rate, ofHere, eventLoop, residentMiB }) => [
      name,
      rate.median.toFixed(0),
      `${rate.min.toFixed(0)}…${rate.max.toFixed(0)}`,
      `${ofHere.median.toFixed(2)}×`,
      `${(100 * eventLoop).toFixed(0)} %`,
      residentMiB.toFixed(0),
    ]),
  ];
}
