import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { Tokenizer } from "tokenizers";
import type { Contender, ContenderBatch, ContenderOptions, Pair } from "../contender.js";
import {
  cleanText,
  IMAGE_SIZE,
  IMAGE_VALUES,
  normalizeInto,
  sequentialBatches,
} from "../standard-preset.js";

// More than one a core: while this thread normalizes one picture, the others keep sharp busy.
const IMAGES_IN_FLIGHT = 2 * availableParallelism();

async function readPicture(path: string): Promise<Buffer> {
  return sharp(path, { ignoreIcc: true })
    .resize(IMAGE_SIZE, IMAGE_SIZE, { fit: "fill", kernel: "linear" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer();
}

async function prepareImages(paths: readonly string[]): Promise<Float32Array> {
  const images = new Float32Array(paths.length * IMAGE_VALUES);
  const waiting = paths.entries();
  const lane = async () => {
    for (const [row, path] of waiting) {
      normalizeInto(images, row * IMAGE_VALUES, await readPicture(path));
    }
  };
  await Promise.all(Array.from({ length: IMAGES_IN_FLIGHT }, lane));
  return images;
}

async function openTokenizer({ tokenizerFolder, maxLength }: ContenderOptions): Promise<Tokenizer> {
  const tokenizer = Tokenizer.fromFile(join(tokenizerFolder, "tokenizer.json"));
  const config: { pad_token?: unknown } = JSON.parse(
    await readFile(join(tokenizerFolder, "tokenizer_config.json"), "utf8"),
  );
  const padToken = typeof config.pad_token === "string" ? config.pad_token : "[PAD]";
  tokenizer.setTruncation(maxLength);
  tokenizer.setPadding({ maxLength, padToken, padId: tokenizer.tokenToId(padToken) ?? 0 });
  return tokenizer;
}

async function prepareTexts(tokenizer: Tokenizer, texts: readonly string[], maxLength: number) {
  const input_ids = new BigInt64Array(texts.length * maxLength);
  const attention_mask = new BigInt64Array(texts.length * maxLength);
  const encodings = await tokenizer.encodeBatch(texts.map(cleanText));
  for (const [row, encoding] of encodings.entries()) {
    input_ids.set(encoding.getIds().map(BigInt), row * maxLength);
    attention_mask.set(encoding.getAttentionMask().map(BigInt), row * maxLength);
  }
  return { input_ids, attention_mask };
}

export const sharpLoop: Contender = {
  name: "sharp-loop",
  description: `sharp decode and resize, ${IMAGES_IN_FLIGHT} in flight, JavaScript normalize loop, tokenizers encodeBatch`,
  exact: false,
  output: "batches",
  async setUp(pairs, options) {
    // Every picture is used once an epoch: remembering operations would only cost memory.
    sharp.cache(false);
    const tokenizer = await openTokenizer(options);

    const prepareBatch = async (indices: readonly number[]): Promise<ContenderBatch> => {
      const rows = indices.map((index) => pairs[index] as Pair);
      const [image, tokens] = await Promise.all([
        prepareImages(rows.map((pair) => pair.image)),
        prepareTexts(
          tokenizer,
          rows.map((pair) => pair.text),
          options.maxLength,
        ),
      ]);
      return { image, ...tokens, indices };
    };

    return {
      async runEpoch(onBatch) {
        for (const indices of sequentialBatches(pairs.length, options.batchSize)) {
          const batch = await prepareBatch(indices);
          await onBatch?.(batch);
        }
        return { pairs: pairs.length };
      },
      async close() {},
    };
  },
};
