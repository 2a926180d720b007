import { type AnyDataset, pipelineOf } from "../dataset/dataset.js";
import {
  requireIndexedDataset,
  type WalkOptions,
  walkDataset,
  walkOrder,
  walkReaders,
} from "../dataset/dataset-walk.js";
import { workMeter } from "../dataset/work-meter.js";
import { PixtokError } from "../shared/errors.js";
import { MAX_BATCH_SIZE } from "../shared/limits.js";
import { integer, type OptionReaders, readOptions, withDefault } from "../shared/options.js";
import type { WorkDetails } from "../shared/progress-callback.js";
import { sampleErrorList } from "../shared/sample-error.js";
import { requireBoolean } from "../shared/validation.js";
import { problemsOf } from "./check-problems.js";
import type { CheckReport } from "./check-report.js";
import { checkTotals } from "./check-totals.js";
import { inspect } from "./pair-findings.js";
import { tryBatch } from "./try-batch.js";
import { widestBatch } from "./widest-batch.js";

/** Options of `checkDataset`. */
export interface CheckDatasetOptions extends WalkOptions {
  /** Pairs that are checked; all where there are fewer. Default 1000. */
  samples?: number;
  /** Random ones in place of the first ones. Default false. */
  random?: boolean;
  /** Which ones are random. Default 0. */
  seed?: number;
  /** Pairs in a batch, for its tensors, bytes and rate. Default 32. */
  batchSize?: number;
  /** Called with how many of twice the samples are done: each is read two times. Default none. */
  onProgress?: NonNullable<WalkOptions["onProgress"]>;
}

const readers = {
  samples: withDefault(integer(1), 1000),
  random: withDefault(requireBoolean, false),
  seed: withDefault(integer(0), 0),
  batchSize: withDefault(integer(1, MAX_BATCH_SIZE), 32),
  ...walkReaders,
} satisfies OptionReaders<CheckDatasetOptions>;

/** Pairs that a step of the second time looks at; their files are whole in memory. */
const FILES = 4;

/**
 * Takes pairs through the whole pipeline before training does: whether all can be read, what images
 * and texts are like, how fast and how large batches are, and what has to be fixed. Bad pairs do not
 * end it; they are in the report. formatCheck() makes a text of it.
 *
 * Batches are made first, at full speed, for the rate; then each pair is looked at alone.
 *
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value, and for
 *   those of the dataset that cannot go together.
 * @throws {PixtokError} a fault of the machine, by which no pair can be judged.
 */
export async function checkDataset(
  dataset: AnyDataset,
  options: CheckDatasetOptions = {},
): Promise<CheckReport> {
  requireIndexedDataset(dataset);
  const given = readOptions("checkDataset", options, readers);
  const { samples, random, seed, batchSize, onProgress, signal } = given;
  const { length } = dataset;
  const pipeline = pipelineOf(dataset);
  const order = walkOrder(length, samples, random ? seed : undefined);
  /** Progress of one of the two times. */
  const walk = (doneBefore: number) => ({
    onProgress: (done: number, _: number, details: WorkDetails) =>
      onProgress?.(doneBefore + done, 2 * order.count, details),
    signal,
  });

  const widest = widestBatch(Math.min(batchSize, length));
  const suspects = new Set<number>();
  const started = performance.now();
  const { times, details } = workMeter();
  await walkDataset(
    order,
    batchSize,
    (indices, signal) => tryBatch(pipeline, indices, signal, times),
    (made, indices) => {
      if (made instanceof PixtokError) for (const index of indices) suspects.add(index);
      else widest.see(made);
    },
    walk(0),
    () => details(0),
  );
  const pairsPerSecond = order.count / ((performance.now() - started) / 1000);

  const prepare = async (index: number, signal: AbortSignal): Promise<PixtokError | null> => {
    if (!suspects.has(index)) return null;
    const made = await tryBatch(pipeline, [index], signal);
    if (made instanceof PixtokError) return made;
    widest.see(made);
    return null;
  };
  const totals = checkTotals(pipeline.text?.config ?? null);
  const unreadable = sampleErrorList();
  await walkDataset(
    order,
    FILES,
    (indices, signal) => inspect(pipeline, indices, prepare, signal),
    ({ errors, good }) => {
      unreadable.add(errors);
      for (const { pair, images, text } of good) totals.add(pair, images, text);
    },
    walk(order.count),
    () => ({ errors: unreadable.errors.count }),
  );

  const found = {
    length,
    checked: order.count,
    errors: unreadable.errors,
    images: totals.images,
    texts: totals.texts,
    batch: widest.summary(pairsPerSecond, length),
  };
  const problems = problemsOf(found);
  return { ok: problems.every(({ level }) => level !== "error"), problems, ...found };
}
