import type { AugmentationConfig } from "../image/augmentation.js";
import { type DrawnRoom, drawnRoom } from "../image/drawn.js";
import type { ImagePlan } from "../image/image-batch.js";
import { coreOfProcessor, type ImageProcessor } from "../image/image-processor.js";
import type { PicturePlan } from "../image/views/picture-plan.js";
import type { MaxImages } from "./multiple-images.js";

/** What the images of a dataset go through. */
export interface ImagePipeline {
  /** Says what the tensors are like. */
  readonly processor: ImageProcessor;
  /** What the source's images go through: `processor`, or what of it is left to be done to a pack's. */
  readonly applied: ImageProcessor;
  readonly augmentation: AugmentationConfig | null;
  /** How images are taken apart, and what that gives; null where each image becomes one of the tensor. */
  readonly pictures: PicturePlan | null;
  /**
   * That of `applied`, with augmentation in it. Compiled once, when it is first needed.
   *
   * @throws {TypeError} where images are taken apart.
   */
  readonly plan: ImagePlan;
  /** Images that a row has at most, stacked; undefined: each row has one, and no dimension of its own for it. */
  readonly maxImages: MaxImages;
  /** Whether batches say how many images each row has. */
  readonly hasCounts: boolean;
  /** Slots of a row. */
  readonly rowImages: number;
  /** Room for what is drawn for each image of each row; null without augmentation. */
  drawn(rows: number): DrawnRoom | null;
}

/** First dimensions of a batch's tensors of images. */
export function batchDims(rows: number, maxImages: MaxImages): number[] {
  return maxImages === undefined ? [rows] : [rows, maxImages];
}

/**
 * @param pictures how images are taken apart. Default: as `applied` does it.
 * @param hasCounts whether batches say how many images each row has. Default: where rows have up to `maxImages`.
 */
export function imagePipeline(
  processor: ImageProcessor,
  applied: ImageProcessor,
  augmentation: AugmentationConfig | null,
  maxImages: MaxImages,
  pictures: PicturePlan | null = coreOfProcessor(applied).pictures,
  hasCounts = maxImages !== undefined,
): ImagePipeline {
  const rowImages = maxImages ?? 1;
  let plan: ImagePlan | undefined;
  return {
    processor,
    applied,
    augmentation,
    pictures,
    maxImages,
    hasCounts,
    rowImages,
    get plan() {
      plan ??=
        augmentation === null
          ? coreOfProcessor(applied).plan()
          : coreOfProcessor(applied).augmentedPlan(augmentation);
      return plan;
    },
    drawn: (rows) => augmentation && drawnRoom(augmentation, rows * rowImages),
  };
}
