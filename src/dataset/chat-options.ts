import type { ChatOptions } from "../chat/chat-template.js";
import {
  type ConversationColumns,
  readConversationColumns,
} from "../chat/rows/conversation-row.js";
import { MAX_ROW_TOKENS } from "../shared/limits.js";
import {
  group,
  integer,
  type OptionReaders,
  oneOf,
  optional,
  withDefault,
} from "../shared/options.js";
import { isObject, outOfRange, requireBoolean, wrongType } from "../shared/validation.js";
import type { TokenType } from "../text/token-rows.js";
import { objects } from "../vision-language/processor-options.js";

/** How conversations become tokens, in a dataset with a `processor`. */
export interface ChatRowOptions {
  /**
   * "conversations": `messages`, or a `prompt` and its `completion`. "preferences": an answer that is `chosen` and one that is
   * `rejected`, whose tensors batches have beside those of the chosen one. Default "conversations".
   */
  rows?: "conversations" | "preferences";
  /** Columns of a row, where they are not the usual ones. Default: as readConversation() looks for them. */
  columns?: ConversationColumns;
  /** Tokens in a row at most: longer ones are cut, and one that would be cut in an image is an error. Default: no limit. */
  maxLength?: number;
  /** "longest": to as many tokens as the batch's longest row. "max_length": to maxLength. Default "longest". */
  padding?: "longest" | "max_length";
  /** Rows are padded to a length that is a multiple of this; maxLength has to be one. Default 1. */
  padToMultipleOf?: number;
  /** Type of the token tensors. Default "int64". */
  type?: TokenType;
  /** Whether batches have `labels`: ids of an assistant's words, −100 for all else. Default true. */
  labels?: boolean;
  /**
   * Whether the tokenizer adds tokens of its own. Default: where the text does not begin with its first one and the class
   * does not say otherwise.
   */
  addSpecialTokens?: boolean;
  /** Whether a conversation ends by what asks an assistant for an answer: to generate one. Default false. */
  addGenerationPrompt?: boolean;
  /** What the template calls `tools`, where a row has none of its own. Default none. */
  tools?: readonly object[];
  /** What the template calls `documents`. Default none. */
  documents?: readonly object[];
  /** Further variables of the template. Default none. */
  templateKwargs?: Readonly<Record<string, unknown>>;
}

/** The options, read. */
export type ChatRowConfig = Required<
  Pick<ChatRowOptions, "rows" | "padding" | "padToMultipleOf" | "type" | "labels">
> & {
  readonly columns: ConversationColumns | undefined;
  readonly maxLength: number | undefined;
  readonly addSpecialTokens: boolean | undefined;
  /** What templates are given. */
  readonly template: ChatOptions;
};

const variables = (option: string, value: unknown): Readonly<Record<string, unknown>> => {
  if (isObject(value)) return value;
  throw wrongType(option, "an object", value);
};

const readGiven = group({
  rows: withDefault(oneOf(["conversations", "preferences"]), "conversations"),
  columns: optional(readConversationColumns),
  maxLength: optional(integer(1, MAX_ROW_TOKENS)),
  padding: withDefault(oneOf(["longest", "max_length"]), "longest"),
  padToMultipleOf: withDefault(integer(1, MAX_ROW_TOKENS), 1),
  type: withDefault(oneOf(["int64", "int32"]), "int64"),
  labels: withDefault(requireBoolean, true),
  addSpecialTokens: optional(requireBoolean),
  addGenerationPrompt: withDefault(requireBoolean, false),
  tools: optional(objects),
  documents: optional(objects),
  templateKwargs: optional(variables),
} satisfies OptionReaders<ChatRowOptions>);

/**
 * What a source of conversations is opened with. What goes together of the rest is known where what a pack says is known.
 *
 * @throws {TypeError | RangeError}
 */
export function readChatSource(
  option: string,
  value: unknown,
): Pick<ChatRowConfig, "rows" | "columns"> {
  const { rows, columns } = readGiven(option, value ?? {});
  return { rows, columns };
}

/** @throws {TypeError | RangeError} */
export function readChatOptions(option: string, value: unknown): ChatRowConfig {
  const given = readGiven(option, value ?? {});
  const { addGenerationPrompt, tools, documents, templateKwargs, ...config } = given;
  const { maxLength, padding, padToMultipleOf } = config;
  if (maxLength === undefined && padding === "max_length") {
    throw outOfRange(`${option}.maxLength`, 'a length, as padding is "max_length"', maxLength);
  }
  if (maxLength !== undefined && maxLength % padToMultipleOf !== 0) {
    const multiple = `a multiple of ${option}.padToMultipleOf (${padToMultipleOf})`;
    throw outOfRange(`${option}.maxLength`, multiple, maxLength);
  }
  const template = {
    add_generation_prompt: addGenerationPrompt,
    ...(tools !== undefined && { tools }),
    ...(documents !== undefined && { documents }),
    ...(templateKwargs !== undefined && { template_kwargs: templateKwargs }),
  };
  return { ...config, template };
}
