import {
  type AugmentationConfig,
  type AugmentationOptions,
  DRAWN_NUMBERS,
  readAugmentation,
} from "./augmentation.js";
import type { Item } from "./batch.js";
import {
  type BatchOptions,
  type BatchParts,
  type BatchTask,
  type ReadPair,
  startBatch,
} from "./batch-assembly.js";
import { PixtokError } from "./errors.js";
import type { ImagePlan } from "./image-batch.js";
import { type ImageInput, requireImage } from "./image-input.js";
import { ImageProcessor } from "./image-processor.js";
import { chooseText, type OnMultipleTexts, textChoices } from "./multiple-texts.js";
import {
  type PairSource,
  pairsOfArrays,
  requirePair,
  requireSource,
  requireTexts,
  type Texts,
} from "./pair-source.js";
import { readSampleContext, type SampleContext } from "./sample-context.js";
import { type SampleError, sampleError } from "./sample-error.js";
import type { Tensor, TokenTensor } from "./tensor.js";
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
  /** Text i, or the texts i, belong to picture i. */
  texts?: readonly Texts[];
  /** Instead of imagePaths and texts. */
  source?: PairSource;
  /**
   * Where a picture has several texts: the first, or one that seed, epoch and index decide. (For a pair
   * of each: `MultimodalDataset.from()` with "all".) Default "first".
   */
  onMultipleTexts?: OnMultipleTexts;
  tokenizer: Tokenizer;
  /** Default `ImageProcessor.standard()`. */
  image?: ImageProcessor;
  /** Default none. */
  augmentation?: AugmentationOptions;
  text?: TextOptions;
}

const optionNames = [
  "imagePaths",
  "texts",
  "source",
  "onMultipleTexts",
  "tokenizer",
  "image",
  "augmentation",
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
  if (source === undefined) return pairsOfArrays(imagePaths as ImageInput[], texts as Texts[]);
  if (imagePaths !== undefined || texts !== undefined) {
    throw wrongType("source", "either source, or imagePaths and texts", source);
  }
  return requireSource(source);
}

/** At once, for their texts alone; a source may bring the bytes of their pictures along. */
const MOST_PAIRS_READ = 256;

