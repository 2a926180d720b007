import { allocateMemory, lendMemory, releaseMemory } from "../native/batch-memory.js";
import type { ImageTensor } from "../shared/tensor.js";
import { collectDroppedResults } from "./dropped-results.js";
import { type ImagePlan, prepareImages } from "./image-batch.js";
import { type ImageInput, imageLabel, requireImage } from "./image-input.js";
import type { ImageProcessorConfig } from "./image-processor-options.js";
import { imageDims, imageTensor } from "./image-tensors.js";
import { type ProcessOptions, readProcessOptions } from "./process-options.js";

/**
 * Images in parallel, all by one plan, as one tensor.
 *
 * @param plan of this `config`.
 * @throws {PixtokError} the first image that cannot be read; `index` is its position.
 * @throws {TypeError | RangeError} for options that have no possible value.
 */
export async function prepareAtOnce(
  images: readonly ImageInput[],
  options: ProcessOptions,
  config: ImageProcessorConfig,
  plan: ImagePlan,
): Promise<ImageTensor> {
  const regions = readProcessOptions(options, images.length, config);
  const memory = allocateMemory(images.length * plan.slotBytes);
  try {
    const request = {
      images: images.map((image, index) => requireImage(image, index)),
      indices: [...images.keys()],
      sources: images.map(imageLabel),
      regions,
    };
    const failed = await prepareImages(plan, request, memory);
    if (failed[0] !== undefined) throw failed[0].error;
    collectDroppedResults();
    return imageTensor(config.type, lendMemory(memory), [images.length, ...imageDims(config)]);
  } catch (error) {
    releaseMemory(memory);
    throw error;
  }
}
