import type { FailedImage, ImageBatchRequest, ImagePlan } from "../image-batch.js";
import { prepareImages } from "../image-batch.js";
import type { Size } from "../output-size.js";

/** Width and height, 32 bits each. */
const NUMBERS = 2;

/**
 * Sizes of images before they are resized, from their headers; files that the addon's threads decline are decoded.
 *
 * @param plan for sizes.
 * @throws {PixtokError} the first image that cannot be read.
 */
export async function imageSizes(request: ImageBatchRequest, plan: ImagePlan): Promise<Size[]> {
  const numbers = new Int32Array(NUMBERS * request.images.length);
  const failed: readonly FailedImage[] = await prepareImages(
    plan,
    request,
    new Uint8Array(numbers.buffer),
  );
  if (failed[0] !== undefined) throw failed[0].error;
  return request.images.map((_, image) => ({
    width: numbers[NUMBERS * image] as number,
    height: numbers[NUMBERS * image + 1] as number,
  }));
}
