/** What is asked of the child process that runs epochs of one dataset, and what it answers. */

/** What becomes of the memory of a batch: released, left to the garbage collector, or taken back by the loop. */
export const batchEnds = ["released", "collected", "reused"] as const;

export type BatchEnd = (typeof batchEnds)[number];

export interface EpochsRequest {
  /** A JSON Lines file, a packed set's folder, or whatever else is opened by a pattern or URL. */
  readonly data: string;
  /** Where copies of what is elsewhere are. */
  readonly cacheDir?: string;
  /** Null for a packed set, which has its own. */
  readonly tokenizer: string | null;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly batchEnd: BatchEnd;
  /** How often a measured epoch goes through the dataset. */
  readonly passes: number;
  /** At least one epoch, and more until so much time is over. */
  readonly seconds: number;
  /** Epochs of half the time before, which do not count. */
  readonly warmUp: boolean;
}

export interface EpochsReport {
  readonly pairsPerSecond: number;
  /** Share of the time that the main thread was busy. */
  readonly eventLoop: number;
  readonly collectionsPerBatch: number;
  readonly residentMiB: number;
}
