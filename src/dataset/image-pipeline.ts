import { type AugmentationConfig, DRAWN_NUMBERS } from "../image/augmentation.js";
import type { ImagePlan } from "../image/image-batch.js";
import { coreOfProcessor, type ImageProcessor } from "../image/image-processor.js";
import type { Tensor } from "../shared/tensor.js";

/** What the images of a dataset go through. */
export interface ImagePipeline {
  /** Says what the tensors are like. */
  readonly processor: ImageProcessor;
  /** What the source's images go through: `processor`, or what of it is left to be done to a pack's. */
  readonly applied: ImageProcessor;
  readonly augmentation: AugmentationConfig | null;
  /** That of `applied`, with augmentation in it. Compiled once, when it is first needed. */
  readonly plan: ImagePlan;
  /** Room for what is drawn for each row; null without augmentation. */
  drawn(rows: number): Tensor<"int32"> | null;
}

export function imagePipeline(
  processor: ImageProcessor,
  applied: ImageProcessor,
  augmentation: AugmentationConfig | null,
): ImagePipeline {
  let plan: ImagePlan | undefined;
  return {
    processor,
    applied,
    augmentation,
    get plan() {
      plan ??=
        augmentation === null
          ? coreOfProcessor(applied).plan()
          : coreOfProcessor(applied).augmentedPlan(augmentation);
      return plan;
    },
    drawn(rows) {
      if (augmentation === null) return null;
      const data = new Int32Array(rows * DRAWN_NUMBERS);
      return { type: "int32", data, dims: [rows, DRAWN_NUMBERS] };
    },
  };
}
