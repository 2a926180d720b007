import { type AnyDataset, pipelineOf } from "../dataset/dataset.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import {
  requireIndexedDataset,
  type WalkOptions,
  type WalkOrder,
  walkDataset,
  walkOrder,
  walkReaders,
} from "../dataset/dataset-walk.js";
import { requireStackedImages } from "../dataset/stacked-only.js";
import { workMeter } from "../dataset/work-meter.js";
import type { PerChannel } from "../image/normalization-options.js";
import { runtime } from "../native/runtime.js";
import { PixtokError } from "../shared/errors.js";
import { MAX_THREADS } from "../shared/limits.js";
import {
  integer,
  type OptionReaders,
  optional,
  type ReadOptions,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { type SampleErrors, sampleErrorList } from "../shared/sample-error.js";
import { addCounts, moments, type Totals } from "./count-totals.js";
import {
  type NormalizationFit,
  normalizationFit,
  normalizationWarning,
  normalizingProcessor,
  perChannel,
} from "./normalization-fit.js";
import { COUNTS, countBatch, countingPlan } from "./pixel-counts.js";

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
  /** How often each value from 0 to 255 occurs, for red, green and blue. */
  readonly channelHistograms: readonly [readonly number[], readonly number[], readonly number[]];
  /** How many texts have 0, 1, 2, … tokens, special ones included, before they are cut. */
  readonly tokenLengthHistogram: readonly number[];
  /** The dataset's `text.maxLength`: what is longer is cut. Null where it has no texts. */
  readonly maxLength: number | null;
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

/** Rows that are prepared at once: enough to keep the threads of most machines busy. */
const MOST_ROWS = 64;
/** Bytes that they may take: 64 rows of 224 x 224 in float32 are 38 MB; larger images come in smaller batches. */
const MOST_BATCH_BYTES = 2 ** 26;

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
    maxLength: text?.config.maxLength ?? null,
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
  dataset: AnyDataset,
  options: ComputeStatsOptions = {},
): Promise<DatasetStats> {
  requireIndexedDataset(dataset);
  requireStackedImages(pipelineOf(dataset));
  const given = readOptions("computeStats", options, readers);
  const { samples, seed, threads = runtime().defaultThreads, ...walk } = given;
  const order = walkOrder(dataset.length, samples, samples === undefined ? undefined : seed);
  return statsInOrder(pipelineOf(dataset), order, threads, walk);
}

/** As computeStats(), of some pairs. */
export async function statsInOrder(
  pipeline: DatasetPipeline,
  order: WalkOrder,
  threads: number,
  walk: ReadOptions<typeof walkReaders>,
): Promise<DatasetStats> {
  const plan = countingPlan(pipeline);
  const rowsInMemory = Math.floor(MOST_BATCH_BYTES / (pipeline.image.rowImages * plan.slotBytes));
  const rows = Math.max(threads, Math.min(MOST_ROWS, rowsInMemory));
  const totals: Totals = {
    bytes: new BigUint64Array(COUNTS),
    tokenLengths: [],
    unreadable: sampleErrorList(),
  };
  const { times, details } = workMeter(threads);
  await walkDataset(
    order,
    rows,
    (indices, signal) => countBatch(pipeline, plan, indices, { threads, times }, signal),
    (counts) => addCounts(totals, counts),
    walk,
    () => details(totals.unreadable.errors.count),
  );

  const { errors } = totals.unreadable;
  const pairs = order.count - errors.count;
  if (totals.bytes.some((times) => times > 0n)) return statsOf(pipeline, pairs, totals);
  const what =
    pairs === 0
      ? `none of ${order.count} pairs can be read; the first: ${errors.list[0]?.message}`
      : `none of ${pairs} pairs has an image`;
  throw new PixtokError("NO_READABLE_SAMPLE", what);
}
