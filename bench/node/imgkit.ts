import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Contender } from "../src/contenders/contender.js";
import { runLanes } from "../src/contenders/lane-pipeline.js";
import { createTokenizersEncoder } from "../src/contenders/padded-tokens.js";
import { IMAGE_SIZE } from "../src/contenders/standard-preset.js";
import { importOptional, isUnavailable } from "./optional-package.js";

interface Imgkit {
  toTensor(
    file: Buffer,
    options: {
      width: number;
      height: number;
      normalization: "Imagenet";
      layout: "Chw";
      dtype: "Float32";
    },
  ): Promise<{ toFloat32Array(): Float32Array }>;
}

const IMAGES_IN_FLIGHT = 2 * availableParallelism();

export const imgkit: Contender = {
  name: "imgkit",
  description: `imgkit toTensor, ${IMAGES_IN_FLIGHT} in flight, tokenizers encodeBatch`,
  exact: false,
  output: "batches",
  async setUp(pairs, options) {
    const imgkit = await importOptional<Imgkit>("imgkit");
    if (isUnavailable(imgkit)) return imgkit;
    return runLanes(pairs, options, {
      imagesInFlight: IMAGES_IN_FLIGHT,
      async writeImage(path, target, offset) {
        const tensor = await imgkit.toTensor(await readFile(path), {
          width: IMAGE_SIZE,
          height: IMAGE_SIZE,
          normalization: "Imagenet",
          layout: "Chw",
          dtype: "Float32",
        });
        target.set(tensor.toFloat32Array(), offset);
      },
      encodeTexts: await createTokenizersEncoder(options),
    });
  },
};
