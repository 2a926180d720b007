import type { ChatMessage } from "../chat/chat-message.js";
import type { ChatOptions } from "../chat/chat-template.js";
import { type PretrainedOptions, pretrainedReaders } from "../hub/pretrained-files.js";
import type { ImageInput } from "../image/image-input.js";
import type { PretrainedProcessorOptions } from "../image/pretrained/pretrained-options.js";
import {
  asGiven,
  group,
  integer,
  type OptionReader,
  type OptionReaders,
  oneOf,
  optional,
  stringOf,
  withDefault,
} from "../shared/options.js";
import { isObject, requireBoolean, wrongType } from "../shared/validation.js";
import type { TokenType } from "../text/token-rows.js";
import { MAX_LENGTH, requirePadding } from "../text/tokenizer-options.js";

/** Settings that replace those of the tokenizer's files. */
export interface ProcessorTokenizerOptions {
  /** What rows are padded with. Default: what the tokenizer's files say. */
  pad_token?: string;
  /** The end of a row that is padded. Default: what the class says, else the tokenizer's files, else "right". */
  padding_side?: "left" | "right";
  /** The end of a text that is cut. Default: what the tokenizer's files say, else "right". */
  truncation_side?: "left" | "right";
}

/** What `Processor.fromPretrained` is given besides the name. */
export interface ProcessorPretrainedOptions extends PretrainedOptions {
  /** Of the image processor: its backend, and keys in place of its file's. Default none. */
  image?: Omit<PretrainedProcessorOptions, "revision">;
  /** Of the tokenizer. Default none. */
  tokenizer?: ProcessorTokenizerOptions;
  /** A template in Jinja in place of the model's own. Default: what the model's files say. */
  chat_template?: string;
}

const side = optional(oneOf(["left", "right"]));

export const pretrainedModelReaders = {
  ...pretrainedReaders,
  image: asGiven,
  tokenizer: optional(
    group({
      pad_token: optional(stringOf("a string")),
      padding_side: side,
      truncation_side: side,
    } satisfies OptionReaders<ProcessorTokenizerOptions>),
  ),
  chat_template: optional(stringOf("a template")),
} satisfies OptionReaders<Record<keyof ProcessorPretrainedOptions, unknown>>;

/** A text or a conversation, with its images. */
export type ProcessorRow =
  | {
      /** With a placeholder of the model's for each image. */
      readonly text: string;
      /** Images, in the order of their placeholders. Default none. */
      readonly images?: ImageInput | readonly unknown[] | null | undefined;
    }
  | {
      /** Who says what, in their order. */
      readonly messages: readonly ChatMessage[];
      /** Images of the image parts that have none of their own, in their order. Default none. */
      readonly images?: ImageInput | readonly unknown[] | null | undefined;
      /** Tools, in place of the options'. Default: the options'. */
      readonly tools?: readonly object[];
      /** The first message that is learned. Default 0. */
      readonly learnsFrom?: number;
    };

/** Names and defaults are those of transformers, but that rows are padded. */
export interface ConversationOptions<T extends TokenType = TokenType> extends ChatOptions {
  /** `true` or "longest": to the longest row. "max_length": to max_length. Default true. */
  padding?: boolean | "longest" | "max_length";
  /** Whether a row is cut that has more than max_length tokens; a cut in an image is an error. Default false. */
  truncation?: boolean;
  /** Most tokens in a row. Default: the limit of the tokenizer's files, where one is needed. */
  max_length?: number;
  /** The length of padded rows is a multiple of it. Default 1. */
  pad_to_multiple_of?: number;
  /**
   * Whether the tokenizer adds tokens of its own. Default: where the text does not begin with its first one and the
   * class does not say otherwise.
   */
  add_special_tokens?: boolean;
  /** Whether `labels` are given: ids of an assistant's words, −100 for all else. A row of messages without one has −100
   * alone; a row of a text does not say what is an assistant's, and is refused. Default false. */
  labels?: boolean;
  /**
   * Whether `assistant_masks` are given: 1 for each token that the template marks by `generation`, and with `labels` for
   * each that is learned. Default false.
   */
  return_assistant_tokens_mask?: boolean;
  /** Element type of the token tensors. Default "int64". */
  type?: T;
}

export const objects: OptionReader<readonly object[]> = (option, value) => {
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw wrongType(option, "a list of objects", value);
};

const flagOrField: OptionReader<boolean | string> = (option, value) => {
  if (typeof value === "boolean" || typeof value === "string") return value;
  throw wrongType(option, "true, false or the name of a field", value);
};

const record: OptionReader<Readonly<Record<string, unknown>>> = (option, value) => {
  if (isObject(value)) return value;
  throw wrongType(option, "an object", value);
};

export const chatReaders = {
  tools: optional(objects),
  documents: optional(objects),
  add_generation_prompt: withDefault(requireBoolean, false),
  continue_final_message: withDefault(flagOrField, false),
  template_kwargs: optional(record),
} satisfies OptionReaders<ChatOptions>;

export const conversationReaders = {
  ...chatReaders,
  padding: (option, value) => requirePadding(option, value ?? true),
  truncation: withDefault(requireBoolean, false),
  max_length: optional(integer(1, MAX_LENGTH)),
  pad_to_multiple_of: withDefault(integer(1, MAX_LENGTH), 1),
  add_special_tokens: optional(requireBoolean),
  labels: withDefault(requireBoolean, false),
  return_assistant_tokens_mask: withDefault(requireBoolean, false),
  type: withDefault(oneOf(["int64", "int32"]), "int64"),
} satisfies OptionReaders<ConversationOptions>;
