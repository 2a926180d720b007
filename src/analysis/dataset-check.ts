import { makeBatch } from "../dataset/batch-assembly.js";
import { type MultimodalDataset, pipelineOf } from "../dataset/dataset.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import {
  requireDataset,
  type WalkOptions,
  walkDataset,
  walkOrder,
  walkReaders,
} from "../dataset/dataset-walk.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import { readEach } from "../dataset/read-results.js";
import { type ImageFacts, imageFacts } from "../image/decode/image-facts.js";
import { PixtokError } from "../shared/errors.js";
import { MAX_BATCH_SIZE } from "../shared/limits.js";
import { isMachineFault, machineFault, throwMachineFault } from "../shared/machine-fault.js";
import { integer, type OptionReaders, readOptions, withDefault } from "../shared/options.js";
import { plainContext } from "../shared/sample-context.js";
import { type SampleError, sampleError, sampleErrorList } from "../shared/sample-error.js";
import type { Tensor, TensorType } from "../shared/tensor.js";
import { requireBoolean } from "../shared/validation.js";
import type { TextMeasure } from "../text/tokenizer.js";
import {
  type BatchSummary,
  type CheckReport,
  problemsOf,
  type TensorSummary,
} from "./check-report.js";
import { checkTotals } from "./check-totals.js";

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

const elementBytes: Record<TensorType, number> = {
  float32: 4,
  float16: 2,
  uint8: 1,
  int64: 8,
  int32: 4,
};

type Tensors = BatchSummary["tensors"];

const summary = ({ type, dims }: Tensor): TensorSummary => ({ type, dims });

/** Makes a batch and releases it: what it had, or what is wrong with its first bad pair. */
async function tryBatch(
  pipeline: DatasetPipeline,
  indices: readonly number[],
  signal: AbortSignal,
): Promise<Tensors | PixtokError> {
  try {
    const batch = await makeBatch(pipeline, indices, { signal });
    batch.release();
    return {
      image: summary(batch.image),
      input_ids: summary(batch.input_ids),
      attention_mask: summary(batch.attention_mask),
    };
  } catch (error) {
    if (error instanceof PixtokError && !isMachineFault(error)) return error;
    throw error;
  }
}

/** The tensors of the longest rows that were seen, as a batch of `size` pairs has them. */
function widestBatch(size: number) {
  let widest: Tensors | null = null;
  const resized = ({ type, dims }: TensorSummary) => ({ type, dims: [size, ...dims.slice(1)] });
  const bytes = ({ type, dims }: TensorSummary) =>
    dims.reduce((product, side) => product * side, elementBytes[type]);
  const length = ({ input_ids }: Tensors) => input_ids.dims[1] as number;
  return {
    see(tensors: Tensors): void {
      if (widest === null || length(tensors) > length(widest)) widest = tensors;
    },
    summary(pairsPerSecond: number, pairs: number): BatchSummary | null {
      if (widest === null) return null;
      const tensors = {
        image: resized(widest.image),
        input_ids: resized(widest.input_ids),
        attention_mask: resized(widest.attention_mask),
      };
      return {
        size,
        tensors,
        bytes: Object.values(tensors).reduce((sum, tensor) => sum + bytes(tensor), 0),
        pairsPerSecond,
        epochSeconds: pairs / pairsPerSecond,
      };
    },
  };
}

/** What is known of a few pairs. */
interface Findings {
  errors: SampleError[];
  good: { pair: ReadPair; image: ImageFacts; text: TextMeasure }[];
}

async function factsOrError({ image, index, source }: ReadPair): Promise<ImageFacts | PixtokError> {
  try {
    return await imageFacts(image);
  } catch (cause) {
    const fault = machineFault(cause, { index, source });
    if (fault !== null) throw fault;
    return new PixtokError("FILE_UNREADABLE", (cause as Error).message, { index, source, cause });
  }
}

/** Looks at pairs one by one; `prepare` says whether one becomes a row. */
async function inspect(
  { pairs: reader, text }: DatasetPipeline,
  indices: readonly number[],
  prepare: (index: number, signal: AbortSignal) => Promise<PixtokError | null>,
  signal: AbortSignal,
): Promise<Findings> {
  const context = plainContext(signal);
  const readOne = (index: number) => reader.read(index, context);
  const { pairs, failures } = await readEach(indices, readOne, signal);
  throwMachineFault(failures);
  const errors = failures.map(({ index, error }) => sampleError(index, error));
  const texts = await text.tokenizer.measureTexts(pairs.map((pair) => pair.text));
  const images = await Promise.all(
    pairs.map(async (pair) => (await prepare(pair.index, signal)) ?? factsOrError(pair)),
  );
  const findings: Findings = { errors, good: [] };
  for (const [row, pair] of pairs.entries()) {
    const image = images[row] as ImageFacts | PixtokError;
    if (image instanceof PixtokError) findings.errors.push(sampleError(pair.index, image));
    else findings.good.push({ pair, image, text: texts[row] as TextMeasure });
  }
  return findings;
}

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
  dataset: MultimodalDataset,
  options: CheckDatasetOptions = {},
): Promise<CheckReport> {
  requireDataset(dataset);
  const given = readOptions("checkDataset", options, readers);
  const { samples, random, seed, batchSize, onProgress, signal } = given;
  const { length } = dataset;
  const pipeline = pipelineOf(dataset);
  const order = walkOrder(length, samples, random ? seed : undefined);
  /** Progress of one of the two times. */
  const walk = (doneBefore: number) => ({
    onProgress: (done: number) => onProgress?.(doneBefore + done, 2 * order.count),
    signal,
  });

  const widest = widestBatch(Math.min(batchSize, length));
  const suspects = new Set<number>();
  const started = performance.now();
  await walkDataset(
    order,
    batchSize,
    (indices, signal) => tryBatch(pipeline, indices, signal),
    (made, indices) => {
      if (made instanceof PixtokError) for (const index of indices) suspects.add(index);
      else widest.see(made);
    },
    walk(0),
  );
  const pairsPerSecond = order.count / ((performance.now() - started) / 1000);

  const prepare = async (index: number, signal: AbortSignal): Promise<PixtokError | null> => {
    if (!suspects.has(index)) return null;
    const made = await tryBatch(pipeline, [index], signal);
    if (made instanceof PixtokError) return made;
    widest.see(made);
    return null;
  };
  const totals = checkTotals(pipeline.text.config.maxLength);
  const unreadable = sampleErrorList();
  await walkDataset(
    order,
    FILES,
    (indices, signal) => inspect(pipeline, indices, prepare, signal),
    ({ errors, good }) => {
      unreadable.add(errors);
      for (const { pair, image, text } of good) totals.add(pair, image, text);
    },
    walk(order.count),
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
