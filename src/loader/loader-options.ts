import type { ColumnOptions, NoColumns } from "../dataset/batch-columns.js";
import type { ChatRowConfig } from "../dataset/chat-options.js";
import type { DatasetTexts, TextOptions } from "../dataset/dataset-options.js";
import { type OnError, onErrorChoices } from "../dataset/error-policy.js";
import type { MaxImages } from "../dataset/multiple-images.js";
import type { RowProcessor } from "../dataset/row-processor.js";
import type { ImageProcessor } from "../image/image-processor.js";
import { readWindow } from "../order/block-sampler.js";
import { type RankSlice, readRankSlice } from "../order/rank-slice.js";
import type { Sampler } from "../order/sampler.js";
import { MAX_BATCH_SIZE, MAX_THREADS } from "../shared/limits.js";
import {
  asGiven,
  callable,
  integer,
  type OptionReaders,
  oneOf,
  optional,
  type ReadOptions,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { readSignal } from "../shared/sample-context.js";
import type { SampleError } from "../shared/sample-error.js";
import { requireBoolean, wrongType } from "../shared/validation.js";
import type { PairSource } from "../sources/pair-source.js";
import { isStream } from "../sources/pair-stream.js";
import { chooseSampler, readShuffle } from "./chosen-order.js";
import { type LengthBuckets, readLengthBuckets } from "./length-buckets.js";
import {
  readSequencePacking,
  type SequencePacking,
  type SequencePackingConfig,
} from "./sequence-packing.js";
import { type FieldFunctions, type Fields, requireFields } from "./user-fields.js";

/** Options of a `DataLoader`. Options that do not exist are refused. */
export interface DataLoaderOptions<
  F extends Fields = Fields,
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> {
  /** Pairs in a batch; the last one of an epoch may have fewer. Default 1, as torch's. */
  batchSize?: number;
  /**
   * Another order every epoch, a function of seed and epoch alone. "blocks": one that goes through the source's blocks,
   * such as shards, a few at a time, so that each has to be fetched once. Default false.
   */
  shuffle?: boolean | "blocks";
  /**
   * With shuffle "blocks": blocks whose rows are mixed at any time, which is as many as a cache has to hold. Default
   * 32.
   */
  shuffleWindow?: number;
  /**
   * With a stream: pairs that are held; a random one of them makes room for each that comes. Default: they come in
   * their order.
   */
  shuffleBuffer?: number;
  /** Seed of the order and of every random choice: an integer from 0. Default 0. */
  seed?: number;
  /** An order of the user's own; then without `shuffle`. Default: what `shuffle` says. */
  sampler?: Sampler;
  /**
   * Number of this loader among `worldSize`, from 0. The loaders take turns in the one order.
   * "environment": what torchrun, mpirun, srun or a job of several nodes of AWS Batch say, or an indexed job of
   * Kubernetes, beside which `worldSize` is given; 0 of 1 where nobody says anything. What would read a part of the
   * data in silence is refused. Default 0 of 1.
   */
  rank?: number | "environment";
  /** Number of loaders that share the order. Beside rank "environment" it must be what that says. Default 1. */
  worldSize?: number;
  /**
   * Where the pairs cannot be shared evenly: true, the last ones are from the start of the order again,
   * as with torch's DistributedSampler; false, what is left over is dropped. Default true.
   */
  padRanks?: boolean;
  /** Leave out a last batch that is not full. Default false. */
  dropLast?: boolean;
  /** Texts of similar length together, for `padding: "longest"`. Default none. */
  lengthBuckets?: LengthBuckets;
  /** Rows of conversations joined to sequences, which `batchSize` then is a number of. Default none. */
  sequencePacking?: SequencePacking;
  /** What becomes of a pair that cannot be read. Default "throw". */
  onError?: OnError;
  /** Called with each pair that cannot be read, with "skip" and "replace". Default none. */
  onSampleError?: (error: SampleError) => void;
  /** More in one epoch than these are an error all the same, with "skip" and "replace". Default: no limit. */
  maxErrors?: number;
  /**
   * Functions of a batch, whose results it has as `batch.fields`. They are called ahead as batches are
   * prepared, for several at once, and again where a batch is made again in another size. Default none.
   */
  fields?: FieldFunctions<F, C, T, M, P>;
  /**
   * Batches prepared ahead of the one that is being used. Default: as many as have 16 pairs for each of `threads`, and
   * 2 at least; where storage is slow, also those of the images that are read ahead, 256 at most.
   */
  prefetch?: number;
  /**
   * Bytes that these may have in memory: tensors, and images that the source gives as bytes. Fewer batches are prepared
   * ahead where they are large, one at least. Default 2 GiB.
   */
  prefetchBytes?: number;
  /**
   * Uses the memory of a batch again when the next batch is asked for, without release(): do not read or write a batch after
   * that. Batches of more than 64 MiB are made faster so. Default false: a batch is its user's until it is released.
   */
  reuseBatches?: boolean;
  /** Threads that prepare images. Default: PIXTOK_THREADS, or else one a core. */
  threads?: number;
  /** Ends the epoch that is under way, which throws the signal's reason. Default none. */
  signal?: AbortSignal;
}

/** A loader's options, read; the batch size may be set later and is not among them. */
export interface LoaderConfig {
  seed: number;
  sampler: Sampler;
  slice: RankSlice;
  dropLast: boolean;
  buckets: LengthBuckets | undefined;
  packing: SequencePackingConfig | undefined;
  onError: OnError;
  onSampleError: ((error: SampleError) => void) | undefined;
  maxErrors: number;
  fields: FieldFunctions<Fields>;
  prefetch: number | undefined;
  prefetchBytes: number;
  reuseBatches: boolean;
  shuffleBuffer: number | undefined;
  threads: number | undefined;
  signal: AbortSignal | undefined;
}

/** Batches prepared ahead are held in memory. */
const MAX_PREFETCH = 1024;

/** Pairs of a stream are held in an array. */
const MAX_SHUFFLE_BUFFER = 1 << 24;

/** Three batches of 1024 images of the standard preset. */
const DEFAULT_PREFETCH_BYTES = 2 * 2 ** 30;

export const readBatchSize = integer(1, MAX_BATCH_SIZE);

const readers = {
  batchSize: withDefault(readBatchSize, 1),
  shuffle: withDefault(readShuffle, false),
  shuffleWindow: optional(readWindow),
  shuffleBuffer: optional(integer(1, MAX_SHUFFLE_BUFFER)),
  seed: withDefault(integer(0), 0),
  sampler: asGiven,
  rank: asGiven,
  worldSize: asGiven,
  padRanks: asGiven,
  dropLast: withDefault(requireBoolean, false),
  lengthBuckets: optional(readLengthBuckets),
  sequencePacking: asGiven,
  onError: withDefault(oneOf(onErrorChoices), "throw"),
  onSampleError: optional(callable<(error: SampleError) => void>("a function")),
  maxErrors: optional(integer(0)),
  fields: withDefault(requireFields, {}),
  prefetch: optional(integer(0, MAX_PREFETCH)),
  prefetchBytes: withDefault(integer(1), DEFAULT_PREFETCH_BYTES),
  reuseBatches: withDefault(requireBoolean, false),
  threads: optional(integer(1, MAX_THREADS)),
  signal: readSignal,
} satisfies OptionReaders<DataLoaderOptions>;

/** What the options of a loader depend on. */
interface DatasetToLoad {
  readonly source: PairSource;
  /** Undefined where rows are no conversations. */
  readonly chat: ChatRowConfig | undefined;
}

/** @throws {TypeError} for options that do not go together with sequences. */
function requirePackable(
  { lengthBuckets, onError }: ReadOptions<typeof readers>,
  source: PairSource,
): void {
  if (lengthBuckets !== undefined) {
    throw wrongType("lengthBuckets", "none beside sequencePacking", lengthBuckets);
  }
  if (onError === "replace") {
    throw wrongType("onError", '"throw" or "skip" with sequencePacking', onError);
  }
  if (isStream(source))
    throw wrongType("sequencePacking", "none with a stream", source.description);
}

/** @throws {TypeError} for options of bad pairs where the first of them ends the loop. */
function requireErrorPolicy({
  onError,
  maxErrors,
  onSampleError,
}: Pick<ReadOptions<typeof readers>, "onError" | "maxErrors" | "onSampleError">): void {
  if (onError !== "throw") return;
  for (const [option, value] of Object.entries({ maxErrors, onSampleError })) {
    if (value !== undefined) {
      throw wrongType(option, 'none without onError: "skip" or "replace"', value);
    }
  }
}

/**
 * @param dataset what is to be loaded.
 * @throws {TypeError | RangeError}
 */
export function readLoaderOptions(
  options: unknown,
  { source, chat }: DatasetToLoad,
): { config: LoaderConfig; batchSize: number } {
  const given = readOptions("DataLoader", options, readers);
  const { batchSize, shuffle, shuffleWindow, sampler, ...shared } = given;
  const { rank, worldSize, padRanks, ...others } = shared;
  const { lengthBuckets: buckets, sequencePacking, maxErrors = Infinity, ...same } = others;
  requireErrorPolicy(given);
  const slice = readRankSlice({ rank, worldSize, padRanks });
  const packing = readSequencePacking(sequencePacking, chat, slice.worldSize);
  if (packing !== undefined) requirePackable(given, source);
  const config = {
    ...same,
    sampler: chooseSampler(given, source),
    slice,
    buckets,
    packing,
    maxErrors,
  };
  return { config, batchSize };
}
