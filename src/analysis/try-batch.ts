import { makeBatch } from "../dataset/batch-assembly.js";
import { columnTensors } from "../dataset/batch-columns.js";
import { batchTimes } from "../dataset/batch-times.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import type { ImageTimes } from "../image/image-times.js";
import { PixtokError } from "../shared/errors.js";
import { isMachineFault } from "../shared/machine-fault.js";
import { type Tensors, tensorSummary } from "./widest-batch.js";

/**
 * Makes a batch and releases it: what it had, or what is wrong with its first bad pair.
 *
 * @param images what the images take is added to these. Default: to none.
 */
export async function tryBatch(
  pipeline: DatasetPipeline,
  indices: readonly number[],
  signal: AbortSignal,
  images?: ImageTimes,
): Promise<Tensors | PixtokError> {
  const times = images && { ...batchTimes(), images };
  try {
    const batch = await makeBatch(pipeline, indices, { signal, times });
    batch.release();
    const { image, image_mask, input_ids, attention_mask, columns } = batch;
    const ofColumns = columnTensors(columns).map(([name, tensor]) => [
      `columns.${name}`,
      tensorSummary(tensor),
    ]);
    return {
      image: tensorSummary(image),
      ...(image_mask && { image_mask: tensorSummary(image_mask) }),
      ...(input_ids && { input_ids: tensorSummary(input_ids) }),
      ...(attention_mask && { attention_mask: tensorSummary(attention_mask) }),
      ...Object.fromEntries(ofColumns),
    };
  } catch (error) {
    if (error instanceof PixtokError && !isMachineFault(error)) return error;
    throw error;
  }
}
