import type { Spread } from "./statistics.js";
import type { Surroundings } from "./surroundings.js";
import { NOTHING, type Table } from "./table.js";

/** Epochs of one dataset in one way on one Node. */
export interface EpochRates {
  readonly node: string;
  readonly data: "JPEG files" | "packed set";
  readonly batchSize: number;
  readonly release: boolean;
  readonly rate: Spread;
  /** Of libjpeg-turbo alone in the same round; of files only. */
  readonly ofDecode?: Spread;
  /** Of the same with batches of 64, in the same round. */
  readonly ofSmall: Spread;
  readonly eventLoop: number;
  readonly collectionsPerBatch: number;
  readonly residentMiB: number;
}

/** One design for handing memory over, on one Node. */
export interface DesignCost {
  readonly node: string;
  readonly design: string;
  readonly mebibytes: number;
  readonly milliseconds: Spread;
  readonly collectionsPerBatch: number;
}

export interface MemoryResults extends Surroundings {
  readonly command: string;
  readonly settings: {
    readonly manifest: string;
    readonly pairs: number;
    readonly rounds: number;
    readonly seconds: number;
  };
  readonly decode: Spread;
  readonly epochs: readonly EpochRates[];
  readonly designs: readonly DesignCost[];
}

const ratio = (spread: Spread | undefined) =>
  spread === undefined ? NOTHING : spread.median.toFixed(2);

export function epochTable({ epochs }: MemoryResults): Table {
  return [
    [
      "epochs of",
      "Node",
      "batch",
      "release()",
      "pairs/s",
      "of decode-only",
      "of batches of 64",
      "event loop",
      "collections a batch",
      "MiB",
    ],
    ...epochs.map((way) => [
      way.data,
      way.node,
      `${way.batchSize}`,
      way.release ? "yes" : "no",
      way.rate.median.toFixed(0),
      ratio(way.ofDecode),
      ratio(way.ofSmall),
      `${(100 * way.eventLoop).toFixed(0)} %`,
      way.collectionsPerBatch.toFixed(2),
      way.residentMiB.toFixed(0),
    ]),
  ];
}

export function designTable({ designs }: MemoryResults): Table {
  return [
    ["memory of a batch", "Node", "MiB", "ms a batch, filling included", "collections a batch"],
    ...designs.map((cost) => [
      cost.design,
      cost.node,
      cost.mebibytes.toFixed(1),
      cost.milliseconds.median.toFixed(1),
      cost.collectionsPerBatch.toFixed(2),
    ]),
  ];
}
