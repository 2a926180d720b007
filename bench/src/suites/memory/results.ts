import type { Spread } from "../../measuring/statistics.js";
import type { RunRecord } from "../../reporting/run-record.js";
import { NOTHING, type Table } from "../../reporting/table.js";
import type { BatchEnd } from "../../workers/epochs-protocol.js";

/** Epochs of one dataset in one way on one Node. */
export interface EpochRates {
  readonly node: string;
  readonly data: "JPEG files" | "packed set";
  readonly batchSize: number;
  readonly batchEnd: BatchEnd;
  readonly rate: Spread;
  /** Ratio to libjpeg-turbo alone, to RGB, in the same round; with files only. */
  readonly ofDecode?: Spread;
  /** Ratio to the same with batches of the smallest size, in the same round. */
  readonly ofSmall: Spread;
  readonly eventLoop: number;
  readonly collectionsPerBatch: number;
  readonly residentMiB: number;
}

export interface MemoryResults extends RunRecord {
  readonly settings: {
    readonly manifest: string;
    readonly pairs: number;
    readonly rounds: number;
    readonly seconds: number;
  };
  readonly decode: Spread;
  readonly epochs: readonly EpochRates[];
}

const ratio = (spread: Spread | undefined) =>
  spread === undefined ? NOTHING : spread.median.toFixed(2);

export function epochTable({ epochs }: MemoryResults): Table {
  const smallest = Math.min(...epochs.map(({ batchSize }) => batchSize));
  return [
    [
      "epochs of",
      "Node",
      "batch",
      "its memory",
      "pairs/s",
      "of decode-only",
      `of batches of ${smallest}`,
      "event loop",
      "collections a batch",
      "MiB",
    ],
    ...epochs.map((way) => [
      way.data,
      way.node,
      `${way.batchSize}`,
      way.batchEnd,
      way.rate.median.toFixed(0),
      ratio(way.ofDecode),
      ratio(way.ofSmall),
      `${(100 * way.eventLoop).toFixed(0)} %`,
      way.collectionsPerBatch.toFixed(2),
      way.residentMiB.toFixed(0),
    ]),
  ];
}
