import type { ChatMessage, ChatPart } from "../chat-message.js";

/** What stands for an image in the texts of LLaVA's data, and of LLaMA-Factory's. */
const MARKER = "<image>";

const imagePart: ChatPart = { type: "image" };

/** A text with markers in it as parts; the line that an image stands on alone is not part of the text. */
export function partsOfMarked(text: string): string | ChatPart[] {
  if (!text.includes(MARKER)) return text;
  const texts = text.split(MARKER);
  return texts.flatMap((part, at): ChatPart[] => {
    const fromImage = at > 0 ? part.replace(/^\n/, "") : part;
    const own = at < texts.length - 1 ? fromImage.replace(/\n$/, "") : fromImage;
    const said: ChatPart[] = own === "" ? [] : [{ type: "text", text: own }];
    return at < texts.length - 1 ? [...said, imagePart] : said;
  });
}

/** Messages with image parts where their texts have markers. */
export function withMarkedImages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return messages.map((message) => {
    const { content } = message;
    if (typeof content === "string") return { ...message, content: partsOfMarked(content) };
    if (!Array.isArray(content)) return message;
    return { ...message, content: (content as readonly ChatPart[]).flatMap(partsOfPart) };
  });
}

function partsOfPart(part: ChatPart): ChatPart[] {
  if (part.type !== "text") return [part];
  const parts = partsOfMarked(part.text as string);
  return typeof parts === "string" ? [part] : parts;
}
