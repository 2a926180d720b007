import {
  type AugmentationConfig,
  type AugmentationOptions,
  MOST_ROW_IMAGES,
} from "../image/augmentation.js";
import type { AugmentationPreset } from "../image/augmentation-presets.js";
import type { ImageLayout } from "../image/image-choices.js";
import { requireImage } from "../image/image-input.js";
import { ImageProcessor } from "../image/image-processor.js";
import { PixtokError } from "../shared/errors.js";
import {
  asGiven,
  instanceOf,
  type OptionReaders,
  oneOf,
  optional,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { isObject, wrongType } from "../shared/validation.js";
import type { Pair } from "../sources/pair-source.js";
import { movesOf, readNamedAugmentation } from "./dataset-augmentation.js";
import type { PairImage } from "./multiple-images.js";
import { requireOneSize } from "./one-size.js";
import { columnImageSource } from "./pair-names.js";
import { processorWithLayout } from "./trainer-needs.js";

/** A column with a further image of each row. `"image"` in its place has all defaults. */
export interface ImageColumn {
  /** Says that it has images. */
  readonly type: "image";
  /** What its images go through. Default: the dataset's `image`; of a packed set, what they were packed with. */
  readonly processor?: ImageProcessor;
  /**
   * What is drawn for its images; `null`: nothing. Default: what of the dataset's `augmentation` moves pixels and leaves
   * their colours alone: crop, flip, rotation, affine.
   */
  readonly augmentation?: AugmentationOptions | AugmentationPreset | null;
  /**
   * "same": by the random numbers of the row's own image, so that with the same options images of one size are cut and
   * mirrored alike, as an image and its mask must be. "separate": by others, for two views of one thing. Default "same".
   */
  readonly draws?: "same" | "separate";
}

/** An image column's options, read. */
export interface ImageColumnConfig {
  readonly name: string;
  readonly processor: ImageProcessor;
  readonly augmentation: AugmentationConfig | null;
  /** Whether that is what of the dataset's augmentation moves pixels: nothing else has been said. */
  readonly followsDataset: boolean;
  readonly draws: "same" | "separate";
}

/** Each has a tensor of its own in every batch. */
export const MOST_IMAGE_COLUMNS = 64;

const readers = {
  type: oneOf(["image"]),
  processor: optional(instanceOf(ImageProcessor, "an ImageProcessor")),
  augmentation: asGiven,
  draws: withDefault(oneOf(["same", "separate"]), "same"),
} satisfies OptionReaders<ImageColumn>;

/** Whether what an option says of a column makes it one of images. */
export function isImageColumn(column: unknown): boolean {
  return column === "image" || (isObject(column) && column.type === "image");
}

/**
 * @param dataset what its columns have by default.
 * @throws {TypeError | RangeError}
 */
export function readImageColumn(
  option: string,
  name: string,
  value: unknown,
  dataset: {
    readonly image: ImageProcessor;
    readonly augmentation: unknown;
    /** That of every tensor of images, whatever processors say. */
    readonly layout: ImageLayout | undefined;
  },
): ImageColumnConfig {
  const given = readOptions(
    option,
    value === "image" ? { type: value } : value,
    readers,
    `${option}.`,
  );
  const { processor: named = dataset.image, draws } = given;
  const followsDataset = given.augmentation === undefined;
  const augmentation = followsDataset ? movesOf(dataset.augmentation) : given.augmentation;
  const { layout } = dataset;
  requireOneSize(`${option}.processor`, named);
  const processor = layout === undefined ? named : processorWithLayout(named, layout);
  const config =
    augmentation === undefined || augmentation === null
      ? null
      : readNamedAugmentation(augmentation, processor, `${option}.augmentation`);
  if (config !== null && config.mixing !== null) {
    throw wrongType(
      `${option}.augmentation`,
      "null, or one without mixUp and cutMix, which mix the rows' own images alone",
      augmentation,
    );
  }
  return { name, processor, augmentation: config, followsDataset, draws };
}

/** The place, among the images of a row, whose numbers are drawn for a column's images: from the last one down. */
export function drawnAs({ draws }: ImageColumnConfig, column: number): number {
  return draws === "same" ? 0 : MOST_ROW_IMAGES - 1 - column;
}

/**
 * The image that a pair has in a column.
 *
 * @throws {PixtokError} INVALID_IMAGE
 */
export function imageInColumn(pair: Pair, name: string, index: number): PairImage {
  const { columns } = pair;
  const image = columns !== undefined && Object.hasOwn(columns, name) ? columns[name] : undefined;
  const source = columnImageSource(pair, image, name, index);
  if (image !== undefined && image !== null && !Array.isArray(image)) {
    return { image: requireImage(image, index, source), source, place: 0 };
  }
  const what = Array.isArray(image)
    ? `expected one image, got a list of ${image.length}; lists are read of the row's own image alone`
    : "there is no image";
  throw new PixtokError("INVALID_IMAGE", `${name}: ${what}`, { index, source });
}
