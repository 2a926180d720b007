import { type MultimodalDataset, pipelineOf } from "../dataset/dataset.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import {
  requireDataset,
  type WalkOptions,
  walkDataset,
  walkOrder,
  walkReaders,
} from "../dataset/dataset-walk.js";
import { imagesWithTexts, preparePairImages } from "../dataset/pair-images.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import { readEach } from "../dataset/read-results.js";
import { ImageProcessor } from "../image/image-processor.js";
import type { PerChannel } from "../image/image-processor-options.js";
import { allocateMemory, releaseMemory } from "../native/batch-memory.js";
import { runtime } from "../native/runtime.js";
import { PixtokError } from "../shared/errors.js";
import { MAX_THREADS } from "../shared/limits.js";
import { throwMachineFault } from "../shared/machine-fault.js";
import {
  integer,
  type OptionReaders,
  optional,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { plainContext } from "../shared/sample-context.js";
import {
  type SampleError,
  type SampleErrorList,
  type SampleErrors,
  sampleError,
  sampleErrorList,
} from "../shared/sample-error.js";
import {
  type NormalizationFit,
  normalizationFit,
  normalizationWarning,
  normalizingProcessor,
  perChannel,
} from "./normalization-fit.js";

/** Options of `computeStats`. */
export interface ComputeStatsOptions extends WalkOptions {
  /** Pairs that are counted, taken at random. Default: all of them, in order. */
  samples?: number;
  /** Which ones `samples` takes. Default 0. */
  seed?: number;
  /** Threads that prepare images. Default: PIXTOK_THREADS, or else one a core. */
  threads?: number;
}

/** What the images and texts of a dataset are like. */
export interface DatasetStats {
  /** Pairs that were counted. */
  readonly pairs: number;
  /** Pixels that were counted. */
  readonly pixels: number;
  /** Mean of each channel's values, from 0 to 1. */
  readonly mean: PerChannel;
  /** Their standard deviation: of the population, as NumPy's. */
  readonly std: PerChannel;
  /** Of red, green and blue: how often each value from 0 to 255 is there. */
  readonly channelHistograms: readonly [readonly number[], readonly number[], readonly number[]];
  /** How many texts have 0, 1, 2, … tokens, special ones included, before they are cut. */
  readonly tokenLengthHistogram: readonly number[];
  /** The dataset's `text.maxLength`: what is longer is cut. */
  readonly maxLength: number;
  /** Null where the processor does not normalize. */
  readonly normalization: NormalizationFit | null;
  /** What is wrong with the processor's mean and std; null where nothing is. */
  readonly warning: string | null;
  /** Code of the dataset's processor with this mean and std, to be pasted. */
  readonly configuration: string;
  /** Pairs that could not be read, and are not counted. */
  readonly errors: SampleErrors;
}

const readers = {
  samples: optional(integer(1)),
  seed: withDefault(integer(0), 0),
  threads: optional(integer(1, MAX_THREADS)),
  ...walkReaders,
} satisfies OptionReaders<ComputeStatsOptions>;

/** Three channels of 256 values. */
const COUNTS = 3 * 256;
const MOST_ROWS = 64;
const MOST_BATCH_BYTES = 2 ** 26;

/** The dataset's images as countBytes() reads them: a byte b is b + 1, and padding 0. */
function countingProcessor({ image }: DatasetPipeline): ImageProcessor {
  return new ImageProcessor({
    ...image.applied.config,
    type: "float32",
    layout: "hwc",
    rescale: false,
    mean: [-1, -1, -1],
    std: [1, 1, 1],
  });
}

/** What one batch adds. */
interface BatchCounts {
  bytes: BigUint64Array;
  tokenLengths: number[];
  errors: SampleError[];
}

async function countBatch(
  dataset: DatasetPipeline,
  { plan }: ImageProcessor,
  indices: readonly number[],
  threads: number,
  signal: AbortSignal,
): Promise<BatchCounts> {
  const context = plainContext(signal);
  const readOne = (index: number) => dataset.pairs.read(index, context);
  const { pairs, failures } = await readEach(indices, readOne, signal);
  throwMachineFault(failures);
  const errors = failures.map(({ index, error }) => sampleError(index, error));
  if (pairs.length === 0) return { bytes: new BigUint64Array(COUNTS), tokenLengths: [], errors };
  const { addon } = runtime();
  const memory = allocateMemory(pairs.length * plan.slotBytes);
  try {
    const { failed, texts: measures } = await imagesWithTexts(
      preparePairImages(pairs, { plan, memory, threads, signal }),
      dataset.text.tokenizer.measureTexts(pairs.map(({ text }) => text)),
      signal,
      throwMachineFault,
    );
    const bad = new Set(failed.map(({ row }) => row));
    const rows = [...pairs.keys()].filter((row) => !bad.has(row));
    return {
      bytes: await addon.countBytes(memory, plan.slotBytes, rows),
      tokenLengths: rows.map((row) => measures[row]?.length as number),
      errors: [
        ...errors,
        ...failed.map(({ row, error }) => sampleError((pairs[row] as ReadPair).index, error)),
      ],
    };
  } finally {
    releaseMemory(memory);
  }
}

/** Everything that was counted. */
interface Totals {
  readonly bytes: BigUint64Array;
  readonly tokenLengths: number[];
  readonly unreadable: SampleErrorList;
}

function add(totals: Totals, counts: BatchCounts): void {
  const { bytes, tokenLengths, unreadable } = totals;
  for (const [i, times] of counts.bytes.entries()) bytes[i] = (bytes[i] as bigint) + times;
  for (const length of counts.tokenLengths) {
    while (tokenLengths.length <= length) tokenLengths.push(0);
    tokenLengths[length] = (tokenLengths[length] as number) + 1;
  }
  unreadable.add(counts.errors);
}

/** Mean and standard deviation of a channel, from whole sums; rounded at the end. */
function moments(histogram: BigUint64Array): { mean: number; std: number } {
  let count = 0n;
  let sum = 0n;
  let squares = 0n;
  for (const [value, times] of histogram.entries()) {
    count += times;
    sum += times * BigInt(value);
    squares += times * BigInt(value * value);
  }
  const scale = 255 * Number(count);
  return {
    mean: Number(sum) / scale,
    std: Math.sqrt(Number(count * squares - sum * sum)) / scale,
  };
}

function statsOf({ image, text }: DatasetPipeline, pairs: number, totals: Totals): DatasetStats {
  const histograms = perChannel((c) => totals.bytes.subarray(256 * c, 256 * (c + 1)));
  const channelHistograms = perChannel((c) => Array.from(histograms[c], Number));
  const channels = perChannel((c) => moments(histograms[c]));
  const mean = perChannel((c) => channels[c].mean);
  const std = perChannel((c) => channels[c].std);
  const { config } = image.processor;
  const normalization = normalizationFit(config, mean, std);
  const configuration = normalizingProcessor(config, mean, std);
  return {
    pairs,
    pixels: channelHistograms[0].reduce((sum, times) => sum + times, 0),
    mean,
    std,
    channelHistograms,
    tokenLengthHistogram: totals.tokenLengths,
    maxLength: text.config.maxLength,
    normalization,
    warning: normalizationWarning(normalization, configuration),
    configuration,
    errors: totals.unreadable.errors,
  };
}

/**
 * Mean, standard deviation and histograms of the pixels that a dataset's images have after resizing
 * and cropping, before normalization, counted exactly; and the lengths of its texts. Zeros that a
 * centre crop puts around a smaller image are normalized as pixels are, and count as such; those of
 * `pad` do not.
 *
 * Pairs that cannot be read are left out, and listed in `errors`.
 *
 * @throws {PixtokError} NO_READABLE_SAMPLE where there is nothing to count; a fault of the machine, by
 *   which no pair can be judged.
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 */
export async function computeStats(
  dataset: MultimodalDataset,
  options: ComputeStatsOptions = {},
): Promise<DatasetStats> {
  requireDataset(dataset);
  const given = readOptions("computeStats", options, readers);
  const { samples, seed, threads = runtime().defaultThreads, ...walk } = given;
  const order = walkOrder(dataset.length, samples, samples === undefined ? undefined : seed);

  const pipeline = pipelineOf(dataset);
  const processor = countingProcessor(pipeline);
  const rowsInMemory = Math.floor(MOST_BATCH_BYTES / processor.plan.slotBytes);
  const rows = Math.max(threads, Math.min(MOST_ROWS, rowsInMemory));
  const totals: Totals = {
    bytes: new BigUint64Array(COUNTS),
    tokenLengths: [],
    unreadable: sampleErrorList(),
  };
  await walkDataset(
    order,
    rows,
    (indices, signal) => countBatch(pipeline, processor, indices, threads, signal),
    (counts) => add(totals, counts),
    walk,
  );

  const { errors } = totals.unreadable;
  if (errors.count < order.count) return statsOf(pipeline, order.count - errors.count, totals);
  throw new PixtokError(
    "NO_READABLE_SAMPLE",
    `none of ${order.count} pairs can be read; the first: ${errors.list[0]?.message}`,
  );
}
