import type { Spread } from "../../measuring/statistics.js";
import type { RunRecord } from "../../reporting/run-record.js";
import type { Table } from "../../reporting/table.js";

/** Rates of one way to prepare images. */
export interface VisionRates {
  readonly name: string;
  /** Images a second. */
  readonly rate: Spread;
  /** Ratio to libjpeg-turbo alone in the same round; null where that cannot be measured. */
  readonly ofDecoding: Spread | null;
}

export interface VisionResults extends RunRecord {
  readonly settings: {
    readonly manifest: string;
    readonly images: number;
    readonly batchSize: number;
    readonly rounds: number;
  };
  readonly ways: readonly VisionRates[];
  /** Why libjpeg-turbo alone was not measured. */
  readonly unavailable: string | null;
}

export function visionTable({ ways }: VisionResults): Table {
  return [
    ["way", "images/s", "of libjpeg-turbo alone", "min…max"],
    ...ways.map(({ name, rate, ofDecoding }) => [
      name,
      rate.median.toFixed(0),
      ofDecoding?.median.toFixed(2) ?? "",
      ofDecoding === null ? "" : `${ofDecoding.min.toFixed(2)}…${ofDecoding.max.toFixed(2)}`,
    ]),
  ];
}
