import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { decode as decodeJpeg } from "jpeg-js";
import { PNG } from "pngjs";
import type { Contender, Pair } from "./contender.js";
import {
  CHANNELS,
  cleanText,
  IMAGE_SIZE,
  IMAGE_VALUES,
  normalizeInto,
  sequentialBatches,
} from "./standard-preset.js";

/** Interleaved RGB, rows from top to bottom. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array | Uint8ClampedArray;
}

export interface PureJavaScriptBatch {
  image: Float32Array;
  input_ids: BigInt64Array;
  attention_mask: BigInt64Array;
}

// --- decode ---

function dropAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * CHANNELS);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += CHANNELS) {
    rgb[to] = rgba[from] as number;
    rgb[to + 1] = rgba[from + 1] as number;
    rgb[to + 2] = rgba[from + 2] as number;
  }
  return rgb;
}

export function decodeImage(file: Buffer): RgbImage {
  if (file[0] === 0xff && file[1] === 0xd8) {
    const { width, height, data } = decodeJpeg(file, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
    });
    return { width, height, pixels: data };
  }
  if (file.toString("latin1", 1, 4) === "PNG") {
    const { width, height, data } = PNG.sync.read(file);
    return { width, height, pixels: dropAlpha(data) };
  }
  throw new Error("the pure JavaScript pipeline reads JPEG and PNG only");
}

// --- resize: Pillow's antialiased bilinear ---

const WEIGHT_BITS = 22;
const ROUNDING = 1 << (WEIGHT_BITS - 1);

/** For each output position: its first source position, how many follow, and their weights. */
interface AxisWeights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` places an output position. */
  readonly weights: Int32Array;
  readonly stride: number;
}

function computeAxisWeights(inputLength: number, outputLength: number): AxisWeights {
  const scale = inputLength / outputLength;
  const filterScale = Math.max(scale, 1);
  const reach = filterScale;
  const inverseFilterScale = 1 / filterScale;
  const stride = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(outputLength);
  const count = new Int32Array(outputLength);
  const weights = new Int32Array(outputLength * stride);
  const exactWeights = new Float64Array(stride);

  for (let output = 0; output < outputLength; output++) {
    const centre = (output + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(inputLength, Math.trunc(centre + reach + 0.5));
    let sum = 0;
    for (let input = begin; input < end; input++) {
      const distance = Math.abs((input - centre + 0.5) * inverseFilterScale);
      const weight = distance < 1 ? 1 - distance : 0;
      exactWeights[input - begin] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < end - begin; tap++) {
      const weight = (exactWeights[tap] as number) / sum;
      weights[output * stride + tap] = Math.trunc(weight * (1 << WEIGHT_BITS) + 0.5);
    }
    first[output] = begin;
    count[output] = end - begin;
  }
  return { first, count, weights, stride };
}

const axisWeightsBySize = new Map<string, AxisWeights>();

function axisWeights(inputLength: number, outputLength: number): AxisWeights {
  const size = `${inputLength}>${outputLength}`;
  let weights = axisWeightsBySize.get(size);
  if (weights === undefined) {
    weights = computeAxisWeights(inputLength, outputLength);
    axisWeightsBySize.set(size, weights);
  }
  return weights;
}

function resizeHorizontally({ width, height, pixels }: RgbImage, outputWidth: number): RgbImage {
  const { first, count, weights, stride } = axisWeights(width, outputWidth);
  const output = new Uint8ClampedArray(outputWidth * height * CHANNELS);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width * CHANNELS;
    for (let x = 0; x < outputWidth; x++) {
      let red = ROUNDING;
      let green = ROUNDING;
      let blue = ROUNDING;
      let from = row + (first[x] as number) * CHANNELS;
      const end = x * stride + (count[x] as number);
      for (let tap = x * stride; tap < end; tap++, from += CHANNELS) {
        const weight = weights[tap] as number;
        red = (red + Math.imul(weight, pixels[from] as number)) | 0;
        green = (green + Math.imul(weight, pixels[from + 1] as number)) | 0;
        blue = (blue + Math.imul(weight, pixels[from + 2] as number)) | 0;
      }
      output[to++] = red >> WEIGHT_BITS;
      output[to++] = green >> WEIGHT_BITS;
      output[to++] = blue >> WEIGHT_BITS;
    }
  }
  return { width: outputWidth, height, pixels: output };
}

function resizeVertically({ width, height, pixels }: RgbImage, outputHeight: number): RgbImage {
  const { first, count, weights, stride } = axisWeights(height, outputHeight);
  const rowLength = width * CHANNELS;
  const output = new Uint8ClampedArray(outputHeight * rowLength);
  const sums = new Int32Array(rowLength);
  for (let y = 0; y < outputHeight; y++) {
    sums.fill(ROUNDING);
    for (let tap = 0; tap < (count[y] as number); tap++) {
      const weight = weights[y * stride + tap] as number;
      const row = ((first[y] as number) + tap) * rowLength;
      for (let i = 0; i < rowLength; i++) {
        sums[i] = ((sums[i] as number) + Math.imul(weight, pixels[row + i] as number)) | 0;
      }
    }
    const row = y * rowLength;
    for (let i = 0; i < rowLength; i++) {
      output[row + i] = (sums[i] as number) >> WEIGHT_BITS;
    }
  }
  return { width, height: outputHeight, pixels: output };
}

export function resizeBilinear(image: RgbImage, width: number, height: number): RgbImage {
  // Pillow's rule; the intermediate image is of bytes, so the order of the passes shows.
  const verticalFirst = image.height > image.width * 100 && height < image.height;
  let resized = image;
  if (verticalFirst) resized = resizeVertically(resized, height);
  if (resized.width !== width) resized = resizeHorizontally(resized, width);
  if (resized.height !== height) resized = resizeVertically(resized, height);
  return resized;
}

// --- text ---

type TextEncoder = (text: string, inputIds: BigInt64Array, attentionMask: BigInt64Array) => void;

async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
}

/** How many special tokens the post-processor puts behind a text: they survive truncation. */
function countClosingTokens(tokenizer: Tokenizer): number {
  const bare = tokenizer.encode("a", { add_special_tokens: false }).ids;
  const framed = tokenizer.encode("a").ids;
  return framed.length - framed.lastIndexOf(bare[bare.length - 1] as number) - 1;
}

async function createTextEncoder(tokenizerFolder: string, maxLength: number): Promise<TextEncoder> {
  const model = await readJsonObject(join(tokenizerFolder, "tokenizer.json"));
  const config = await readJsonObject(join(tokenizerFolder, "tokenizer_config.json"));
  const tokenizer = new Tokenizer(model, config);
  const padToken = typeof config.pad_token === "string" ? config.pad_token : "[PAD]";
  const padId = BigInt(tokenizer.token_to_id(padToken) ?? 0);
  const closingTokens = countClosingTokens(tokenizer);

  return (text, inputIds, attentionMask) => {
    const { ids } = tokenizer.encode(cleanText(text));
    const length = Math.min(ids.length, maxLength);
    const openLength = length - closingTokens;
    const dropped = ids.length - length;
    for (let i = 0; i < openLength; i++) inputIds[i] = BigInt(ids[i] as number);
    for (let i = openLength; i < length; i++) inputIds[i] = BigInt(ids[i + dropped] as number);
    inputIds.fill(padId, length);
    attentionMask.fill(1n, 0, length);
    attentionMask.fill(0n, length);
  };
}

// --- pipeline ---

export async function createPureJavaScriptPipeline(
  tokenizerFolder: string,
  { maxLength }: { maxLength: number },
): Promise<(pairs: readonly Pair[]) => Promise<PureJavaScriptBatch>> {
  const encodeText = await createTextEncoder(tokenizerFolder, maxLength);

  return async (pairs) => {
    const image = new Float32Array(pairs.length * IMAGE_VALUES);
    const input_ids = new BigInt64Array(pairs.length * maxLength);
    const attention_mask = new BigInt64Array(pairs.length * maxLength);
    for (const [row, pair] of pairs.entries()) {
      const decoded = decodeImage(await readFile(pair.image));
      const resized = resizeBilinear(decoded, IMAGE_SIZE, IMAGE_SIZE);
      normalizeInto(image, row * IMAGE_VALUES, resized.pixels);
      const tokens = [row * maxLength, (row + 1) * maxLength] as const;
      encodeText(pair.text, input_ids.subarray(...tokens), attention_mask.subarray(...tokens));
    }
    return { image, input_ids, attention_mask };
  };
}

export const pureJavaScript: Contender = {
  name: "pure-javascript",
  description:
    "jpeg-js or pngjs, Pillow's resize in JavaScript, @huggingface/tokenizers; one thread",
  // The resize, the normalization and the text are exact, but jpeg-js is not libjpeg.
  exact: false,
  output: "batches",
  async setUp(pairs, { batchSize, tokenizerFolder, maxLength }) {
    const makeBatch = await createPureJavaScriptPipeline(tokenizerFolder, { maxLength });
    return {
      async runEpoch(onBatch) {
        for (const indices of sequentialBatches(pairs.length, batchSize)) {
          const batch = await makeBatch(indices.map((index) => pairs[index] as Pair));
          await onBatch?.({ ...batch, indices });
        }
        return { pairs: pairs.length };
      },
      async close() {},
    };
  },
};
