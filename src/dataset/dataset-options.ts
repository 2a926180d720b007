import {
  type AugmentationConfig,
  type AugmentationOptions,
  readAugmentation,
} from "../image/augmentation.js";
import type { ImageInput } from "../image/image-input.js";
import { ImageProcessor } from "../image/image-processor.js";
import { MAX_ROW_TOKENS } from "../shared/limits.js";
import {
  asGiven,
  instanceOf,
  integer,
  type OptionReaders,
  oneOf,
  optional,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { outOfRange, requireOneOf, wrongType } from "../shared/validation.js";
import { type ColumnConfig, readColumnTypes } from "../sources/column-types.js";
import {
  imagesOfArray,
  type PairSource,
  pairsOfArrays,
  requireSource,
  type Texts,
} from "../sources/pair-source.js";
import { type TextCleaning, textCleaner } from "../text/text-cleaning.js";
import type { TokenType } from "../text/token-rows.js";
import { Tokenizer } from "../text/tokenizer.js";
import type { ColumnOptions } from "./batch-columns.js";
import { type OnMultipleTexts, textChoices } from "./multiple-texts.js";

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
> {
  /**
   * Images: paths, encoded bytes or pixels. Relative paths start at the current folder. No default:
   * these and `texts`, or `source`; these alone with `text: null`.
   */
  imagePaths?: readonly ImageInput[];
  /** Text i, or the texts i, belong to image i. No default. */
  texts?: readonly Texts[];
  /** Where pairs come from. Default: `imagePaths` and `texts`. */
  source?: PairSource;
  /**
   * Where an image has several texts: the first, or one that seed, epoch and index decide. (For a pair
   * of each: `MultimodalDataset.from()` with "all".) Default "first".
   */
  onMultipleTexts?: OnMultipleTexts;
  /** What texts go through. It needs a padding token. No default, but with `text: null` there is none. */
  tokenizer?: Tokenizer;
  /**
   * What else of a row goes into the batch, as `batch.columns`: types by name, such as
   * `{ label: "int64", box: { type: "float32", shape: [4] }, url: "string", meta: "json" }`; or "auto" for all
   * columns of the source. Default none.
   */
  columns?: C;
  /** What images go through. Default `ImageProcessor.standard()`. */
  image?: ImageProcessor;
  /** What is drawn for every image in every epoch. Default none. */
  augmentation?: AugmentationOptions;
  /**
   * How texts are cleaned, cut and padded; `null`: the dataset has no texts, and batches have neither `input_ids`
   * nor `texts`. Default: the standard preset's.
   */
  text?: T;
}

/** A dataset has a tokenizer where it has texts. */
export type TokenizerOption<T extends DatasetTexts> = T extends null
  ? {
      /** None. Default: none. */
      readonly tokenizer?: undefined;
    }
  : {
      /** What texts go through. It needs a padding token. */
      readonly tokenizer: Tokenizer;
    };

const textReaders = {
  clean: readCleaning,
  maxLength: withDefault(integer(1, MAX_ROW_TOKENS), 128),
  padding: withDefault(oneOf(["max_length", "longest"]), "max_length"),
  padToMultipleOf: withDefault(integer(1, MAX_ROW_TOKENS), 1),
  type: withDefault(oneOf(["int64", "int32"]), "int64"),
} satisfies OptionReaders<TextOptions>;

function readCleaning(option: string, value: unknown): TextCleaning {
  if (typeof value === "function") return value as (text: string) => string;
  return requireOneOf(option, value ?? "alphanumeric", ["alphanumeric", "none"]);
}

function readText(option: string, value: unknown): TextConfig | null {
  if (value === null) return null;
  const given = readOptions(option, value ?? {}, textReaders, `${option}.`);
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

const readers = {
  imagePaths: asGiven,
  texts: asGiven,
  source: asGiven,
  onMultipleTexts: withDefault(oneOf(textChoices), "first"),
  tokenizer: optional(instanceOf(Tokenizer, "a Tokenizer")),
  columns: asGiven,
  image: optional(instanceOf(ImageProcessor, "an ImageProcessor")),
  augmentation: asGiven,
  text: readText,
} satisfies OptionReaders<MultimodalDatasetOptions>;

/** A dataset's options, read. */
export interface DatasetConfig {
  source: PairSource;
  onMultipleTexts: OnMultipleTexts;
  columns: readonly ColumnConfig[];
  /** Null where the dataset has no texts. */
  text: { readonly config: TextConfig; readonly tokenizer: Tokenizer } | null;
  image: ImageProcessor;
  augmentation: AugmentationConfig | null;
}

/** @throws {TypeError | RangeError} */
export function readDatasetOptions(options: unknown): DatasetConfig {
  const given = readOptions("MultimodalDataset", options, readers);
  const { onMultipleTexts, image = ImageProcessor.standard() } = given;
  const augmentation =
    given.augmentation === undefined ? null : readAugmentation(given.augmentation, image.config);
  const source = readSource(given);
  if (given.text === null && onMultipleTexts !== "first") {
    throw wrongType("onMultipleTexts", "none with text: null", onMultipleTexts);
  }
  const columns = readColumns(given.columns, source);
  return { source, onMultipleTexts, columns, image, augmentation, text: readTexts(given) };
}

function readTexts({
  text,
  tokenizer,
}: {
  text: TextConfig | null;
  tokenizer: Tokenizer | undefined;
}): DatasetConfig["text"] {
  if (text === null) {
    if (tokenizer === undefined) return null;
    throw wrongType("tokenizer", "none with text: null", tokenizer);
  }
  if (tokenizer !== undefined) return { config: text, tokenizer };
  throw wrongType("tokenizer", "a Tokenizer, or text: null for a dataset without texts", tokenizer);
}

function readColumns(columns: unknown, { columnTypes }: PairSource): readonly ColumnConfig[] {
  if (columns === undefined) return [];
  if (columns !== "auto") return readColumnTypes("columns", columns);
  if (columnTypes !== undefined) return readColumnTypes("source.columnTypes", columnTypes);
  throw wrongType(
    "columns",
    "types by name, as this source does not say what columns it has",
    columns,
  );
}

function readSource({
  source,
  imagePaths,
  texts,
  text,
}: Record<"source" | "imagePaths" | "texts" | "text", unknown>): PairSource {
  if (text === null && texts !== undefined) throw wrongType("texts", "none with text: null", texts);
  if (source === undefined && text === null) return imagesOfArray(imagePaths as ImageInput[]);
  if (source === undefined) return pairsOfArrays(imagePaths as ImageInput[], texts as Texts[]);
  if (imagePaths !== undefined || texts !== undefined) {
    throw wrongType("source", "either source, or imagePaths and texts", source);
  }
  return requireSource(source);
}
