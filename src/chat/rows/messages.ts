import { PixtokError } from "../../shared/errors.js";
import { describe, isObject } from "../../shared/validation.js";
import type { ChatMessage, ChatPart } from "../chat-message.js";
import { partsOfMarked } from "./image-markers.js";
import { withImageType } from "./image-parts.js";

/** Who says what, by the names that data sets have for them. */
const roles: Readonly<Record<string, string>> = {
  human: "user",
  gpt: "assistant",
  chatgpt: "assistant",
  bing: "assistant",
  bard: "assistant",
  model: "assistant",
  function_call: "assistant",
  observation: "tool",
  function_response: "tool",
};

const invalid = (message: string) => new PixtokError("INVALID_CONVERSATION", message);

/**
 * Messages as chat templates read them, of the hub's, OpenAI's and LLaVA's shapes.
 *
 * @param what the column, for errors.
 * @throws {PixtokError} INVALID_CONVERSATION, without the sample's index.
 */
export function messagesOf(value: unknown, what: string): ChatMessage[] {
  const list = typeof value === "string" ? parsed(value, what) : value;
  if (!Array.isArray(list) || list.length === 0) {
    throw invalid(`${what}: expected a list of at least one message, got ${describe(value)}`);
  }
  return list.map((one, at) => messageOf(one, `${what}[${at}]`));
}

/** A list that is kept as JSON. */
function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`${what}: expected a list of messages, or JSON of one, got ${describe(text)}`);
  }
}

function messageOf(given: unknown, what: string): ChatMessage {
  if (!isObject(given)) throw invalid(`${what}: expected a message, got ${describe(given)}`);
  if (given.role === undefined && given.from !== undefined) return llavaMessage(given, what);
  const { role, content, ...rest } = given;
  if (typeof role !== "string") {
    throw invalid(`${what}.role: expected a text, got ${describe(role)}`);
  }
  const own = Object.entries(rest).filter(([, value]) => value != null);
  return {
    role,
    ...(content == null ? {} : { content: contentOf(content, `${what}.content`) }),
    ...Object.fromEntries(own),
  };
}

function llavaMessage({ from, value }: Record<string, unknown>, what: string): ChatMessage {
  if (typeof from !== "string")
    throw invalid(`${what}.from: expected a text, got ${describe(from)}`);
  if (typeof value !== "string") {
    throw invalid(`${what}.value: expected a text, got ${describe(value)}`);
  }
  const role = Object.hasOwn(roles, from) ? (roles[from] as string) : from;
  return { role, content: partsOfMarked(value) };
}

function contentOf(content: unknown, what: string): string | ChatPart[] {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) {
    throw invalid(`${what}: expected a text or a list of parts, got ${describe(content)}`);
  }
  return content.map((part, at) => partOf(part, `${what}[${at}]`));
}

function partOf(given: unknown, what: string): ChatPart {
  if (typeof given === "string") return { type: "text", text: given };
  if (!isObject(given)) throw invalid(`${what}: expected a part, got ${describe(given)}`);
  const own = Object.entries(given).filter(([, value]) => value != null);
  const fields = withImageType(Object.fromEntries(own), what);
  const { type } = fields;
  if (typeof type !== "string")
    throw invalid(`${what}.type: expected a text, got ${describe(type)}`);
  if (type === "text" && typeof fields.text !== "string") {
    throw invalid(`${what}.text: expected a text, got ${describe(fields.text)}`);
  }
  return { ...fields, type } as ChatPart;
}

/**
 * Messages that are for a template as they are, but that parts with an image are image parts.
 *
 * @throws {PixtokError} INVALID_CONVERSATION, without the sample's index.
 */
export function requireMessages(value: unknown): readonly ChatMessage[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid(`messages: expected a list of at least one message, got ${describe(value)}`);
  }
  return value.map((message, at) => {
    const what = `messages[${at}]`;
    if (!isObject(message)) throw invalid(`${what}: expected a message, got ${describe(message)}`);
    const { content } = message;
    if (!Array.isArray(content)) return message as ChatMessage;
    const parts = content.map((part, place) => {
      if (typeof part === "string") return part;
      const name = `${what}.content[${place}]`;
      if (!isObject(part)) throw invalid(`${name}: expected a part, got ${describe(part)}`);
      return withImageType(part, name);
    });
    return { ...message, content: parts } as unknown as ChatMessage;
  });
}
