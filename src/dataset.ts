import type { Batch, Item } from "./batch.js";
import { startImageBatch } from "./image-batch.js";
import type { ImageInput } from "./image-input.js";
import { ImageProcessor, imageTensor } from "./image-processor.js";
import {
  type Pair,
  type PairSource,
  pairsOfArrays,
  requirePair,
  requireSource,
} from "./pair-source.js";
import { runtime } from "./runtime.js";
import type { TokenTensor } from "./tensor.js";
import { type TextCleaning, textCleaner } from "./text-cleaning.js";
import { attentionMask, type TokenType, tokenTensor } from "./token-rows.js";
import { Tokenizer } from "./tokenizer.js";
import {
  outOfRange,
  requireInteger,
  requireOneOf,
  requireOptions,
  wrongType,
} from "./validation.js";

/** What is left out is the standard preset's. */
export interface TextOptions {
  /** Default "alphanumeric". */
  clean?: TextCleaning;
  /** Tokens in a row, special ones included; longer texts are cut. Default 128. */
  maxLength?: number;
  /** "max_length": every row has maxLength tokens. "longest": as many as the batch's longest. */
  padding?: "max_length" | "longest";
  /** Type of the token tensors. Default "int64". */
  type?: TokenType;
}

interface TextConfig extends Required<TextOptions> {
  cleaner: (text: string) => string;
}

export interface MultimodalDatasetOptions {
  /** Pictures: paths, encoded bytes or pixels. Relative paths start at the current folder. */
  imagePaths?: readonly ImageInput[];
  /** Text i belongs to picture i. */
  texts?: readonly string[];
  /** Instead of imagePaths and texts. */
  source?: PairSource;
  tokenizer: Tokenizer;
  /** Default `ImageProcessor.standard()`. */
  image?: ImageProcessor;
  text?: TextOptions;
}

const optionNames = [
  "imagePaths",
  "texts",
  "source",
  "tokenizer",
  "image",
  "text",
] as const satisfies (keyof MultimodalDatasetOptions)[];

const textOptionNames = [
  "clean",
  "maxLength",
  "padding",
  "type",
] as const satisfies (keyof TextOptions)[];

function readTextConfig(options: unknown): TextConfig {
  const given = requireOptions("text", options, textOptionNames);
  const clean =
    typeof given.clean === "function"
      ? (given.clean as (text: string) => string)
      : requireOneOf("text.clean", given.clean ?? "alphanumeric", ["alphanumeric", "none"]);
  return {
    clean,
    cleaner: textCleaner(clean),
    maxLength: requireInteger("text.maxLength", given.maxLength ?? 128, 1, 1 << 20),
    padding: requireOneOf("text.padding", given.padding ?? "max_length", ["max_length", "longest"]),
    type: requireOneOf("text.type", given.type ?? "int64", ["int64", "int32"]),
  };
}

function readSource(options: Record<string, unknown>): PairSource {
  const { source, imagePaths, texts } = options;
  if (source === undefined) return pairsOfArrays(imagePaths as ImageInput[], texts as string[]);
  if (imagePaths !== undefined || texts !== undefined) {
    throw wrongType("source", "either source, or imagePaths and texts", source);
  }
  return requireSource(source);
}

/** A batch on its way. */
export interface BatchTask {
  done: Promise<Batch>;
  /** Gives up what has not been started; `done` is then rejected, when no thread works on it. */
  cancel(): void;
}

/** Pairs of pictures and texts; item i is what the pipeline makes of pair i. */
export class MultimodalDataset {
  /** Number of pairs. */
  readonly length: number;
  readonly image: ImageProcessor;
  readonly tokenizer: Tokenizer;
  readonly #source: PairSource;
  readonly #text: TextConfig;
  readonly #padId: number;

