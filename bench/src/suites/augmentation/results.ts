import type { Spread } from "../../measuring/statistics.js";
import type { RunRecord } from "../../reporting/run-record.js";
import type { Table } from "../../reporting/table.js";

/** Epochs with one kind of augmentation. */
export interface AugmentedRates {
  readonly name: string;
  readonly rate: Spread;
  /** Ratio to epochs without augmentation, in the same round. */
  readonly ofPlain: Spread;
}

export interface AugmentationResults extends RunRecord {
  readonly settings: {
    readonly manifest: string;
    readonly images: number;
    readonly batchSize: number;
    readonly rounds: number;
  };
  readonly ways: readonly AugmentedRates[];
}

export function augmentationTable({ ways }: AugmentationResults): Table {
  return [
    ["augmentation", "images/s", "of none", "min…max"],
    ...ways.map(({ name, rate, ofPlain }) => [
      name,
      rate.median.toFixed(0),
      ofPlain.median.toFixed(2),
      `${ofPlain.min.toFixed(2)}…${ofPlain.max.toFixed(2)}`,
    ]),
  ];
}
