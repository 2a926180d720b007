import type { ImageLayout } from "../image/image-choices.js";
import { ImageProcessor } from "../image/image-processor.js";
import type { TokenType } from "../text/token-rows.js";

/** A trainer that needs other tensors than those of the standard preset. */
export type TrainerName = "tfjs" | "jax-js";

interface TrainerNeeds {
  /** Neither has 64-bit integers. */
  readonly tokens: TokenType;
  /** What its convolutions take. */
  readonly layout: ImageLayout;
}

export const trainerNeeds: Readonly<Record<TrainerName, TrainerNeeds>> = {
  tfjs: { tokens: "int32", layout: "hwc" },
  "jax-js": { tokens: "int32", layout: "chw" },
};

/** A processor with images of this layout. */
export function processorWithLayout(image: ImageProcessor, layout: ImageLayout): ImageProcessor {
  return image.config.layout === layout ? image : new ImageProcessor({ ...image.config, layout });
}