  /**
   * @throws {TypeError | RangeError} for misuse; unequal lengths are refused naming both.
   * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer cannot pad.
   */
  constructor(options: MultimodalDatasetOptions) {
    const given = requireOptions("MultimodalDataset", options, optionNames);
    const { tokenizer, image = ImageProcessor.standard() } = given;
    if (!(tokenizer instanceof Tokenizer)) throw wrongType("tokenizer", "a Tokenizer", tokenizer);
    if (!(image instanceof ImageProcessor)) throw wrongType("image", "an ImageProcessor", image);
    this.#source = readSource(given);
    this.#text = readTextConfig(given.text ?? {});
    this.#padId = tokenizer.requirePadTokenId();
    this.length = this.#source.length;
    this.image = image;
    this.tokenizer = tokenizer;
  }

  /**
   * @throws {RangeError} where there is no such index.
   * @throws {PixtokError} where the pair cannot be read.
   */
  async get(index: number): Promise<Item> {
    requireInteger("index", index, 0, this.length - 1);
    const batch = await this.startBatch([index]).done;
    const unstacked = <T extends { dims: readonly number[] }>(tensor: T): T => ({
      ...tensor,
      dims: tensor.dims.slice(1),
    });
    return {
      image: unstacked(batch.image),
      input_ids: unstacked(batch.input_ids),
      attention_mask: unstacked(batch.attention_mask),
      index,
    };
  }

  /**
   * Pictures on the native threads and texts by the tokenizer, at the same time, into one batch.
   *
   * @internal
   */
  startBatch(indices: readonly number[], threads?: number): BatchTask {
    let cancelled = false;
    let cancelImages = () => {};

    const run = async (): Promise<Batch> => {
      const pairs = await Promise.all(indices.map((index) => this.#pair(index)));
      if (cancelled) throw new Error("cancelled");
      const texts = pairs.map(({ text }, row) => this.#clean(text, indices[row] as number));
      const { addon } = runtime();
      const buffers: ArrayBuffer[] = [];
      const allocate = (bytes: number) => {
        const buffer = addon.allocate(bytes);
        buffers.push(buffer);
        return buffer;
      };
      const release = () => {
        for (const buffer of buffers) addon.release(buffer);
      };
      const memory = allocate(indices.length * this.image.plan.slotBytes);
      try {
        const images = startImageBatch(
          this.image.plan,
          { images: pairs.map((pair) => pair.image), indices },
          memory,
          threads,
        );
        cancelImages = images.cancel;
        const tokens = this.tokenizer.encodeIds(texts, this.#text.maxLength);
        // both are waited for, whatever becomes of the other: nothing may write after a release
        const [imageErrors, ids] = await Promise.allSettled([images.done, tokens]);
        if (imageErrors.status === "rejected") throw imageErrors.reason;
        if (imageErrors.value[0] !== undefined) throw imageErrors.value[0];
        if (ids.status === "rejected") throw ids.reason;
        if (cancelled) throw new Error("cancelled");
        const image = imageTensor(this.image, memory, [indices.length, ...this.image.dims]);
        return { image, ...this.#tokenTensors(ids.value, allocate), indices, release };
      } catch (error) {
        release();
        throw error;
      }
    };

    return {
      done: run(),
      cancel() {
        cancelled = true;
        cancelImages();
      },
    };
  }

  async #pair(index: number): Promise<Pair> {
    return requirePair(await this.#source.get(index), index);
  }

  #clean(text: string, index: number): string {
    const cleaned: unknown = this.#text.cleaner(text);
    if (typeof cleaned !== "string") {
      throw wrongType(`text.clean, for sample ${index}`, "a function returning a string", cleaned);
    }
    return cleaned;
  }

  #tokenTensors(
    ids: readonly (readonly number[])[],
    allocate: (bytes: number) => ArrayBuffer,
  ): { input_ids: TokenTensor; attention_mask: TokenTensor } {
    const { maxLength, padding, type } = this.#text;
    const longest = Math.max(...ids.map((row) => row.length));
    // the special tokens alone can be more than a very small maxLength
    if (longest > maxLength) {
      throw outOfRange("text.maxLength", `at least ${longest}, for the special tokens`, maxLength);
    }
    const layout = {
      type,
      length: padding === "max_length" ? maxLength : longest,
      paddingSide: this.tokenizer.paddingSide,
      allocate,
    };
    return {
      input_ids: tokenTensor(ids, this.#padId, layout) as TokenTensor,
      attention_mask: attentionMask(ids, layout) as TokenTensor,
    };
  }
}
