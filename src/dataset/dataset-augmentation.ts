import { type AugmentationConfig, readAugmentation } from "../image/augmentation.js";
import { type AugmentationPreset, augmentationPreset } from "../image/augmentation-presets.js";
import type { ImageProcessor } from "../image/image-processor.js";
import type { RowMixingConfig } from "../image/row-mixing.js";
import { wrongType } from "../shared/validation.js";
import type { ColumnConfig } from "../sources/column-types.js";
import type { MaxImages } from "./multiple-images.js";

/** What an augmentation has to fit. */
interface Rows {
  readonly image: ImageProcessor;
  readonly columns: readonly ColumnConfig[];
  readonly maxImages: MaxImages;
}

/**
 * @param given options, or the name of a preset.
 * @param option what they are called in errors.
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 */
export function readNamedAugmentation(
  given: unknown,
  image: ImageProcessor,
  option = "augmentation",
): AugmentationConfig {
  const options =
    typeof given === "string" ? augmentationPreset(given as AugmentationPreset) : given;
  return readAugmentation(options, image.config, option);
}

/** @throws {TypeError} where the labels are not a column of one integer a row. */
function requireLabels(
  { labels: { column } }: RowMixingConfig,
  columns: readonly ColumnConfig[],
): void {
  const found = columns.find(({ name }) => name === column);
  const isLabel = found?.size === 1 && ["int64", "int32", "uint8"].includes(found.type);
  if (isLabel) return;
  throw wrongType(
    "augmentation.labels.column",
    "a column of one integer a row, among the dataset's columns",
    column,
  );
}

/**
 * @param augmentation a user's options, or the name of a preset.
 * @throws {TypeError | RangeError} for options that do not exist, have no possible value, or do not fit the rows.
 */
export function readDatasetAugmentation(
  augmentation: unknown,
  { image, columns, maxImages }: Rows,
): AugmentationConfig {
  const config = readNamedAugmentation(augmentation, image);
  if (config.mixing === null) return config;
  requireLabels(config.mixing, columns);
  if (maxImages !== undefined) throw wrongType("maxImages", "none with mixUp or cutMix", maxImages);
  return config;
}
