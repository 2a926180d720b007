import { wrongType } from "../shared/validation.js";
import type { DatasetPipeline } from "./dataset-pipeline.js";

/**
 * For work that looks at images as a model gets them, stacked.
 *
 * @throws {TypeError} for a dataset whose images are taken apart.
 */
export function requireStackedImages({ image, source }: DatasetPipeline): void {
  if (image.pictures === null) return;
  throw wrongType(
    "dataset",
    "one whose processor makes all images alike, not one that takes them apart for a vision–language model",
    source.description,
  );
}
