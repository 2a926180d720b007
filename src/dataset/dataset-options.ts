import type { AugmentationOptions } from "../image/augmentation.js";
import type { ImageInput } from "../image/image-input.js";
import type { ImageProcessor } from "../image/image-processor.js";
import { requireInteger, requireOneOf, requireOptions, wrongType } from "../shared/validation.js";
import type { SourceOptions } from "../sources/open-source.js";
import {
  type PairSource,
  pairsOfArrays,
  requireSource,
  type Texts,
} from "../sources/pair-source.js";
import { type TextCleaning, textCleaner } from "../text/text-cleaning.js";
import type { TokenType } from "../text/token-rows.js";
import type { Tokenizer } from "../text/tokenizer.js";
import type { OnMultipleTexts } from "./multiple-texts.js";

/** What is left out is the standard preset's. */
export interface TextOptions {
  /**
   * What of a text is kept. "alphanumeric": lower case, ASCII letters, digits and white space. Default
   * "alphanumeric".
   */
  clean?: TextCleaning;
  /** Tokens in a row, special ones included; longer texts are cut. Default 128. */
  maxLength?: number;
  /**
   * "max_length": every row has maxLength tokens. "longest": as many as the batch's longest. Default
   * "max_length".
   */
  padding?: "max_length" | "longest";
  /** Type of the token tensors. Default "int64". */
  type?: TokenType;
}

export interface TextConfig extends Required<TextOptions> {
  cleaner: (text: string) => string;
}

/** Options of a `MultimodalDataset`. What is left out is the standard preset's. */
export interface MultimodalDatasetOptions {
  /**
   * Images: paths, encoded bytes or pixels. Relative paths start at the current folder. No default:
   * these and `texts`, or `source`.
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
  /** What texts go through. It needs a padding token. */
  tokenizer: Tokenizer;
  /** What images go through. Default `ImageProcessor.standard()`. */
  image?: ImageProcessor;
  /** What is drawn for every image in every epoch. Default none. */
  augmentation?: AugmentationOptions;
  /** How texts are cleaned, cut and padded. Default: the standard preset's. */
  text?: TextOptions;
}

export const datasetOptionNames = [
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

/** @throws {TypeError | RangeError} */
export function readTextConfig(options: unknown): TextConfig {
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

/** @throws {TypeError | RangeError} */
export function readSource(options: Record<string, unknown>): PairSource {
  const { source, imagePaths, texts } = options;
  if (source === undefined) return pairsOfArrays(imagePaths as ImageInput[], texts as Texts[]);
  if (imagePaths !== undefined || texts !== undefined) {
    throw wrongType("source", "either source, or imagePaths and texts", source);
  }
  return requireSource(source);
}

type DatasetOptions = Omit<
  MultimodalDatasetOptions,
  "imagePaths" | "texts" | "source" | "tokenizer" | "onMultipleTexts"
>;

/** What is left out is the packed set's, or else the standard preset's. */
export interface FromOptions extends DatasetOptions, SourceOptions {
  /** What texts go through. Default: that of a packed set; other sources need one. */
  tokenizer?: Tokenizer;
  /**
   * Where an image has several texts: the first; one that seed, epoch and index decide; or a pair for
   * each, for which all texts are read once. Default "first", of a packed set what it was packed for.
   */
  onMultipleTexts?: OnMultipleTexts | "all";
}
