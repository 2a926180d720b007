import { type AugmentationConfig, readAugmentation } from "../image/augmentation.js";
import { type AugmentationPreset, augmentationPreset } from "../image/augmentation-presets.js";
import type { ImageProcessor } from "../image/image-processor.js";
import { wrongType } from "../shared/validation.js";
import type { ColumnConfig } from "../sources/column-types.js";
import type { MaxImages } from "./multiple-images.js";
import { requireLabels } from "./soft-labels.js";

/** What an augmentation has to fit. */
interface Rows {
  readonly image: ImageProcessor;
  readonly columns: readonly ColumnConfig[];
  readonly maxImages: MaxImages;
}

/**
 * @param augmentation a user's options, or the name of a preset.
 * @throws {TypeError | RangeError} for options that do not exist, have no possible value, or do not fit the rows.
 */
export function readDatasetAugmentation(
  augmentation: unknown,
  { image, columns, maxImages }: Rows,
): AugmentationConfig {
  const options =
    typeof augmentation === "string"
      ? augmentationPreset(augmentation as AugmentationPreset)
      : augmentation;
  const config = readAugmentation(options, image.config);
  if (config.mixing === null) return config;
  requireLabels(config.mixing, columns);
  if (maxImages !== undefined) throw wrongType("maxImages", "none with mixUp or cutMix", maxImages);
  return config;
}
