import { PixtokError } from "../shared/errors.js";
import { isObject } from "../shared/validation.js";
import type { ChatMessage } from "./chat-message.js";
import { stripped } from "./jinja/python-text.js";
import { renderTemplate } from "./jinja/render-template.js";
import type { Span } from "./jinja/statements.js";
import { hasGeneration, type Node, parseTemplate } from "./jinja/syntax.js";
import { TemplateError, templateValue, UnsupportedError, type Value } from "./jinja/values.js";

/** What a conversation is written by, beside its messages. */
export interface ChatOptions {
  /** Tools as JSON schemas. Default none. */
  tools?: readonly object[];
  /** Documents to answer from, with "title" and "text". Default none. */
  documents?: readonly object[];
  /** Whether what the assistant's next message begins with follows. Default false. */
  add_generation_prompt?: boolean;
  /** Whether the last message is left open, to go on with it; or the field of it that is. Default false. */
  continue_final_message?: boolean | string;
  /** Other variables of the template, such as `enable_thinking`. Default none. */
  template_kwargs?: Readonly<Record<string, unknown>>;
}

/** A conversation as one text. */
export interface RenderedChat {
  readonly text: string;
  /** What the template marks by `generation`: what the assistant says. Begins and ends in units of JavaScript's. */
  readonly generation: readonly Span[];
}

/** A template that is read. */
export interface ChatTemplate {
  readonly source: string;
  /** Whether it marks what the assistant says. */
  readonly hasGeneration: boolean;
  /** @throws {PixtokError} INVALID_CONVERSATION, INVALID_CHAT_TEMPLATE; without the sample's index. */
  render(messages: readonly ChatMessage[], options: ChatOptions): RenderedChat;
}

/**
 * @param specialTokens variables such as `bos_token`.
 * @param path of the file, for errors.
 * @throws {PixtokError} INVALID_CHAT_TEMPLATE
 */
export async function chatTemplate(
  source: string,
  specialTokens: Readonly<Record<string, string>>,
  path: string,
  now: () => Date = () => new Date(),
): Promise<ChatTemplate> {
  const nodes = await parseTemplate(source, path);
  return {
    source,
    hasGeneration: hasGeneration(nodes),
    render(messages, options) {
      try {
        return rendered(nodes, source, messages, specialTokens, options, now);
      } catch (cause) {
        if (cause instanceof UnsupportedError) {
          const message = `what it uses is not supported: ${cause.message}`;
          throw new PixtokError("INVALID_CHAT_TEMPLATE", message, { source: path, cause });
        }
        if (!(cause instanceof TemplateError || cause instanceof RangeError)) throw cause;
        throw new PixtokError("INVALID_CONVERSATION", whyRefused(cause), { cause });
      }
    },
  };
}

function whyRefused(cause: TemplateError | RangeError): string {
  if (cause instanceof TemplateError) return `the chat template refuses it: ${cause.message}`;
  const isDeep = /call stack/.test(cause.message);
  return isDeep
    ? "the chat template or a message goes too deep"
    : `the chat template computes what there cannot be: ${cause.message}`;
}

/** What a message's thoughts are called; the first is the one that templates read. */
const thoughts = ["reasoning_content", "thinking", "reasoning"];

/** What follows the end of the message that is left open, until the rest is cut off. */
const OPEN = "CONTINUE_FINAL_MESSAGE_TAG ";

type Message = Record<string, unknown>;

/** Without what is null, and with thoughts by each of their names. */
function messageOf(given: ChatMessage): Message {
  if (!isObject(given)) throw new TemplateError("a message is no object");
  const message: Message = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value != null),
  );
  const thought = thoughts.map((name) => message[name]).find((value) => value !== undefined);
  return thought === undefined
    ? message
    : { thinking: thought, ...message, reasoning_content: thought };
}

function rendered(
  nodes: readonly Node[],
  source: string,
  messages: readonly ChatMessage[],
  specialTokens: Readonly<Record<string, string>>,
  options: ChatOptions,
  now: () => Date,
): RenderedChat {
  const { tools = null, documents = null, add_generation_prompt = false } = options;
  const chat = messages.map(messageOf);
  const open = options.continue_final_message
    ? leftOpen(chat, source, options.continue_final_message)
    : undefined;
  const variables: Record<string, Value> = {
    ...templateValues(specialTokens),
    ...templateValues(options.template_kwargs ?? {}),
    messages: templateValue(chat),
    tools: templateValue(tools),
    documents: templateValue(documents),
    add_generation_prompt,
  };
  const { text, spans } = renderTemplate(nodes, variables, now);
  return open === undefined
    ? { text, generation: spans }
    : { text: cutAtOpen(text, open), generation: [] };
}

const templateValues = (given: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, templateValue(value)]));

/** Marks the end of the last message. @returns what it says. @throws {TemplateError} where it says nothing. */
function leftOpen(chat: Message[], source: string, wanted: true | string): string {
  const field = wanted === true ? "content" : wanted;
  const last = chat.at(-1);
  const said = last?.[field];
  if (last === undefined || said === undefined) {
    throw new TemplateError(`continue_final_message: the last message has no ${field}`);
  }
  const fields = thoughts.includes(field)
    ? thoughts.filter((name) => last[name] === said)
    : [field];
  if (!fields.some((name) => source.includes(name))) {
    throw new TemplateError(`continue_final_message: the chat template does not read ${field}`);
  }
  if (typeof said === "string") {
    for (const name of fields) last[name] = said + OPEN;
    return said;
  }
  const parts = Array.isArray(said) ? (said as unknown[]) : [];
  const at = parts.findLastIndex((part) => isObject(part) && typeof part.text === "string");
  if (at < 0) throw new TemplateError("continue_final_message: the last message has no text");
  const { text } = parts[at] as { text: string };
  last[field] = parts.map((part, place) =>
    place === at ? { ...(part as object), text: text + OPEN } : part,
  );
  return text;
}

/** The text up to the mark. @throws {TemplateError} where the template has not written the message. */
function cutAtOpen(text: string, said: string): string {
  const mark = OPEN.trim();
  const at = text.lastIndexOf(mark);
  if (at < 0 || !text.includes(stripped(said, "both"))) {
    throw new TemplateError("continue_final_message: it does not write the last message as it is");
  }
  const before = text.slice(0, at);
  return text.startsWith(OPEN, at) ? before : stripped(before, "right");
}
