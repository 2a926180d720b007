import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { listOfImages } from "../dataset/multiple-images.js";
import { imagesWithTexts, preparePairImages } from "../dataset/pair-images.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import { readEach } from "../dataset/read-results.js";
import { compilePlan } from "../image/compiled-plan.js";
import type { ImagePlan } from "../image/image-batch.js";
import { readImageProcessorOptions } from "../image/image-processor-options.js";
import type { ImageTimes } from "../image/image-times.js";
import { allocateMemory, releaseMemory } from "../native/batch-memory.js";
import { runtime } from "../native/runtime.js";
import { throwMachineFault, withMachineFaults } from "../shared/machine-fault.js";
import { plainContext, type SignalledContext, whileKept } from "../shared/sample-context.js";
import { type SampleError, sampleError, sampleErrorsInOrder } from "../shared/sample-error.js";

import { measuresOf } from "./text-measures.js";

/** Three channels of 256 values. */
export const COUNTS = 3 * 256;

/** For the dataset's images as countBytes() reads them: a byte b is b + 1, and padding 0. */
export function countingPlan({ image }: DatasetPipeline): ImagePlan {
  const config = readImageProcessorOptions({
    ...image.applied.config,
    type: "float32",
    layout: "hwc",
    rescale: false,
    mean: [-1, -1, -1],
    std: [1, 1, 1],
  });
  return compilePlan(config, null);
}

/** The counts of one batch. */
export interface BatchCounts {
  bytes: BigUint64Array;
  tokenLengths: number[];
  errors: SampleError[];
}

/** How images are counted. */
export interface CountOptions {
  threads: number;
  /** What the images take is added to these. */
  times: ImageTimes;
}

export async function countBatch(
  dataset: DatasetPipeline,
  plan: ImagePlan,
  indices: readonly number[],
  { threads, times }: CountOptions,
  signal: AbortSignal,
): Promise<BatchCounts> {
  return whileKept(plainContext(signal), (context) =>
    countKept(dataset, plan, indices, { threads, times }, context),
  );
}

async function countKept(
  dataset: DatasetPipeline,
  plan: ImagePlan,
  indices: readonly number[],
  { threads, times }: CountOptions,
  context: SignalledContext,
): Promise<BatchCounts> {
  const { signal } = context;
  const readOne = (index: number) => dataset.pairs.read(index, context);
  const { pairs, failures } = await readEach(indices, readOne, signal);
  throwMachineFault(failures);
  const errors = failures.map(({ index, error }) => sampleError(index, error));
  if (pairs.length === 0) return { bytes: new BigUint64Array(COUNTS), tokenLengths: [], errors };
  const { addon } = runtime();
  const { rowImages } = dataset.image;
  const memory = allocateMemory(pairs.length * rowImages * plan.slotBytes);
  try {
    const { failed, texts: measures } = await imagesWithTexts(
      preparePairImages(pairs, { plan, memory, rowImages, threads, signal, times }),
      measuresOf(dataset, pairs),
      signal,
      throwMachineFault,
    );
    const bad = new Set(failed.map(({ row }) => row));
    const rows = [...pairs.keys()].filter((row) => !bad.has(row));
    const slots = rows.flatMap((row) =>
      listOfImages((pairs[row] as ReadPair).images).map(({ place }) => row * rowImages + place),
    );
    return {
      bytes: await withMachineFaults(async () => addon.countBytes(memory, plan.slotBytes, slots)),
      tokenLengths: measures === null ? [] : rows.map((row) => measures[row]?.length as number),
      errors: sampleErrorsInOrder(indices, [
        ...errors,
        ...failed.map(({ row, error }) => sampleError((pairs[row] as ReadPair).index, error)),
      ]),
    };
  } finally {
    releaseMemory(memory);
  }
}
