import { availableParallelism } from "node:os";
import sharp from "sharp";
import type { Contender } from "./contender.js";
import { runLanes } from "./lane-pipeline.js";
import { createTokenizersEncoder } from "./padded-tokens.js";
import { IMAGE_SIZE, normalizeInto } from "./standard-preset.js";

// More than one a core: while this thread normalizes one image, the others keep sharp busy.
const IMAGES_IN_FLIGHT = 2 * availableParallelism();

async function readImage(path: string): Promise<Buffer> {
  return sharp(path, { ignoreIcc: true })
    .resize(IMAGE_SIZE, IMAGE_SIZE, { fit: "fill", kernel: "linear" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer();
}

export const sharpLoop: Contender = {
  name: "sharp-loop",
  description: `sharp decode and resize, ${IMAGES_IN_FLIGHT} in flight, JavaScript normalize loop, tokenizers encodeBatch`,
  exact: false,
  output: "batches",
  async setUp(pairs, options) {
    // Every image is used once an epoch: remembering operations would only cost memory.
    sharp.cache(false);
    return runLanes(pairs, options, {
      imagesInFlight: IMAGES_IN_FLIGHT,
      async writeImage(path, target, offset) {
        normalizeInto(target, offset, await readImage(path));
      },
      encodeTexts: await createTokenizersEncoder(options),
    });
  },
};
