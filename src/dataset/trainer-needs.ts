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

/** Type of the tokens where `text.type` does not say it and the option `for` is given as `Trainer`. */
export type TrainerTokens<Trainer> =
  | (undefined extends Trainer ? "int64" : never)
  | ([Extract<TrainerName, Trainer>] extends [never] ? never : "int32");

/** A processor with images of this layout. */
export function processorWithLayout(image: ImageProcessor, layout: ImageLayout): ImageProcessor {
  return image.config.layout === layout ? image : new ImageProcessor({ ...image.config, layout });
}
