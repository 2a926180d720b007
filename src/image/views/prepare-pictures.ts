import { allocateMemory, lendMemory, releaseMemory } from "../../native/batch-memory.js";
import type { ImageTensor } from "../../shared/tensor.js";
import { collectDroppedResults } from "../dropped-results.js";
import { type ImageInput, imageLabel, requireImage } from "../image-input.js";
import type { PictureOutput } from "../picture-geometry.js";
import type { PicturePlan } from "./picture-plan.js";

/** What a class makes of images. */
export interface PreparedViews {
  readonly pixels: ImageTensor;
  readonly outputs: Readonly<Record<string, PictureOutput>>;
}

/**
 * Prepares images in parallel, each taken apart as its size says.
 *
 * @param lists how many images each list has.
 * @throws {PixtokError} the first image that cannot be read or taken apart; `index` is its position.
 */
export async function preparePictures(
  plan: PicturePlan,
  images: readonly ImageInput[],
  lists: readonly number[],
): Promise<PreparedViews> {
  const request = {
    images: images.map((image, index) => requireImage(image, index)),
    indices: [...images.keys()],
    sources: images.map(imageLabel),
  };
  const given = { measured: await plan.measure(request, lists), lists };
  const batch = plan.layOut(given);
  const memory = allocateMemory(batch.bytes, true);
  try {
    const failed = await plan.prepare(request, given, batch, memory);
    if (failed[0] !== undefined) throw failed[0].error;
    collectDroppedResults();
    return plan.results(given, batch, lendMemory(memory), (bytes) => new Uint8Array(bytes));
  } catch (error) {
    releaseMemory(memory);
    throw error;
  }
}
