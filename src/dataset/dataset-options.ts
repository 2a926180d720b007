import {
  type AugmentationConfig,
  type AugmentationOptions,
  MOST_ROW_IMAGES,
} from "../image/augmentation.js";
import type { AugmentationPreset } from "../image/augmentation-presets.js";
import { type AnyProcessor, ImageProcessor } from "../image/image-processor.js";
import { MAX_ROW_TOKENS } from "../shared/limits.js";
import {
  asGiven,
  instanceOf,
  integer,
  type OptionReaders,
  oneOf,
  optional,
  type ReadOptions,
  readOptions,
  stringOf,
  withDefault,
} from "../shared/options.js";
import { isObject, outOfRange, requireOneOf, wrongType } from "../shared/validation.js";
import { type ColumnConfig, readColumnTypes } from "../sources/column-types.js";
import { isPacked } from "../sources/packed/is-packed.js";
import { packedImageColumn } from "../sources/packed/pack-match.js";
import {
  type Images,
  imagesOfArray,
  type PairSource,
  pairsOfArrays,
  requireSource,
  type Texts,
} from "../sources/pair-source.js";
import { type AnyTokenizer, isOwnTokenizer } from "../text/own-tokenizer.js";
import { type TextCleaning, textCleaner } from "../text/text-cleaning.js";
import type { TokenType } from "../text/token-rows.js";
import { Tokenizer } from "../text/tokenizer.js";
import { Processor } from "../vision-language/processor.js";
import type { ColumnOptions } from "./batch-columns.js";
import { type ChatRowConfig, type ChatRowOptions, readChatOptions } from "./chat-options.js";
import { conversationsOfArray } from "./conversation-rows.js";
import { readDatasetAugmentation } from "./dataset-augmentation.js";
import {
  type ImageColumnConfig,
  isImageColumn,
  MOST_IMAGE_COLUMNS,
  readImageColumn,
} from "./image-columns.js";
import {
  type ImageChoice,
  imageChoices,
  type MaxImages,
  type OnMultipleImages,
} from "./multiple-images.js";
import { type OnMultipleTexts, textChoices } from "./multiple-texts.js";
import { requireRowProcessor } from "./one-size.js";
import type { RowProcessor } from "./row-processor.js";
import { processorWithLayout, type TrainerName, trainerNeeds } from "./trainer-needs.js";

/** What is left out is the standard preset's. */
export interface TextOptions {
  /**
   * How a text is cleaned. "alphanumeric": it becomes lower case, and all but ASCII letters, digits and white
   * space is left out. "none": it stays as it is. Default "alphanumeric".
   */
  clean?: TextCleaning;
  /** Tokens in a row, special ones included; longer texts are cut. Default 128. */
  maxLength?: number;
  /**
   * "max_length": every row has maxLength tokens. "longest": as many as the batch's longest. Default
   * "max_length".
   */
  padding?: "max_length" | "longest";
  /**
   * Rows are padded to a length that is a multiple of this, for hardware that likes it; maxLength has to
   * be one. Default 1: any length.
   */
  padToMultipleOf?: number;
  /** Type of the token tensors. Default "int64". */
  type?: TokenType;
  /**
   * The column of the source that has the rows' token ids: no text is looked for, no tokenizer is needed, and batches
   * have no `texts`. Ids are cut at their end and padded. Default: tokens are made of texts.
   */
  tokens?: string | undefined;
  /** What rows are padded with, an id. Default: the tokenizer's; ready tokens need one. */
  padTokenId?: number | undefined;
  /** The end of a row that is padded. Default: the tokenizer's, else "right". */
  paddingSide?: "left" | "right" | undefined;
}

/** How texts are prepared, or that there are none. */
export type DatasetTexts = TextOptions | null;

export interface TextConfig extends Required<TextOptions> {
  cleaner: (text: string) => string;
}

/** Options of a `MultimodalDataset`. What is left out is the standard preset's. */
export interface MultimodalDatasetOptions<
  C extends ColumnOptions = ColumnOptions,
  T extends DatasetTexts = DatasetTexts,
  K extends AnyTokenizer = Tokenizer,
  M extends MaxImages = MaxImages,
  P extends RowProcessor = AnyProcessor,
