/** What bench/memory.ts asks of its child processes, and what they answer. */

export interface EpochsRequest {
  /** A JSON Lines file, or a packed set's folder. */
  readonly data: string;
  /** Null for a packed set, which has its own. */
  readonly tokenizer: string | null;
  readonly batchSize: number;
  readonly release: boolean;
  readonly seconds: number;
}

/** How the memory of batches may be handed to users. */
export const designs = ["fresh", "transfer", "lease, dropped", "lease, released"] as const;
export type Design = (typeof designs)[number];

export interface DesignRequest {
  readonly design: Design;
  readonly bytes: number;
  readonly batches: number;
}

export interface EpochsReport {
  readonly pairsPerSecond: number;
  /** Share of the time that the main thread was busy. */
  readonly eventLoop: number;
  readonly collectionsPerBatch: number;
  readonly residentMiB: number;
}

export interface DesignReport {
  readonly milliseconds: number;
  readonly collectionsPerBatch: number;
}
