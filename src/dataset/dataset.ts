import { type AugmentationConfig, DRAWN_NUMBERS, readAugmentation } from "../image/augmentation.js";
import type { ImagePlan } from "../image/image-batch.js";
import { type ImageInput, imageSource, requireImage } from "../image/image-input.js";
import { ImageProcessor } from "../image/image-processor.js";
import { untilAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { machineFault } from "../shared/machine-fault.js";
import {
  plainContext,
  readSampleContext,
  type SampleContext,
  type SignalledContext,
  type SourceContext,
} from "../shared/sample-context.js";
import type { Tensor, TokenTensor } from "../shared/tensor.js";
import {
  outOfRange,
  requireInteger,
  requireOneOf,
  requireOptions,
  wrongType,
} from "../shared/validation.js";
import { isPacked, type PackedPair } from "../sources/packed/is-packed.js";
import {
  readyProcessor,
  requireSame,
  requireStored,
  tokenizerConfig,
} from "../sources/packed/pack-config.js";
import type { Pack } from "../sources/packed/pack-format.js";
import {
  type Pair,
  type PairSource,
  requirePair,
  requireTexts,
  type Texts,
} from "../sources/pair-source.js";
import { attentionMask, type TokenIds, tokenTensor } from "../text/token-rows.js";
import { Tokenizer } from "../text/tokenizer.js";
import type { Item } from "./batch.js";
import {
  type AssembledBatch,
  type BatchOptions,
  type BatchParts,
  makeBatch,
  type ReadPair,
} from "./batch-assembly.js";
import {
  datasetOptionNames,
  type FromOptions,
  type MultimodalDatasetOptions,
  readSource,
  readTextConfig,
  type TextConfig,
  type TextOptions,
} from "./dataset-options.js";
import { chooseText, type OnMultipleTexts, textChoices } from "./multiple-texts.js";

/** What could be read, and what is wrong with the rest. */
interface ReadResults<P> {
  pairs: P[];
  failures: { index: number; error: PixtokError }[];
}

/** A pair with all texts of its image, cleaned. */
export type PairWithTexts = Omit<ReadPair, "text" | "original"> & { texts: string[] };

/** What a pair is called, in a batch and in errors. */
function namesOf({ id, image, origin }: Pair, index: number): { id: string; source: string } {
  if (origin !== undefined) return { id: id ?? String(index), source: origin };
  if (typeof image === "string") return { id: id ?? image, source: image };
  const file = imageSource(image);
  if (id === undefined) return { id: String(index), source: file };
  // several images are in one file, or images are in memory: then only the pair's own name tells
  const inFile = typeof image === "object" && "path" in image;
  return { id, source: inFile ? `${file}: ${id}` : id };
}

/** At once, for their texts alone; a source may bring the bytes of their images along. */
const MOST_PAIRS_READ = 256;

/** Pairs of images and texts; item i is what the pipeline makes of pair i. */
export class MultimodalDataset {
  /** Number of pairs. */
  readonly length: number;
  /** What images go through. */
  readonly image: ImageProcessor;
  /** What texts go through. */
  readonly tokenizer: Tokenizer;
  readonly #source: PairSource;
  readonly #onMultipleTexts: OnMultipleTexts;
  readonly #augmentation: AugmentationConfig | null;
  readonly #text: TextConfig;
  readonly #padId: number;
  #plan: ImagePlan | undefined;
  /**
   * What the source's images go through: `image`, or what of it is left to be done to a pack's.
   *
   * @internal
   */
  readonly preparing: ImageProcessor;

  /**
   * @throws {TypeError | RangeError} for misuse; unequal lengths are refused naming both.
   * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer cannot pad.
   */
  constructor(options: MultimodalDatasetOptions) {
    const given = requireOptions("MultimodalDataset", options, datasetOptionNames);
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
    this.preparing = isPacked(this.#source) ? this.#requirePacked(this.#source.pack) : image;
  }

  /**
   * Pairs of whatever there is at a path: a manifest (JSON Lines, CSV, TSV), a folder of images with
   * `metadata.jsonl` or `metadata.csv`, with a text file beside each or in a folder for each class,
   * WebDataset shards, Parquet files, COCO captions, or a packed set. `description` says what was found.
   *
   * @param data the path of a file or folder, a pattern such as `shards/{000..099}.tar`, or several.
   * @throws {TypeError | RangeError} for misuse.
   * @throws {PixtokError} UNKNOWN_SOURCE, and what is wrong with the data.
   */
  static async from(
    data: string | readonly string[],
    options: FromOptions = {},
  ): Promise<MultimodalDataset> {
    // the readers of formats are only loaded when they are wanted
    const { openedOptions } = await import("./open-dataset.js");
    return new MultimodalDataset(await openedOptions(data, options));
  }

  /**
   * @param context what augmentation draws from, as a DataLoader's `seed` and `epoch`, both 0 if not
   *   given; and a `signal` that ends the work.
   * @throws {RangeError} where there is no such index.
   * @throws {PixtokError} where the pair cannot be read.
   */
  async get(index: number, context: SampleContext = {}): Promise<Item> {
    requireInteger("index", index, 0, this.length - 1);
    const batch = await this.makeBatch([index], readSampleContext(context));
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

  /**
   * What a pack of this dataset is made with.
   *
   * @internal
   */
  get recipe() {
    return {
      source: this.#source,
      text: this.#text as Required<TextOptions>,
      onMultipleTexts: this.#onMultipleTexts,
      augmentation: this.#augmentation,
    };
  }

  /** @internal */
  makeBatch(indices: readonly number[], options: BatchOptions = {}): Promise<AssembledBatch> {
    const parts: BatchParts = {
      length: this.length,
      image: this.image,
      plan: this.#imagePlan(),
      drawn: (rows) => this.#drawnTensor(rows),
      read: (index, context) => this.#read(index, context),
      encode: (pairs) => this.#encode(pairs),
      tokenTensors: (ids, allocate) => this.#tokenTensors(ids, allocate),
    };
    return makeBatch(parts, indices, options);
  }

  /** @internal */
  get maxLength(): number {
    return this.#text.maxLength;
  }

  /**
   * The pairs at `indices`, and what is wrong with those that cannot be had. Images are not opened.
   *
   * @internal
   */
  readPairs(indices: readonly number[], signal: AbortSignal): Promise<ReadResults<ReadPair>> {
    return this.#readAll(indices, signal, (index) => this.#read(index, plainContext(signal)));
  }

  /**
   * As readPairs(), with all texts of each image.
   *
   * @internal
   */
  readEveryText(
    indices: readonly number[],
    signal: AbortSignal,
  ): Promise<ReadResults<PairWithTexts>> {
    return this.#readAll(indices, signal, async (index) => {
      const pair = await this.#readRaw(index, plainContext(signal));
      const texts = typeof pair.text === "string" ? [pair.text] : pair.text;
      return {
        index,
        image: pair.image,
        ...namesOf(pair, index),
        texts: await Promise.all(texts.map((one) => this.#cleaned(one, index))),
      };
    });
  }

  async #readAll<P extends { image: ImageInput }>(
    indices: readonly number[],
    signal: AbortSignal,
    readOne: (index: number) => Promise<P>,
  ): Promise<ReadResults<P>> {
    const pairs: P[] = [];
    const failures: ReadResults<P>["failures"] = [];
    const read = async (index: number) => {
      try {
        const pair = await readOne(index);
        requireImage(pair.image, index);
        return pair;
      } catch (error) {
        if (error instanceof PixtokError) return error;
        throw error;
      }
    };
    const results = await untilAborted(Promise.all(indices.map(read)), signal);
    for (const [row, result] of results.entries()) {
      if (!(result instanceof PixtokError)) pairs.push(result);
      else failures.push({ index: indices[row] as number, error: result });
    }
    return { pairs, failures };
  }

  /**
   * Tokens that each of the pairs' texts has, cut to `text.maxLength`, special ones included. Images
   * are not read.
   *
   * @internal
   */
  async tokenCounts(indices: readonly number[], context: SignalledContext): Promise<number[]> {
    const textOf = (index: number) =>
      this.#readText(index, context).catch((error: unknown) => {
        const fault = machineFault(error, { index });
        if (fault !== null) throw fault;
        return ""; // whoever makes a batch of it will say so
      });
    const counts: number[] = [];
    while (counts.length < indices.length) {
      const part = indices.slice(counts.length, counts.length + MOST_PAIRS_READ);
      const texts = await untilAborted(Promise.all(part.map(textOf)), context.signal);
      const ids = await this.encodeCleaned(texts);
      for (const row of ids) counts.push(row.length);
    }
    return counts;
  }

  /**
   * Token ids of the pairs' texts, cut to `text.maxLength`, not padded. Images are not read.
   *
   * @internal
   */
  async encodeTexts(
    indices: readonly number[],
    signal: AbortSignal = new AbortController().signal,
  ): Promise<number[][]> {
    const context = plainContext(signal);
    const reading = Promise.all(indices.map((index) => this.#readText(index, context)));
    const texts = await untilAborted(reading, signal);
    return this.encodeCleaned(texts);
  }

  /**
   * Token ids of texts that are cleaned, cut to `text.maxLength`, not padded.
   *
   * @internal
   */
  encodeCleaned(texts: readonly string[]): Promise<number[][]> {
    return this.tokenizer.encodeIds(texts, this.#text.maxLength);
  }

  async #encode(pairs: readonly ReadPair[]): Promise<TokenIds[]> {
    if (isPacked(this.#source)) return pairs.map(({ tokenIds = [] }) => tokenIds);
    return this.encodeCleaned(pairs.map(({ text }) => text));
  }

  async #readRaw(index: number, context: SignalledContext): Promise<Pair> {
    return requirePair(await this.#blamed(index, () => this.#source.get(index, context)), index);
  }

  async #read(index: number, context: SignalledContext): Promise<ReadPair> {
    const raw = await this.#readRaw(index, context);
    const { image, text } = raw;
    const place = this.#choose(text, index, context);
    const chosen = typeof text === "string" ? text : (text[place] as string);
    const pair = { index, image, original: chosen, ...namesOf(raw, index) };
    const ready = isPacked(this.#source) ? (raw as PackedPair).tokenIds[place] : undefined;
    if (ready !== undefined) return { ...pair, text: chosen, tokenIds: ready };
    return { ...pair, text: await this.#cleaned(chosen, index) };
  }

  #choose(texts: Texts, index: number, context: SourceContext): number {
    if (typeof texts === "string") return 0;
    return chooseText(texts.length, this.#onMultipleTexts, index, context);
  }

  /** As #read, without the image where the source can do so. */
  async #readText(index: number, context: SignalledContext): Promise<string> {
    const source = this.#source;
    if (source.texts === undefined) return (await this.#read(index, context)).text;
    const texts = await this.#blamed(index, () => source.texts?.(index, context));
    const list = requireTexts(texts, index);
    const text = typeof list === "string" ? list : list[this.#choose(list, index, context)];
    return isPacked(source) ? (text as string) : this.#cleaned(text as string, index);
  }

  async #cleaned(text: string, index: number): Promise<string> {
    const cleaned: unknown = await this.#blamed(index, () => this.#text.cleaner(text));
    if (typeof cleaned === "string") return cleaned;
    throw wrongType(`text.clean, for sample ${index}`, "a function returning a string", cleaned);
  }

  /** @throws {PixtokError} PACK_MISMATCH */
  #requirePacked({ folder, config }: Pack): ImageProcessor {
    const { clean, maxLength } = this.#text;
    const asked = {
      text: {
        clean: typeof clean === "function" ? "custom" : clean,
        maxLength,
        several: config.text.several || this.#onMultipleTexts === "random",
      },
      tokenizer: tokenizerConfig(this.tokenizer),
    };
    requireSame(folder, { text: config.text, tokenizer: config.tokenizer }, asked);
    if (this.#augmentation !== null) {
      requireStored(folder, config, this.#augmentation, this.image.config);
    }
    return new ImageProcessor(readyProcessor(folder, config, this.image.config));
  }

  #imagePlan(): ImagePlan {
    if (this.#augmentation === null) return this.preparing.plan;
    this.#plan ??= this.preparing.augmentedPlan(this.#augmentation);
    return this.#plan;
  }

  /** Room for what is drawn for each row; null where nothing is. */
  #drawnTensor(rows: number): Tensor<"int32"> | null {
    if (this.#augmentation === null) return null;
    const data = new Int32Array(rows * DRAWN_NUMBERS);
    return { type: "int32", data, dims: [rows, DRAWN_NUMBERS] };
  }

  /** What a user's function throws is the sample's fault, unless the machine is behind it. */
  async #blamed<T>(index: number, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const fault = machineFault(cause, { index });
      if (fault !== null) throw fault;
      if (cause instanceof PixtokError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new PixtokError("SAMPLE_FAILED", reason, { index, cause });
    }
  }

  #tokenTensors(
    ids: readonly TokenIds[],
    allocate: (bytes: number) => Uint8Array,
  ): { input_ids: TokenTensor; attention_mask: TokenTensor } {
    const { maxLength, padding, type } = this.#text;
    const longest = ids.reduce((most, row) => Math.max(most, row.length), 0);
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
