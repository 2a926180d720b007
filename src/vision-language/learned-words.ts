import type { ChatMessage } from "../chat/chat-message.js";
import type { ChatOptions, ChatTemplate, RenderedChat } from "../chat/chat-template.js";
import { PixtokError } from "../shared/errors.js";

type Span = readonly [begin: number, end: number];

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
  if (template.hasGeneration) {
    const begin =
      learnsFrom === 0 ? 0 : template.render(messages.slice(0, learnsFrom), options).text.length;
    return { chat, learned: chat.generation.filter(([, end]) => end > begin) };
  }
  const learned = messages.flatMap((message, at): Span[] => {
    if (message.role !== "assistant" || at < learnsFrom) return [];
    const begin = prefix(
      template,
      messages.slice(0, at),
      { ...options, add_generation_prompt: true },
      chat,
    );
    const isLast = at === messages.length - 1;
    const end = isLast
      ? chat.text.length - promptLength(template, messages, options, chat)
      : prefix(
          template,
          messages.slice(0, at + 1),
          { ...options, add_generation_prompt: false },
          chat,
        );
    return [[begin, end]];
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

/** Of what asks for one more message, where that is asked for. */
function promptLength(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: ChatOptions,
  { text }: RenderedChat,
): number {
  if (options.add_generation_prompt !== true) return 0;
  const without = template.render(messages, { ...options, add_generation_prompt: false }).text;
  return text.startsWith(without) ? text.length - without.length : 0;
}
