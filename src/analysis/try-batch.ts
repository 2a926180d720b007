import { makeBatch } from "../dataset/batch-assembly.js";
import { columnTensors } from "../dataset/batch-columns.js";
import { namedTensors } from "../dataset/batch-tensors.js";
import { batchTimes } from "../dataset/batch-times.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import type { ImageTimes } from "../image/image-times.js";
import { PixtokError } from "../shared/errors.js";
import { isMachineFault } from "../shared/machine-fault.js";
import { type RowTensors, tensorSummary } from "./widest-batch.js";

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
): Promise<RowTensors | PixtokError> {
  const times = images && { ...batchTimes(), images };
  try {
    const batch = await makeBatch(pipeline, indices, { signal, times });
    batch.release();
    const named = [
      ...namedTensors(batch),
      ...columnTensors(batch.columns).map(([name, tensor]) => [`columns.${name}`, tensor] as const),
    ];
    const tensors = named.map(([name, tensor]) => [name, tensorSummary(tensor)]);
    return { rows: indices.length, tensors: Object.fromEntries(tensors) };
  } catch (error) {
    if (error instanceof PixtokError && !isMachineFault(error)) return error;
    throw error;
  }
}