> {
  /**
   * Images: paths, encoded bytes or pixels; or lists of these, for a pair each. Relative paths start at the current
   * folder. No default: these and `texts`, or `source`; these alone with `text: null`.
   */
  imagePaths?: readonly Images[];
  /** Text i, or the texts i, belong to image i. No default. */
  texts?: readonly Texts[];
  /** Where pairs come from. Default: `imagePaths` and `texts`, or `conversations`. */
  source?: PairSource;
  /**
   * Rows of conversations, for a `processor`: what readConversation(), or with `chat.rows` readPreference(), reads. Images
   * are those of `images` or of the messages' parts. No default: these or `source`.
   */
  conversations?: readonly Readonly<Record<string, unknown>>[];
  /**
   * What rows go through that are conversations: images and what is said about them together, as the processor of a
   * vision–language model makes it. In place of `image`, `tokenizer` and `text`. Default none.
   */
  processor?: P;
  /** How conversations become tokens. Default: see ChatRowOptions. */
  chat?: ChatRowOptions;
  /**
   * Where an image has several texts: the first, or one that seed, epoch and index decide. (For a pair
   * of each: `MultimodalDataset.from()` with "all".) Default "first".
   */
  onMultipleTexts?: OnMultipleTexts;
  /**
   * Where a pair has several images: the first, or one that seed, epoch and index decide. Not together with
   * `maxImages`. Default "first".
   */
  onMultipleImages?: OnMultipleImages;
  /**
   * Images of each row, stacked, from 1 to 512: those of a pair in their order, as many as these, and zeros for those that
   * it does not have, as `batch.image_mask` says. Default: a row has one image.
   */
  maxImages?: M;
  /**
   * What texts go through: a `Tokenizer`, or an object of your own with `encode`, such as a tokenizer of transformers.js or
   * of `@huggingface/tokenizers`. It needs a padding token. No default, but with `text: null` and `text.tokens` there is
   * none.
   */
  tokenizer?: K;
  /**
   * What else of a row goes into the batch, as `batch.columns`: types by name, such as
   * `{ label: "int64", box: { type: "float32", shape: [4] }, url: "string", meta: "json" }`; further images, such as
   * `{ depth: { type: "image", processor } }`; or "auto" for all columns of the source but images. Default none.
   */
  columns?: C;
  /**
   * What images go through. One that takes them apart, for a vision–language model, gives batches what its class does,
   * and no `image`. Default `ImageProcessor.standard()`.
   */
  image?: P;
  /**
   * The library that batches are for. "tfjs", TensorFlow.js: tokens are int32, unless `text.type` says otherwise, and images
   * have their channels last, whatever `image` says. "jax-js": tokens are int32, and channels come first. Others take
   * batches as they are. Default: no such library.
   */
  for?: TrainerName;
  /** What is drawn for every image in every epoch, or the name of a recipe. Default none. */
  augmentation?: AugmentationOptions | AugmentationPreset;
  /**
   * How texts are cleaned, cut and padded; `null`: the dataset has no texts, and batches have neither `input_ids`
   * nor `texts`. Default: the standard preset's.
   */
  text?: T;
}

/** How ready tokens are prepared. */
export type ReadyTokens = TextOptions & {
  /** The column that has them. */
  readonly tokens: string;
};

/** A dataset has a tokenizer where it has texts. */
export type TokenizerOption<
  T extends DatasetTexts,
  K extends AnyTokenizer = Tokenizer,
  P extends RowProcessor = AnyProcessor,
> = T extends null | ReadyTokens
  ? NoTokenizer
  : P extends Processor
    ? NoTokenizer
    : {
        /** What texts go through. It needs a padding token. */
        readonly tokenizer: K;
      };

/** A dataset without a tokenizer of its own. */
export interface NoTokenizer {
  /** None. Default: none. */
  readonly tokenizer?: undefined;
}

const textReaders = {
  clean: readCleaning,
  maxLength: withDefault(integer(1, MAX_ROW_TOKENS), 128),
  padding: withDefault(oneOf(["max_length", "longest"]), "max_length"),
  padToMultipleOf: withDefault(integer(1, MAX_ROW_TOKENS), 1),
  type: optional(oneOf(["int64", "int32"])),
  tokens: optional(stringOf("the name of a column")),
  padTokenId: optional(integer(0, 2 ** 31 - 1)),
  paddingSide: optional(oneOf(["left", "right"])),
} satisfies OptionReaders<TextOptions>;

function readCleaning(option: string, value: unknown): TextCleaning {
  if (typeof value === "function") return value as (text: string) => string;
  return requireOneOf(option, value ?? "alphanumeric", ["alphanumeric", "none"]);
}

