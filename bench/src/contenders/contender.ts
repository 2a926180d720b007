/** One image file and the sentence that belongs to it. */
export interface Pair {
  readonly image: string;
  readonly text: string;
}

export interface ContenderOptions {
  readonly batchSize: number;
  readonly tokenizerFolder: string;
  /** Tokens a text is truncated and padded to. */
  readonly maxLength: number;
}

/** Row `i` of every tensor is the pair at `indices[i]` of the list the contender was set up with. */
export interface ContenderBatch {
  /** float32, [rows, 3, 224, 224] */
  readonly image: Float32Array;
  /** [rows, maxLength] */
  readonly input_ids: BigInt64Array;
  /** [rows, maxLength] */
  readonly attention_mask: BigInt64Array;
  readonly indices: readonly number[];
}

/** A batch is only valid until the promise this returns is settled. */
export type OnBatch = (batch: ContenderBatch) => void | Promise<void>;

export interface EpochOutcome {
  readonly pairs: number;
  /** Set by a contender that has a clock of its own; the worker's clock counts otherwise. */
  readonly seconds?: number;
}

export interface RunningContender {
  runEpoch(onBatch?: OnBatch): Promise<EpochOutcome>;
  close(): Promise<void>;
}

/** What a contender answers that cannot run on this machine, which is not a failure. */
export interface Unavailable {
  readonly unavailable: string;
}

export interface Contender {
  readonly name: string;
  readonly description: string;
  /** Claims the same bytes as the reference pipeline; the runner checks it. */
  readonly exact: boolean;
  /** "rate" contenders measure a part of the work: they have no batches to compare. */
  readonly output: "batches" | "rate";
  setUp(pairs: readonly Pair[], options: ContenderOptions): Promise<RunningContender | Unavailable>;
}
