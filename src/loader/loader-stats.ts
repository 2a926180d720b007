/**
 * What a batch goes through. "source": the order and the source give its rows, with what they fetch. "queued": images
 * wait for a thread. "read", "decode", "resize" (with colours, crops and augmentation) and "normalize": on the threads.
 * "sharp": what these decline is decoded by sharp and TypeScript. "tokenize": by the tokenizer; one of your own is part of
 * "source". "mix": rows are mixed with each other, by mixUp and cutMix. "fields": the loader's `fields`.
 */
export type LoaderStageName =
  | "source"
  | "queued"
  | "read"
  | "decode"
  | "resize"
  | "normalize"
  | "sharp"
  | "tokenize"
  | "mix"
  | "fields";

/** A stage's part in an epoch. */
export interface LoaderStage {
  /**
   * Seconds that it took: of "read", "decode", "resize" and "normalize" of all threads, of "queued" and "sharp" of all
   * images, of the others of all batches. As these go on at the same time, it may be more than the epoch has.
   */
  readonly seconds: number;
  /** Pairs, or images, in one of these seconds; 0 where there were none. */
  readonly rate: number;
  /** How many images, or batches, were in it at once: the mean over the epoch. */
  readonly depth: number;
  /** Bytes that came out of it; 0 of "queued" and "fields". */
  readonly bytes: number;
}

/** What the trainer waits for: rows, their images or tokens, mixing, fields, or what is left of the loader's own work. */
export type LoaderWait = "source" | "images" | "tokenize" | "mix" | "fields" | "other";

/**
 * What limits an epoch: the trainer, or a stage of the loader; "loader" is its own work on the main thread, and null that
 * nothing has been delivered.
 */
export type LoaderLimit = "trainer" | "loader" | Exclude<LoaderStageName, "queued"> | null;

/** Where the time of an epoch goes: of the one under way, or else the last. All times are in seconds. */
export interface LoaderStats {
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** From the start of its loop to its end, or to now. */
  readonly seconds: number;
  /** Batches that were delivered. */
  readonly batches: number;
  /** Pairs that were delivered. */
  readonly pairs: number;
  /** Share of the tokens that were delivered which are padding, 0 to 1. */
  readonly paddingShare: number;
  /** Pairs a second. */
  readonly rate: number;
  /** What limits. */
  readonly limit: LoaderLimit;
  /** What limits, in words: "the trainer: the loader waits 71 % of the time". */
  readonly sentence: string;
  /** The trainer is at work, and nothing is left to be prepared ahead: the loader waits. */
  readonly waitForTrainer: number;
  /** The trainer waits for its next batch. */
  readonly waitForData: number;
  /** Both are at work. With the two before it, that is `seconds`. */
  readonly bothAtWork: number;
  /** What the trainer waits for. All together are `waitForData`. */
  readonly waitsOn: Readonly<Record<LoaderWait, number>>;
  /** What batches go through. */
  readonly stages: Readonly<Record<LoaderStageName, LoaderStage>>;
  /** The threads that prepare images. `busy` and `idle` together are `count` times `seconds`. */
  readonly threads: {
    /** How many there are. */
    readonly count: number;
    /** Seconds that they have worked for this epoch: "read", "decode", "resize" and "normalize". */
    readonly busy: number;
    /** Seconds that they have not. */
    readonly idle: number;
  };
  /** Batches that are prepared ahead. */
  readonly queue: {
    /** Batches that wait for the trainer. */
    readonly ready: number;
    /** How many these were: the mean over the epoch. */
    readonly meanReady: number;
    /** Bytes of their tensors. */
    readonly bytes: number;
    /** Batches that are being made. */
    readonly underWay: number;
  };
}
