import { PixtokError } from "../../shared/errors.js";
import { type OptionReaders, optional, readOptions, stringOf } from "../../shared/options.js";
import { describe, isObject, wrongType } from "../../shared/validation.js";
import type { ChatMessage } from "../chat-message.js";
import { withMarkedImages } from "./image-markers.js";
import { conversationImages, imageParts, withoutOwnImages } from "./image-parts.js";
import { messagesOf } from "./messages.js";

/** A row as a conversation about images. */
export interface Conversation {
  /** Who says what, in their order. */
  readonly messages: readonly ChatMessage[];
  /** Images in the order of the messages' image parts, which have none of their own any more. */
  readonly images: readonly unknown[];
  /** Tools that the row has. Default none. */
  readonly tools?: readonly object[];
  /** The first message that is learned: behind those of a prompt. Default 0. */
  readonly learnsFrom?: number;
}

/** Two answers to the same, and which is the better one. */
export interface Preference {
  /** With the better answer. */
  readonly chosen: Conversation;
  /** With the other one. */
  readonly rejected: Conversation;
}

/** Columns of a row, where they are not the usual ones. */
export interface ConversationColumns {
  /** Of messages. Default "messages", "conversations" or "conversation". */
  messages?: string;
  /** Of what is asked. Default "prompt". */
  prompt?: string;
  /** Of what is answered. Default "completion". */
  completion?: string;
  /** Of the better of two answers. Default "chosen". */
  chosen?: string;
  /** Of the other one. Default "rejected". */
  rejected?: string;
  /** Of one image or several. Default "images" or "image". */
  images?: string;
  /** Of tools. Default "tools". */
  tools?: string;
}

const column = optional(stringOf("the name of a column"));
const readers = {
  messages: column,
  prompt: column,
  completion: column,
  chosen: column,
  rejected: column,
  images: column,
  tools: column,
} satisfies OptionReaders<ConversationColumns>;

/** @throws {TypeError} */
export function readConversationColumns(option: string, value: unknown): ConversationColumns {
  const names = Object.entries(readOptions(option, value, readers, `${option}.`));
  return Object.fromEntries(names.filter(([, name]) => name !== undefined));
}

type Columns = Readonly<Record<string, unknown>>;

const invalid = (message: string) => new PixtokError("INVALID_CONVERSATION", message);

/**
 * A row of a data set as messages and images: `messages` of the hub or of OpenAI, `conversations` of LLaVA, or a prompt
 * and its completion. Where no message has an image part, images of a column stand where texts have `<image>`, or else
 * come first in the first message of a user.
 *
 * @throws {TypeError} for a row that is no object, and for columns that do not exist.
 * @throws {PixtokError} INVALID_CONVERSATION, IMAGES_MISMATCH
 */
export function readConversation(
  row: Readonly<Record<string, unknown>>,
  columns: ConversationColumns = {},
): Conversation {
  const names = readOptions("readConversation", columns, readers);
  requireRow(row);
  const of = named(row, names.messages, ["messages", "conversations", "conversation"]);
  if (of !== undefined) return withImages(messagesOf(row[of], of), row, names);
  const prompt = named(row, names.prompt, ["prompt"]);
  const completion = named(row, names.completion, ["completion"]);
  if (prompt === undefined || completion === undefined) {
    // of a table each row has all columns, some of them empty
    const filled = Object.keys(row).filter((name) => row[name] != null);
    const has = filled.length === 0 ? "no values" : filled.slice(0, 20).join(", ");
    throw invalid(
      `the row has no messages, conversations, or prompt and completion; it has ${has}`,
    );
  }
  const asked = said(row[prompt], "user", prompt);
  const answered = said(row[completion], "assistant", completion);
  return { ...withImages([...asked, ...answered], row, names), learnsFrom: asked.length };
}

/**
 * A row with two answers, `chosen` and `rejected`, each the whole conversation or what follows on `prompt`.
 *
 * @throws {TypeError} for a row that is no object, and for columns that do not exist.
 * @throws {PixtokError} INVALID_CONVERSATION, IMAGES_MISMATCH
 */
export function readPreference(
  row: Readonly<Record<string, unknown>>,
  columns: ConversationColumns = {},
): Preference {
  const names = readOptions("readPreference", columns, readers);
  requireRow(row);
  const prompt = named(row, names.prompt, ["prompt"]);
  const asked = prompt === undefined ? [] : said(row[prompt], "user", prompt);
  const answer = (name: string): Conversation => {
    if (row[name] == null) throw invalid(`the row has no ${name}`);
    const answered = said(row[name], "assistant", name);
    const own = withImages([...asked, ...answered], row, names);
    const begins = asked.length > 0 ? asked.length : answered.length - 1;
    return { ...own, learnsFrom: begins };
  };
  return {
    chosen: answer(names.chosen ?? "chosen"),
    rejected: answer(names.rejected ?? "rejected"),
  };
}

function requireRow(row: unknown): void {
  if (!isObject(row)) throw wrongType("row", "an object with the columns of a row", row);
}

/** The first of some columns that the row has. */
function named(
  row: Columns,
  given: string | undefined,
  usual: readonly string[],
): string | undefined {
  return (given === undefined ? usual : [given]).find((name) => row[name] != null);
}

/** A text as a message, or messages as they are. */
function said(value: unknown, role: string, what: string): ChatMessage[] {
  return typeof value === "string" ? [{ role, content: value }] : messagesOf(value, what);
}

type Names = { readonly images: string | undefined; readonly tools: string | undefined };

function withImages(messages: ChatMessage[], row: Columns, names: Names): Conversation {
  const column = named(row, names.images, ["images", "image"]);
  const value = column === undefined ? [] : row[column];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const images = list.filter((image) => image != null);
  const tools = toolsOf(row, names.tools ?? "tools");
  const placed = column === undefined ? messages : placeImages(messages, images.length);
  const all = conversationImages(placed, images);
  return { messages: withoutOwnImages(placed), images: all, ...tools };
}

function toolsOf(row: Columns, name: string): Pick<Conversation, "tools"> {
  const given = row[name];
  if (given == null) return {};
  let tools: unknown = given;
  if (typeof given === "string") {
    try {
      tools = JSON.parse(given);
    } catch {
      throw invalid(`${name}: expected a list of tools, or JSON of one, got ${describe(given)}`);
    }
  }
  if (Array.isArray(tools) && tools.every(isObject)) return { tools };
  throw invalid(`${name}: expected a list of tools, got ${describe(given)}`);
}

/** Messages with image parts for images of a column: their own, those that texts mark, or else in front. */
function placeImages(messages: readonly ChatMessage[], count: number): readonly ChatMessage[] {
  const hasParts = (some: readonly ChatMessage[]) => imageParts(some).length > 0;
  if (hasParts(messages)) return messages;
  const marked = withMarkedImages(messages);
  return hasParts(marked) ? marked : imagesFirst(messages, count);
}

function imagesFirst(messages: readonly ChatMessage[], count: number): readonly ChatMessage[] {
  const first = messages.findIndex(({ role }) => role === "user");
  if (count === 0 || first < 0) return messages;
  return messages.map((message, at) => {
    if (at !== first) return message;
    const { content = "" } = message;
    const text = typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
    const images = Array.from({ length: count }, () => ({ type: "image" }));
    return { ...message, content: [...images, ...text] };
  });
}