/** Pairs of pictures and texts; item i is what the pipeline makes of pair i. */
export class MultimodalDataset {
  /** Number of pairs. */
  readonly length: number;
  readonly image: ImageProcessor;
  readonly tokenizer: Tokenizer;
  readonly #source: PairSource;
  readonly #onMultipleTexts: OnMultipleTexts;
  readonly #augmentation: AugmentationConfig | null;
  readonly #text: TextConfig;
  readonly #padId: number;
  #plan: ImagePlan | undefined;

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
    this.#onMultipleTexts = requireOneOf(
      "onMultipleTexts",
      given.onMultipleTexts ?? "first",
      textChoices,
    );
    this.#augmentation =
      given.augmentation === undefined ? null : readAugmentation(given.augmentation, image.config);
    this.#text = readTextConfig(given.text ?? {});
    this.#padId = tokenizer.requirePadTokenId();
    this.length = this.#source.length;
    this.image = image;
    this.tokenizer = tokenizer;
  }

  /**
   * @param context what augmentation draws from, as a DataLoader's `seed` and `epoch`; both 0 if not
   *   given.
   * @throws {RangeError} where there is no such index.
   * @throws {PixtokError} where the pair cannot be read.
   */
  async get(index: number, context: SampleContext = {}): Promise<Item> {
    requireInteger("index", index, 0, this.length - 1);
    const batch = await this.startBatch([index], readSampleContext(context)).done;
    const { augmentation } = batch;
    const unstacked = <T extends { dims: readonly number[] }>(tensor: T): T => ({
      ...tensor,
      dims: tensor.dims.slice(1),
    });
    return {
      image: unstacked(batch.image),
      input_ids: unstacked(batch.input_ids),
      attention_mask: unstacked(batch.attention_mask),
      ...(augmentation === undefined ? {} : { augmentation: unstacked(augmentation) }),
      index,
    };
  }

  /**
   * Tells this dataset's pairs from others in a loader's state: their number and what the source says.
   */
  get fingerprint(): string {
    return `${this.length} pairs, ${this.#source.fingerprint ?? "no fingerprint"}`;
  }

  /** What kind of source the pairs are from, and how many they are, for people to read. */
  get description(): string {
    return this.#source.description ?? `a source of ${this.length} pairs`;
  }

  /** @internal */
  startBatch(indices: readonly number[], options: BatchOptions = {}): BatchTask {
    const parts: BatchParts = {
      length: this.length,
      image: this.image,
      plan: this.#imagePlan(),
      drawn: (rows) => this.#drawnTensor(rows),
      read: (index, context) => this.#read(index, context),
      encode: (texts) => this.tokenizer.encodeIds(texts, this.#text.maxLength),
      tokenTensors: (ids, allocate) => this.#tokenTensors(ids, allocate),
    };
    return startBatch(parts, indices, options);
  }

  /** @internal */
  get maxLength(): number {
    return this.#text.maxLength;
  }

  /**
   * The pairs at `indices`, and what is wrong with those that cannot be had. Pictures are not opened.
   *
   * @internal
   */
  async readPairs(
    indices: readonly number[],
  ): Promise<{ pairs: ReadPair[]; errors: SampleError[] }> {
    const pairs: ReadPair[] = [];
    const errors: SampleError[] = [];
    const read = async (index: number) => {
      try {
        const pair = await this.#read(index, { seed: 0, epoch: 0 });
        requireImage(pair.image, index);
        return pair;
      } catch (error) {
        if (error instanceof PixtokError) return error;
        throw error;
      }
    };
    for (const [row, result] of (await Promise.all(indices.map(read))).entries()) {
      if (result instanceof PixtokError) errors.push(sampleError(indices[row] as number, result));
      else pairs.push(result);
    }
    return { pairs, errors };
  }

  /**
   * Tokens that each of the pairs' texts has, cut to `text.maxLength`, special ones included. Pictures
   * are not read.
   *
   * @internal
   */
  async tokenCounts(
    indices: readonly number[],
    context: Required<SampleContext>,
  ): Promise<number[]> {
    const textOf = (index: number) => this.#readText(index, context).catch(() => ""); // whoever makes a batch of it will say so
    const counts: number[] = [];
    while (counts.length < indices.length) {
      const part = indices.slice(counts.length, counts.length + MOST_PAIRS_READ);
      const texts = await Promise.all(part.map(textOf));
      const ids = await this.tokenizer.encodeIds(texts, this.#text.maxLength);
      for (const row of ids) counts.push(row.length);
    }
    return counts;
  }

  /**
   * Token ids of the pairs' texts, cut to `text.maxLength`, not padded. Pictures are not read.
   *
   * @internal
   */
  async encodeTexts(indices: readonly number[]): Promise<number[][]> {
    const texts = await Promise.all(
      indices.map((index) => this.#readText(index, { seed: 0, epoch: 0 })),
    );
    return this.tokenizer.encodeIds(texts, this.#text.maxLength);
  }

  async #read(index: number, context: Required<SampleContext>): Promise<ReadPair> {
    const { image, text, id } = requirePair(
      await this.#blamed(index, () => this.#source.get(index, context)),
      index,
    );
    return {
      index,
      image,
      text: await this.#cleaned(text, index, context),
      id: id ?? (typeof image === "string" ? image : String(index)),
    };
  }

  /** As #read, without the picture where the source can do so. */
  async #readText(index: number, context: Required<SampleContext>): Promise<string> {
    const source = this.#source;
    if (source.texts === undefined) return (await this.#read(index, context)).text;
    const texts = await this.#blamed(index, () => source.texts?.(index));
    return this.#cleaned(requireTexts(texts, index), index, context);
  }

  async #cleaned(texts: Texts, index: number, context: Required<SampleContext>): Promise<string> {
    const text =
      typeof texts === "string"
        ? texts
        : (texts[chooseText(texts.length, this.#onMultipleTexts, index, context)] as string);
    const cleaned: unknown = await this.#blamed(index, () => this.#text.cleaner(text));
    if (typeof cleaned === "string") return cleaned;
    throw wrongType(`text.clean, for sample ${index}`, "a function returning a string", cleaned);
  }

  #imagePlan(): ImagePlan {
    if (this.#augmentation === null) return this.image.plan;
    this.#plan ??= this.image.augmentedPlan(this.#augmentation);
    return this.#plan;
  }

  /** Room for what is drawn for each row; null where nothing is. */
  #drawnTensor(rows: number): Tensor<"int32"> | null {
    if (this.#augmentation === null) return null;
    const data = new Int32Array(rows * DRAWN_NUMBERS);
    return { type: "int32", data, dims: [rows, DRAWN_NUMBERS] };
  }

  /** What a user's function throws is the sample's fault. */
  async #blamed<T>(index: number, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof PixtokError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new PixtokError("SAMPLE_FAILED", reason, { index, cause });
    }
  }

  #tokenTensors(
    ids: readonly (readonly number[])[],
    allocate: (bytes: number) => ArrayBuffer,
  ): { input_ids: TokenTensor; attention_mask: TokenTensor } {
    const { maxLength, padding, type } = this.#text;
    const longest = Math.max(0, ...ids.map((row) => row.length));
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
