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
  /** How many times as fast the DataLoader was in the same round. */
  readonly loaderIs: Spread;
}

export interface VisionResults extends RunRecord {
  readonly settings: {
    readonly manifest: string;
    readonly images: number;
    readonly batchSize: number;
    readonly rounds: number;
  };
  readonly ways: readonly VisionRates[];
  /** What was not measured, and why. */
  readonly missing: readonly { readonly name: string; readonly why: string }[];
}

const range = ({ min, max }: Spread) => `${min.toFixed(2)}…${max.toFixed(2)}`;

export function visionTable({ ways }: VisionResults): Table {
  return [
    ["way", "images/s", "of libjpeg-turbo alone", "min…max", "DataLoader is", "min…max"],
    ...ways.map(({ name, rate, ofDecoding, loaderIs }) => [
      name,
      rate.median.toFixed(0),
      ofDecoding?.median.toFixed(2) ?? "",
      ofDecoding === null ? "" : range(ofDecoding),
      `${loaderIs.median.toFixed(2)} ×`,
      range(loaderIs),
    ]),
  ];
}
