import { type PretrainedOptions, pretrainedReaders } from "../hub/pretrained-files.js";
import {
  asGiven,
  integer,
  type OptionReaders,
  oneOf,
  optional,
  stringOf,
  withDefault,
} from "../shared/options.js";
import { requireBoolean, requireInteger, requireOneOf, wrongType } from "../shared/validation.js";
import type { TokenType } from "./token-rows.js";
import type { TruncationStrategy } from "./truncation.js";

/** Settings that replace those of the tokenizer's own files. */
export interface PretrainedTokenizerOptions extends PretrainedOptions {
  /** What rows are padded with. Default: what the tokenizer's files say. */
  pad_token?: string;
  /** The end of a row that is padded. Default: what the tokenizer's files say, else "right". */
  padding_side?: "left" | "right";
  /** The end of a text that is cut. Default: what the tokenizer's files say, else "right". */
  truncation_side?: "left" | "right";
}

/** Names and defaults are those of the transformers.js tokenizers. */
export interface EncodeOptions<T extends TokenType = TokenType> {
  /** Second texts, one for each first text. Default none. */
  text_pair?: string | readonly string[] | null;
  /** `true` or "longest": to the longest row. "max_length": to max_length. Default false. */
  padding?: boolean | "longest" | "max_length";
  /**
   * Whether a text is cut where its row would be longer than max_length; special tokens are kept. Of
   * a pair `true` or "longest_first" cut the longer text first, the others that text alone. Default
   * false: such a text is an error.
   */
  truncation?: boolean | TruncationStrategy;
  /**
   * Most tokens in a row, special tokens included. Default, for truncation and for padding to it:
   * the model's own (`model_max_length` in tokenizer_config.json, else the one in tokenizer.json).
   */
  max_length?: number | null;
  /**
   * The length that rows are padded to is made a multiple of this, for hardware that likes it. A
   * max_length of truncated rows has to be one. Default: any length.
   */
  pad_to_multiple_of?: number | null;
  /**
   * Whether what was cut off becomes rows too, behind the row of its text; overflow_to_sample_mapping
   * says whose they are. Default false.
   */
  return_overflowing_tokens?: boolean;
  /** Tokens that such a row has in common with the one before it. Default 0. */
  stride?: number;
  /** Whether offset_mapping is given. Default false. */
  return_offsets_mapping?: boolean;
  /** Whether tokens such as [CLS] and [SEP] are added. Default true. */
  add_special_tokens?: boolean;
  /** Type of the tensors. Default "int64". */
  type?: T;
}

/** Options of `Tokenizer.decode`. */
export interface DecodeOptions {
  /** Leave out special tokens such as [CLS] and padding. Default false. */
  skip_special_tokens?: boolean;
}

export const MAX_LENGTH = 2 ** 31 - 1;

export function requireTextList(option: string, value: unknown): string[] {
  const texts = Array.isArray(value) ? value : [value];
  for (const [position, text] of texts.entries()) {
    if (typeof text !== "string") {
      throw wrongType(Array.isArray(value) ? `${option}[${position}]` : option, "a string", text);
    }
  }
  return texts;
}

export function requirePadding(option: string, value: unknown): "longest" | "max_length" | false {
  if (value === false) return false;
  if (value === true) return "longest";
  return requireOneOf(option, value, ["longest", "max_length"]);
}

const readSide = optional(oneOf(["left", "right"]));

export const fromPretrainedReaders = {
  ...pretrainedReaders,
  pad_token: optional(stringOf("a string")),
  padding_side: readSide,
  truncation_side: readSide,
} satisfies OptionReaders<PretrainedTokenizerOptions>;

function requireTruncation(option: string, value: unknown): TruncationStrategy | false {
  if (value === false) return false;
  if (value === true) return "longest_first";
  return requireOneOf(option, value, ["longest_first", "only_first", "only_second"]);
}

function readTextPair(option: string, value: unknown): string[] | undefined {
  return value == null ? undefined : requireTextList(option, value);
}

export const encodeReaders = {
  text_pair: readTextPair,
  padding: withDefault(requirePadding, false),
  truncation: withDefault(requireTruncation, false),
  max_length: asGiven,
  pad_to_multiple_of: (option, value) =>
    value == null ? undefined : requireInteger(option, value, 1, MAX_LENGTH),
  return_overflowing_tokens: withDefault(requireBoolean, false),
  stride: withDefault(integer(0, MAX_LENGTH), 0),
  return_offsets_mapping: withDefault(requireBoolean, false),
  add_special_tokens: withDefault(requireBoolean, true),
  type: withDefault(oneOf(["int64", "int32"]), "int64"),
} satisfies OptionReaders<EncodeOptions>;

export const decodeReaders = {
  skip_special_tokens: withDefault(requireBoolean, false),
} satisfies OptionReaders<DecodeOptions>;
