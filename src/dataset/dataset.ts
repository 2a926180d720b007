import { drawnForOne } from "../image/drawn.js";
import type { ImageProcessor } from "../image/image-processor.js";
import type { GivenOption, InferredFrom } from "../shared/given-option.js";
import { reshaped } from "../shared/make-tensor.js";
import { readSampleContext, type SampleContext } from "../shared/sample-context.js";
import { shownAs } from "../shared/shown-as.js";
import type { Tensor } from "../shared/tensor.js";
import { requireInteger } from "../shared/validation.js";
import { descriptionOf, fingerprintOf } from "../sources/derived-source.js";
import type { PairSource } from "../sources/pair-source.js";
import type { AnyTokenizer } from "../text/own-tokenizer.js";
import type { Tokenizer } from "../text/tokenizer.js";
import type { Processor } from "../vision-language/processor.js";
import type { Item } from "./batch.js";
import { makeBatch } from "./batch-assembly.js";
import {
  type ColumnOptions,
  type ItemColumns,
  type NoColumns,
  unstackedColumns,
} from "./batch-columns.js";
import { namedTensors } from "./batch-tensors.js";
import type {
  DatasetTexts,
  MultimodalDatasetOptions,
  ReadyTokens,
  TextOptions,
  TokenizerOption,
} from "./dataset-options.js";
import { type DatasetPipeline, datasetPipeline } from "./dataset-pipeline.js";
import type { MaxImages } from "./multiple-images.js";
import type { DatasetFromOptions } from "./open-options.js";
import type { ChosenProcessor, RowProcessor } from "./row-processor.js";
import { shownItem } from "./shown-batch.js";
import { shownDataset } from "./shown-dataset.js";
import type { ChosenTexts, TypedTexts } from "./typed-texts.js";

/**
 * What a dataset consists of. For other rooms: the class has no members for them.
 *
 * @internal
 */
export let pipelineOf: (dataset: AnyDataset) => DatasetPipeline;

/** A dataset with whatever columns, with texts or without. */
export type AnyDataset = MultimodalDataset<
  ColumnOptions,
  DatasetTexts,
  AnyTokenizer,
  MaxImages,
  RowProcessor
>;

