import { randomInt } from "node:crypto";
import {
  ImageProcessor,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  type Pair,
  Tokenizer,
} from "pixtok";
import { fixture } from "./fixtures.js";

/** Wide enough that 2^24 pairs have different images. */
export const tinyImage = new ImageProcessor({
  resize: { width: 1, height: 1 },
  type: "uint8",
  layout: "hwc",
});

let tokenizer: Tokenizer | undefined;

export async function smallTokenizer(): Promise<Tokenizer> {
  tokenizer ??= await Tokenizer.fromPretrained(fixture("wordpiece"));
  return tokenizer;
}

/** Pair i: one pixel whose three bytes are i, and i in decimal digits. */
export function numberedPairs(length: number): { length: number; get(index: number): Pair } {
  return {
    length,
    get: (index): Pair => ({
      image: {
        data: Uint8Array.of(index & 255, (index >> 8) & 255, (index >> 16) & 255),
        width: 1,
        height: 1,
        channels: 3,
      },
      text: String(index),
    }),
  };
}

/** Three images of the project's own in turns, with texts. */
export async function photos(
  count: number,
  image = ImageProcessor.standard(),
): Promise<MultimodalDataset> {
  const names = ["jpeg-420.jpg", "jpeg-500x375.jpg", "png-rgb.png"];
  const imagePaths = Array.from({ length: count }, (_, i) => fixture(`images/${names[i % 3]}`));
  const texts = imagePaths.map((_, i) => `image ${i}`);
  return new MultimodalDataset({ imagePaths, texts, tokenizer: await smallTokenizer(), image });
}

/** The index that a row's image was made from. */
export function indexOfPixel(data: ArrayLike<number | bigint>, row: number): number {
  const byte = (channel: number) => Number(data[3 * row + channel]);
  return byte(0) + 256 * byte(1) + 65536 * byte(2);
}

export async function numberedDataset(
  length: number,
  options: Partial<MultimodalDatasetOptions> = {},
): Promise<MultimodalDataset> {
  return new MultimodalDataset({
    source: numberedPairs(length),
    tokenizer: await smallTokenizer(),
    image: tinyImage,
    text: { maxLength: 12 },
    ...options,
  });
}

/** A seed for random tests: PIXTOK_TEST_SEED, or a new one; put it into the test's name. */
export const seed = Number(process.env.PIXTOK_TEST_SEED ?? randomInt(2 ** 31));

/** A small generator of integers below `limit` (xorshift32), the same for the same seed. */
export function randomIntegers(from: number): (limit: number) => number {
  let state = from | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
