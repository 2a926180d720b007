import { coreOfProcessor, type ImageProcessor } from "../image/image-processor.js";
import { wrongType } from "../shared/validation.js";

/**
 * Rows of a batch are alike: a processor that looks at each image first has no place in a dataset.
 *
 * @throws {TypeError} for such a processor.
 */
export function requireOneSize(option: string, processor: ImageProcessor): void {
  if (!coreOfProcessor(processor).sizeVaries) return;
  throw wrongType(
    option,
    "a processor that treats all images alike (this one looks at the size of each: only its process() prepares images)",
    processor,
  );
}