/** @param tokens the type of the token tensors, where nothing is said of it. */
function readText(option: string, value: unknown, tokens: TokenType): TextConfig | null {
  if (value === null) return null;
  const { type = tokens, ...others } = readOptions(option, value ?? {}, textReaders, `${option}.`);
  const given = { ...others, type };
  const { maxLength, padToMultipleOf } = given;
  if (maxLength % padToMultipleOf !== 0) {
    throw outOfRange(
      `${option}.maxLength`,
      `a multiple of ${option}.padToMultipleOf (${padToMultipleOf})`,
      maxLength,
    );
  }
  return { ...given, cleaner: textCleaner(given.clean) };
}

function readTokenizer(option: string, value: unknown): AnyTokenizer {
  if (value instanceof Tokenizer || isOwnTokenizer(value)) return value;
  throw wrongType(option, "a Tokenizer, or an object with encode", value);
}

const readers = {
  imagePaths: asGiven,
  texts: asGiven,
  source: asGiven,
  conversations: asGiven,
  processor: optional(instanceOf(Processor, "a Processor")),
  chat: asGiven,
  onMultipleTexts: withDefault(oneOf(textChoices), "first"),
  onMultipleImages: optional(oneOf(imageChoices)),
  maxImages: optional(integer(1, MOST_ROW_IMAGES)),
  tokenizer: optional(readTokenizer),
  columns: asGiven,
  image: optional(instanceOf(ImageProcessor, "an ImageProcessor")),
  for: optional(oneOf(Object.keys(trainerNeeds) as TrainerName[])),
  augmentation: asGiven,
  text: asGiven,
} satisfies OptionReaders<
  MultimodalDatasetOptions<ColumnOptions, DatasetTexts, AnyTokenizer, MaxImages, RowProcessor>
>;

/** A dataset's options, read. */
export interface DatasetConfig {
  source: PairSource;
  onMultipleTexts: OnMultipleTexts;
  imageChoice: ImageChoice;
  columns: readonly ColumnConfig[];
  imageColumns: readonly ImageColumnConfig[];
  /** Null where the dataset has no texts. */
  text: { readonly config: TextConfig; readonly tokenizer: AnyTokenizer | undefined } | null;
  image: ImageProcessor;
  augmentation: AugmentationConfig | null;
}

/** Options of a dataset of conversations, read. */
export interface ConversationConfig {
  readonly source: PairSource;
  readonly columns: readonly ColumnConfig[];
  readonly processor: Processor;
  readonly chat: ChatRowConfig;
}

/** Options of pairs, which a dataset of conversations does not have. */
const pairOptions = [
  ...["imagePaths", "texts", "image", "tokenizer", "text", "for", "augmentation"],
  ...["onMultipleTexts", "onMultipleImages", "maxImages"],
];

/** @throws {TypeError | RangeError} */
function readConversationDataset(
  options: object,
  { processor, chat, conversations, source, columns }: ReadOptions<typeof readers>,
): ConversationConfig {
  for (const name of pairOptions) {
    const value: unknown = Reflect.get(options, name);
    if (value !== undefined) throw wrongType(name, "none with a processor", value);
  }
  if ((conversations === undefined) === (source === undefined)) {
    throw wrongType("source", "either source or conversations", source);
  }
  const rows = source === undefined ? conversationsOfArray(conversations) : requireSource(source);
  if (isPacked(rows) && rows.pack.config.conversations === null) {
    throw wrongType("source", "one of conversations, not a packed set of pairs", rows);
  }
  const others = readColumns(columns, rows, undefined);
  const [image] =
    Object.entries(isObject(columns) ? columns : {}).find(([, one]) => isImageColumn(one)) ?? [];
  if (image !== undefined)
    throw wrongType(`columns.${image}`, "no images with a processor", "image");
  requireRowProcessor("processor", (processor as Processor).imageProcessor);
  return {
    source: rows,
    columns: others,
    processor: processor as Processor,
    chat: readChatOptions("chat", chat),
  };
}

