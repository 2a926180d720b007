import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Contender } from "../src/contenders/contender.js";
import { runLanes } from "../src/contenders/lane-pipeline.js";
import { createTokenizersEncoder } from "../src/contenders/padded-tokens.js";
import { CHANNELS, IMAGE_SIZE, normalizeInto } from "../src/contenders/standard-preset.js";
import { importOptional, isUnavailable } from "./optional-package.js";

interface Transformer {
  fastResize(options: { width: number; height: number; filter: number; fit: number }): Transformer;
  /** As many channels as the file has. */
  rawPixels(): Promise<Buffer>;
}

interface NapiRsImage {
  readonly Transformer: new (file: Buffer) => Transformer;
  readonly FastResizeFilter: { readonly Bilinear: number };
  readonly ResizeFit: { readonly Fill: number };
}

const IMAGES_IN_FLIGHT = 2 * availableParallelism();
const PIXELS = IMAGE_SIZE * IMAGE_SIZE;

/** Grey is replicated, alpha is dropped. */
function toRgb(pixels: Buffer): Uint8Array {
  const channels = pixels.length / PIXELS;
  if (channels === CHANNELS) return pixels;
  const colours = channels < CHANNELS ? [0, 0, 0] : [0, 1, 2];
  const rgb = new Uint8Array(PIXELS * CHANNELS);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    for (const [channel, colour] of colours.entries()) {
      rgb[pixel * CHANNELS + channel] = pixels[pixel * channels + colour] as number;
    }
  }
  return rgb;
}

export const napiRsImage: Contender = {
  name: "napi-rs-image",
  description: `@napi-rs/image decode and fastResize, ${IMAGES_IN_FLIGHT} in flight, JavaScript normalize loop, tokenizers encodeBatch`,
  exact: false,
  output: "batches",
  async setUp(pairs, options) {
    const image = await importOptional<NapiRsImage>("@napi-rs/image");
    if (isUnavailable(image)) return image;
    const resize = {
      width: IMAGE_SIZE,
      height: IMAGE_SIZE,
      filter: image.FastResizeFilter.Bilinear,
      fit: image.ResizeFit.Fill,
    };
    return runLanes(pairs, options, {
      imagesInFlight: IMAGES_IN_FLIGHT,
      async writeImage(path, target, offset) {
        const transformer = new image.Transformer(await readFile(path)).fastResize(resize);
        normalizeInto(target, offset, toRgb(await transformer.rawPixels()));
      },
      encodeTexts: await createTokenizersEncoder(options),
    });
  },
};
