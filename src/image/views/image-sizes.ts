import { isMachineFault } from "../../shared/machine-fault.js";
import {
  type ImageBatchRequest,
  type ImagePlan,
  type PrepareImagesOptions,
  prepareImages,
} from "../image-batch.js";
import type { Size } from "../output-size.js";

/** Width and height, 32 bits each. */
const NUMBERS = 2;

/**
 * Sizes of images before they are resized, from their headers; files that the addon's threads decline are decoded.
 *
 * @param plan for sizes.
 * @throws {PixtokError} a fault of the machine, else the first image that cannot be read; the signal's reason.
 */
export async function imageSizes(
  request: ImageBatchRequest,
  plan: ImagePlan,
  how: PrepareImagesOptions = {},
): Promise<Size[]> {
  const numbers = new Int32Array(NUMBERS * request.images.length);
  const failed = await prepareImages(plan, request, new Uint8Array(numbers.buffer), how);
  how.signal?.throwIfAborted();
  const [first] = failed;
  if (first !== undefined) throw (failed.find(({ error }) => isMachineFault(error)) ?? first).error;
  return request.images.map((_, image) => ({
    width: numbers[NUMBERS * image] as number,
    height: numbers[NUMBERS * image + 1] as number,
  }));
}