/** @throws {TypeError | RangeError} */
export function readDatasetOptions(options: unknown): DatasetConfig | ConversationConfig {
  const whole = readOptions("MultimodalDataset", options, readers);
  if (whole.processor !== undefined) return readConversationDataset(options as object, whole);
  const { for: trainer, text: texts, processor: _, chat, conversations, ...read } = whole;
  for (const [name, value] of Object.entries({ chat, conversations })) {
    if (value !== undefined) throw wrongType(name, "none without a processor", value);
  }
  const needs = trainer && trainerNeeds[trainer];
  const given = { ...read, text: readText("text", texts, needs?.tokens ?? "int64") };
  const { onMultipleTexts } = given;
  const named = given.image ?? ImageProcessor.standard();
  requireRowProcessor("image", named);
  if (named.takesApart && trainer !== undefined) {
    throw wrongType("for", "none with a processor that takes images apart", trainer);
  }
  const image = needs ? processorWithLayout(named, needs.layout) : named;
  const source = readSource(given);
  if ((given.text === null || given.text.tokens !== undefined) && onMultipleTexts !== "first") {
    throw wrongType("onMultipleTexts", "none without texts", onMultipleTexts);
  }
  const imageChoice = readImageChoice(given);
  const columns = readColumns(given.columns, source, given.text?.tokens);
  const imageColumns = readImageColumns(given.columns, source, {
    image,
    augmentation: given.augmentation,
    layout: needs?.layout,
  });
  const text = readTexts(given, source);
  const rows = { image, columns, imageColumns, maxImages: imageChoice.maxImages };
  const augmentation =
    given.augmentation === undefined ? null : readDatasetAugmentation(given.augmentation, rows);
  return { source, onMultipleTexts, imageChoice, columns, imageColumns, image, augmentation, text };
}

function readImageChoice({
  onMultipleImages,
  maxImages,
}: {
  onMultipleImages: OnMultipleImages | undefined;
  maxImages: MaxImages;
}): ImageChoice {
  if (maxImages !== undefined && onMultipleImages !== undefined) {
    throw wrongType("onMultipleImages", "none with maxImages", onMultipleImages);
  }
  return { onMultipleImages: onMultipleImages ?? "first", maxImages };
}

function readTexts(
  { text, tokenizer }: { text: TextConfig | null; tokenizer: AnyTokenizer | undefined },
  source: PairSource,
): DatasetConfig["text"] {
  if (text === null || text.tokens !== undefined) {
    if (tokenizer === undefined) return text && { config: text, tokenizer };
    throw wrongType("tokenizer", "none with text: null or text.tokens", tokenizer);
  }
  if (tokenizer !== undefined || tokensAreStored(source)) return { config: text, tokenizer };
  throw wrongType("tokenizer", "a Tokenizer, or text: null for a dataset without texts", tokenizer);
}

/** Whether a pack has tokens that were not made by a Tokenizer. */
function tokensAreStored(source: PairSource): boolean {
  return isPacked(source) && source.pack.config.text?.ready != null;
}

/** @param tokens a column that is none of the batch's, as it becomes tokens. */
function readColumns(
  columns: unknown,
  { columnTypes }: PairSource,
  tokens: string | undefined,
): readonly ColumnConfig[] {
  if (columns === undefined) return [];
  if (columns !== "auto") return readColumnTypes("columns", withoutImages(columns));
  if (columnTypes !== undefined) {
    const all = readColumnTypes("source.columnTypes", columnTypes);
    return all.filter(({ name }) => name !== tokens);
  }
  throw wrongType(
    "columns",
    "types by name, as this source does not say what columns it has, or is made of some that differ in them",
    columns,
  );
}

/** What an option says of columns that are none of images. */
export function withoutImages(columns: unknown): unknown {
  if (!isObject(columns)) return columns;
  return Object.fromEntries(Object.entries(columns).filter(([, column]) => !isImageColumn(column)));
}

/** What a pack's images in a column were packed with. */
function packedWith(source: PairSource, name: string): ImageProcessor | undefined {
  if (!isPacked(source)) return undefined;
  return new ImageProcessor(packedImageColumn(source.pack, name).processor);
}

function readImageColumns(
  columns: unknown,
  source: PairSource,
  dataset: Parameters<typeof readImageColumn>[3],
): readonly ImageColumnConfig[] {
  if (!isObject(columns)) return [];
  const images = Object.entries(columns).filter(([, column]) => isImageColumn(column));
  if (images.length > MOST_IMAGE_COLUMNS) {
    throw outOfRange("columns", `at most ${MOST_IMAGE_COLUMNS} of images`, images.length);
  }
  return images.map(([name, column]) => {
    const image = packedWith(source, name) ?? dataset.image;
    return readImageColumn(`columns.${name}`, name, column, { ...dataset, image });
  });
}

function readSource({
  source,
  imagePaths,
  texts,
  text,
}: Record<"source" | "imagePaths" | "texts" | "text", unknown>): PairSource {
  if (text === null && texts !== undefined)
    throw wrongType("texts", "none with text: null, so leave out one of the two", texts);
  if (source === undefined && text === null) return imagesOfArray(imagePaths as Images[]);
  if (source === undefined) return pairsOfArrays(imagePaths as Images[], texts as Texts[]);
  if (imagePaths !== undefined || texts !== undefined) {
    throw wrongType("source", "either source, or imagePaths and texts", source);
  }
  return requireSource(source);
}
