import type { ChatMessage } from "../chat/chat-message.js";
import type { ChatOptions, ChatTemplate, RenderedChat } from "../chat/chat-template.js";
import { PixtokError } from "../shared/errors.js";

type Span = readonly [begin: number, end: number];

const BEGINS_WITH_ASSISTANT =
  "labels: the conversation begins with an assistant's message, and the chat template does not say which of its words are learned: begin with a user's, or learn from the next by learnsFrom: 1";

/**
 * A conversation and what is learned of it: what the template marks by `generation`, or where it marks nothing, what it
 * writes of each message of an assistant behind that by which it asks for one.
 *
 * @param learnsFrom the first message that is learned. Default: all.
 * @throws {PixtokError} INVALID_CONVERSATION; INVALID_CHAT_TEMPLATE where the template's text does not say what is an
 *   assistant's.
 */
export function learnedWords(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: ChatOptions,
  learnsFrom = 0,
): { readonly chat: RenderedChat; readonly learned: readonly Span[] } {
  const chat = template.render(messages, options);
  const closed = { ...options, continue_final_message: false, add_generation_prompt: false };
  const lengthOf = (count: number, asks = false) => {
    try {
      return prefix(
        template,
        messages.slice(0, count),
        { ...closed, add_generation_prompt: asks },
        chat,
      );
    } catch (cause) {
      if (count > 0 || !(cause instanceof PixtokError)) throw cause;
      // a template may write a message of the system or refuse where nobody has asked
      throw new PixtokError("INVALID_CONVERSATION", BEGINS_WITH_ASSISTANT, { cause });
    }
  };
  if (template.hasGeneration) {
    // marks of the first messages come first, whatever is written around them
    const before =
      learnsFrom === 0 ? [] : template.render(messages.slice(0, learnsFrom), closed).generation;
    return { chat, learned: chat.generation.slice(before.length) };
  }
  const last = messages.length - 1;
  const learned = messages.flatMap(({ role }, at): Span[] => {
    if (role !== "assistant" || at < learnsFrom) return [];
    const isOpen = at === last && options.add_generation_prompt !== true;
    return [[lengthOf(at, true), isOpen ? chat.text.length : lengthOf(at + 1)]];
  });
  return { chat, learned };
}

/** Length of what the first messages become, which the whole text has to begin with. */
function prefix(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: ChatOptions,
  { text }: RenderedChat,
): number {
  const begun = template.render(messages, options).text;
  if (text.startsWith(begun)) return begun.length;
  throw new PixtokError(
    "INVALID_CHAT_TEMPLATE",
    `what it writes of ${messages.length} messages is not what a longer conversation begins with, so that it does not say which words are an assistant's: give a chat_template that marks them by {% generation %}`,
  );
}
