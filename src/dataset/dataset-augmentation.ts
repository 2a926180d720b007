import {
  type AugmentationConfig,
  type AugmentationOptions,
  readAugmentation,
} from "../image/augmentation.js";
import { type AugmentationPreset, augmentationPreset } from "../image/augmentation-presets.js";
import type { ImageProcessor } from "../image/image-processor.js";
import type { RowMixingConfig } from "../image/row-mixing.js";
import { isObject, wrongType } from "../shared/validation.js";
import type { ColumnConfig } from "../sources/column-types.js";
import type { MaxImages } from "./multiple-images.js";

/** What an augmentation has to fit. */
interface Rows {
  readonly image: ImageProcessor;
  readonly columns: readonly ColumnConfig[];
  readonly maxImages: MaxImages;
  /** Columns of images. */
  readonly imageColumns: readonly { readonly name: string }[];
}

/** What moves pixels and leaves their colours as they are; it is drawn before all else. */
const moves = [
  "randomResizedCrop",
  "randomCrop",
  "horizontalFlip",
  "randomRotation",
  "randomAffine",
] as const satisfies (keyof AugmentationOptions)[];

/** Of a user's options, or a preset, what moves pixels; undefined where nothing does. */
export function movesOf(augmentation: unknown): AugmentationOptions | undefined {
  const all = optionsOf(augmentation);
  if (!isObject(all)) return undefined;
  const found = moves.filter((name) => all[name] !== undefined);
  return found.length === 0
    ? undefined
    : Object.fromEntries(found.map((name) => [name, all[name]]));
}

function optionsOf(augmentation: unknown): unknown {
  return typeof augmentation === "string"
    ? augmentationPreset(augmentation as AugmentationPreset)
    : augmentation;
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
  return readAugmentation(optionsOf(given), image.config, option);
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
  { image, columns, maxImages, imageColumns }: Rows,
): AugmentationConfig {
  if (image.takesApart) {
    throw wrongType("augmentation", "none with a processor that takes images apart", augmentation);
  }
  const config = readNamedAugmentation(augmentation, image);
  if (config.mixing === null) return config;
  requireLabels(config.mixing, columns);
  if (maxImages !== undefined) throw wrongType("maxImages", "none with mixUp or cutMix", maxImages);
  const [mask] = imageColumns;
  if (mask !== undefined) {
    throw wrongType(`columns.${mask.name}`, "no images with mixUp or cutMix", "image");
  }
  return config;
}