/** Pairs of images and texts; item i is what the pipeline makes of pair i. */
export class MultimodalDataset<
  const C extends ColumnOptions = NoColumns,
  const T extends DatasetTexts = TextOptions,
  K extends AnyTokenizer = Tokenizer,
  const M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> {
  /** Number of pairs; Infinity where they are a stream's. */
  readonly length: number;
  /** What images go through. */
  readonly image: P extends Processor ? ImageProcessor : P;
  /** What texts go through; undefined where there are none, or their tokens are ready. */
  readonly tokenizer: T extends null | ReadyTokens ? undefined : K;
  /** What conversations go through; undefined where rows are pairs. */
  readonly processor: P extends Processor ? P : undefined;
  readonly #pipeline: DatasetPipeline;

  static {
    pipelineOf = (dataset) => dataset.#pipeline;
    shownAs<AnyDataset>((dataset) => shownDataset(dataset.#pipeline))(MultimodalDataset.prototype);
  }

  /**
   * @throws {TypeError | RangeError} for misuse; unequal lengths are refused naming both.
   * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer cannot pad.
   */
  constructor(options: MultimodalDatasetOptions<C, T, K, M, P> & TokenizerOption<T, K, P>) {
    this.#pipeline = datasetPipeline(options);
    const { pairs, image, text } = this.#pipeline;
    this.length = pairs.length;
    this.image = image.processor as P extends Processor ? ImageProcessor : P;
    this.processor = this.#pipeline.processor as P extends Processor ? P : undefined;
    this.tokenizer = text?.tokenizer as T extends null | ReadyTokens ? undefined : K;
  }

  /** As with options, all of them left out. */
  static async from(
    data: string | URL | readonly (string | URL)[] | PairSource,
  ): Promise<MultimodalDataset<NoColumns, TypedTexts<"int64">>>;
  /**
   * Pairs of whatever there is at a path: a manifest (JSON Lines, CSV, TSV), a folder of images with
   * `metadata.jsonl` or `metadata.csv`, with a text file beside each or in a folder for each class,
   * WebDataset shards, Parquet or Arrow files, COCO captions, or a packed set. `description` says what was found.
   *
   * @param data the path or URL (`file`, `https`, `s3`, `hf`) of a file or folder, the id of a dataset on the hub, a pattern
   *   such as `shards/{000..099}.tar`, or several; or a source that is open.
   * @throws {TypeError | RangeError} for misuse.
   * @throws {PixtokError} UNKNOWN_SOURCE, and what is wrong with the data.
   */
  static async from<
    const C extends ColumnOptions = NoColumns,
    const T extends DatasetTexts = TextOptions,
    K extends AnyTokenizer = Tokenizer,
    const M extends MaxImages = undefined,
    P extends RowProcessor = ImageProcessor,
    O extends object | undefined = DatasetFromOptions,
  >(
    data: string | URL | readonly (string | URL)[] | PairSource,
    options: (DatasetFromOptions<C, T, K, M, P> | undefined) & InferredFrom<O>,
  ): Promise<
    MultimodalDataset<
      C,
      ChosenTexts<T, O>,
      K,
      M,
      ChosenProcessor<P, GivenOption<O, "image">, ImageProcessor>
    >
  >;
  static async from<
    C extends ColumnOptions,
    T extends DatasetTexts,
    K extends AnyTokenizer,
    M extends MaxImages,
    P extends RowProcessor,
  >(
    data: string | URL | readonly (string | URL)[] | PairSource,
    options: DatasetFromOptions<C, T, K, M, P> = {},
  ): Promise<MultimodalDataset<C, T, K, M, P>> {
    // the readers of formats are only loaded when they are needed
    const { openedOptions } = await import("./open-dataset.js");
    return new MultimodalDataset<C, T, K, M, P>(
      (await openedOptions(data, options)) as MultimodalDatasetOptions<C, T, K, M, P> &
        TokenizerOption<T, K, P>,
    );
  }

  /**
   * A pair by itself: where augmentation mixes rows (mixUp, cutMix), this one is not mixed.
   *
   * @param context what augmentation draws from, as a DataLoader's `seed` and `epoch`, both 0 if not
   *   given; and a `signal` that ends the work.
   * @throws {RangeError} where there is no such index.
   * @throws {PixtokError} where the pair cannot be read.
   */
  async get(index: number, context: SampleContext = {}): Promise<Item<C, T, M, P>> {
    requireInteger("index", index, 0, this.length - 1);
    const batch = await makeBatch(this.#pipeline, [index], {
      ...readSampleContext(context),
      mixes: false,
    });
    const { augmentation, imageFields } = batch;
    const unstacked = <T extends Tensor>(tensor: T): T => reshaped(tensor, tensor.dims.slice(1));
    // what images are taken apart into is counted by no row
    const isJoined = this.#pipeline.image.pictures !== null;
    const joined = isJoined ? imageFields.map((name) => [name, Reflect.get(batch, name)]) : [];
    const stacked = namedTensors(batch).filter(
      ([name]) => !(isJoined && imageFields.includes(name)),
    );
    const item = {
      ...Object.fromEntries(joined),
      ...Object.fromEntries(stacked.map(([name, tensor]) => [name, unstacked(tensor)])),
      ...(augmentation && { augmentation: drawnForOne(augmentation) }),
      columns: unstackedColumns(batch.columns) as ItemColumns<C>,
      index,
    };
    return shownItem(item) as unknown as Item<C, T, M, P>;
  }

  /**
   * Tells this dataset's pairs from others in a loader's state: their number and what the source says.
   */
  get fingerprint(): string {
    return fingerprintOf(this.#pipeline.source);
  }

  /** What kind of source the pairs are from, and how many they are, for people to read. */
  get description(): string {
    return descriptionOf(this.#pipeline.source);
  }
}
