import { coreOfProcessor, type ImageProcessor } from "../image/image-processor.js";
import { wrongType } from "../shared/validation.js";

/**
 * Images that are stacked are alike: a processor that looks at each image first has no place there.
 *
 * @throws {TypeError} for such a processor.
 */
export function requireOneSize(option: string, processor: ImageProcessor): void {
  const { sizeVaries, pictures } = coreOfProcessor(processor);
  if (!sizeVaries) return;
  const why =
    pictures === null
      ? "this one looks at the size of each: only its process() prepares images"
      : "this one takes them apart, which a dataset has for its rows' own images alone";
  throw wrongType(option, `a processor that treats all images alike (${why})`, processor);
}

/**
 * As requireOneSize(), of what the rows' own images go through: images may be taken apart.
 *
 * @throws {TypeError} for a processor that looks at the size of each image.
 */
export function requireRowProcessor(option: string, processor: ImageProcessor): void {
  if (coreOfProcessor(processor).pictures === null) requireOneSize(option, processor);
}
