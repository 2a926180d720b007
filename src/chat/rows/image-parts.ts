import { PixtokError } from "../../shared/errors.js";
import { describe, isObject } from "../../shared/validation.js";
import type { ChatMessage, ChatPart } from "../chat-message.js";

type Fields = Readonly<Record<string, unknown>>;

/** Where a part has its own image. */
const ownImages = ["image", "url", "path", "base64"];

const ownImage = (part: Fields) => ownImages.find((name) => part[name] != null);

const partsOf = ({ content }: ChatMessage): readonly ChatPart[] =>
  Array.isArray(content) ? (content as readonly ChatPart[]) : [];

/** Parts that stand for images, in their order. */
export function imageParts(messages: readonly ChatMessage[]): readonly Fields[] {
  return messages.flatMap(partsOf).filter((part) => part.type === "image");
}

/**
 * A part with an image as an image part: `image_url` of OpenAI, and an `image` without a type. Others as they are.
 *
 * @param what the part is called, for errors.
 * @throws {PixtokError} INVALID_CONVERSATION
 */
export function withImageType(part: Fields, what: string): Fields {
  if (part.type === "image_url") {
    const { image_url: image } = part;
    const url = isObject(image) ? image.url : image;
    if (url != null) return { type: "image", url };
    throw invalid(`${what}.image_url: expected a URL or an object with url`, image);
  }
  const isUntyped = part.type == null && part.image != null;
  return isUntyped ? { ...part, type: "image" } : part;
}

/** Messages whose image parts have no image of their own. */
export function withoutOwnImages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return messages.map((message) => {
    const { content } = message;
    if (!Array.isArray(content)) return message;
    const parts = (content as readonly ChatPart[]).map((part) => {
      if (part.type !== "image") return part;
      const kept = Object.entries(part).filter(([name]) => !ownImages.includes(name));
      return Object.fromEntries(kept) as ChatPart;
    });
    return { ...message, content: parts };
  });
}

/**
 * Images of a conversation's image parts, in their order: a part's own one, else the next of those given.
 *
 * @throws {PixtokError} IMAGES_MISMATCH where these are not as many as the parts without one; INVALID_CONVERSATION.
 */
export function conversationImages(
  messages: readonly ChatMessage[],
  given: readonly unknown[],
): readonly unknown[] {
  let next = 0;
  const images = imageParts(messages).map((part) => {
    const name = ownImage(part);
    if (name === undefined) return given[next++];
    return name === "base64" ? decoded(part.base64) : part[name];
  });
  if (next === given.length) return images;
  throw new PixtokError(
    "IMAGES_MISMATCH",
    `the messages have ${next} image parts without an image of their own, and there are ${given.length} images`,
  );
}

/** Bytes of base64, whether or not it begins as a data URL. */
function decoded(base64: unknown): Buffer {
  if (typeof base64 !== "string") throw invalid("base64: expected a text", base64);
  return Buffer.from(base64.replace(/^data:[^,]*,/, ""), "base64");
}

function invalid(expectation: string, got: unknown): PixtokError {
  return new PixtokError("INVALID_CONVERSATION", `${expectation}, got ${describe(got)}`);
}
