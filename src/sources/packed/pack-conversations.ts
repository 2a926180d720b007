import {
  type ConversationColumns,
  readConversationColumns,
} from "../../chat/rows/conversation-row.js";
import { MAX_ROW_TOKENS } from "../../shared/limits.js";
import {
  isObject,
  requireBoolean,
  requireInteger,
  requireOneOf,
  requireString,
  wrongType,
} from "../../shared/validation.js";

/** What conversations went through. */
export interface PackedConversations {
  readonly model: {
    /** Of transformers' processor, without "Processor". */
    readonly class: string;
    /** What the class has read of the model's files, by name: numbers and tokens. */
    readonly used: Readonly<Record<string, unknown>>;
    /** Tokens that chat templates know, by name. */
    readonly tokens: Readonly<Record<string, string>>;
    /** SHA-256 of the chat template. */
    readonly templateSha256: string;
  };
  /** The end of a row that is padded later. */
  readonly paddingSide: "left" | "right";
  /** The dataset's options of the same names; null where there are none. */
  readonly chat: {
    readonly rows: "conversations" | "preferences";
    /** Where they were in their source: of what is read again, nothing depends on it. */
    readonly columns: ConversationColumns | null;
    readonly maxLength: number | null;
    readonly labels: boolean;
    readonly addSpecialTokens: boolean | null;
    readonly addGenerationPrompt: boolean;
    readonly tools: readonly object[] | null;
    readonly documents: readonly object[] | null;
    readonly templateKwargs: Readonly<Record<string, unknown>> | null;
  };
  /** Names of the columns with a number for each token; ids are the first. */
  readonly tokens: readonly string[];
}

/** More columns of numbers of tokens are refused. */
export const MOST_TOKEN_COLUMNS = 16;

function requireObject(option: string, value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw wrongType(option, "an object", value);
  return value;
}

function objectsOrNull(option: string, value: unknown): readonly object[] | null {
  if (value === null) return null;
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw wrongType(option, "an array of objects", value);
}

/**
 * What a file says of conversations, checked.
 *
 * @throws {TypeError | RangeError}
 */
export function requireConversations(given: Record<string, unknown>): PackedConversations {
  const inside = (name: string) => requireObject(`conversations.${name}`, given[name]);
  const [model, chat] = [inside("model"), inside("chat")];
  const { tokens } = given;
  if (!Array.isArray(tokens) || tokens.length < 1 || tokens.length > MOST_TOKEN_COLUMNS) {
    throw wrongType("conversations.tokens", `1 to ${MOST_TOKEN_COLUMNS} names`, tokens);
  }
  const named = Object.entries(requireObject("conversations.model.tokens", model.tokens));
  const flag = (name: string) => requireBoolean(`conversations.chat.${name}`, chat[name]);
  const orNull = <T>(name: string, read: (option: string, value: unknown) => T): T | null =>
    chat[name] === null ? null : read(`conversations.chat.${name}`, chat[name]);
  return {
    model: {
      class: requireString("conversations.model.class", model.class),
      used: requireObject("conversations.model.used", model.used),
      tokens: Object.fromEntries(
        named.map(([name, one]) => [
          name,
          requireString(`conversations.model.tokens.${name}`, one),
        ]),
      ),
      templateSha256: requireString("conversations.model.templateSha256", model.templateSha256),
    },
    paddingSide: requireOneOf("conversations.paddingSide", given.paddingSide, ["left", "right"]),
    chat: {
      rows: requireOneOf("conversations.chat.rows", chat.rows, ["conversations", "preferences"]),
      columns: orNull("columns", readConversationColumns),
      maxLength: orNull("maxLength", (option, one) =>
        requireInteger(option, one, 1, MAX_ROW_TOKENS),
      ),
      labels: flag("labels"),
      addSpecialTokens: orNull("addSpecialTokens", requireBoolean),
      addGenerationPrompt: flag("addGenerationPrompt"),
      tools: objectsOrNull("conversations.chat.tools", chat.tools),
      documents: objectsOrNull("conversations.chat.documents", chat.documents),
      templateKwargs: orNull("templateKwargs", requireObject),
    },
    tokens: tokens.map((name, place) => requireString(`conversations.tokens[${place}]`, name)),
  };
}
