import type { ChatOptions, ChatTemplate } from "../chat/chat-template.js";
import { conversationImages } from "../chat/rows/image-parts.js";
import type { ImageInput } from "../image/image-input.js";
import { PixtokError } from "../shared/errors.js";
import { isObject } from "../shared/validation.js";
import { encodeRows } from "./encode-rows.js";
import { learnedWords } from "./learned-words.js";
import { imageMeasure } from "./measure-image.js";
import type { PretrainedModel } from "./pretrained-model.js";
import type { ProcessorRow } from "./processor-options.js";
import type { EncodedRow } from "./row-tensors.js";
import type { RowContent, RowText } from "./row-text.js";

/** How a row is read. */
export interface RowReading extends ChatOptions {
  readonly add_special_tokens: boolean | undefined;
  /** "words": what an assistant says, by the template's marks or else its text. "marks": by the marks alone. */
  readonly learned: "words" | "marks" | "nothing";
}

/** What a Processor consists of. */
export interface ModelCore {
  readonly model: PretrainedModel;
  readonly paddingSide: "left" | "right";
  /** Ids of tokens of images, for each output with types of tokens. */
  readonly types: Readonly<Record<string, ReadonlySet<number>>>;
  /** @throws {PixtokError} INVALID_CHAT_TEMPLATE where the model has no template. */
  requireTemplate(): ChatTemplate;
  /**
   * A row's text and its images; no image is read.
   *
   * @throws {PixtokError} INVALID_CONVERSATION, INVALID_CHAT_TEMPLATE, IMAGES_MISMATCH; without the row's index.
   */
  read(row: ProcessorRow, reading: RowReading): RowContent;
  /** Tokens of rows whose images are measured: encodeRows(). */
  encode(
    rows: readonly RowText[],
    maxLength: number | undefined,
  ): Promise<(EncodedRow | PixtokError)[]>;
}

export function modelCore(model: PretrainedModel, paddingSide?: "left" | "right"): ModelCore {
  const { tokenizer, writing, images, origin, path, names, template } = model;
  const encoding = { tokenizer, writing, measure: imageMeasure(images, origin, path) };
  const types = Object.entries(writing.types).map(([name, tokens]) => [
    name,
    new Set(tokens.map((token) => tokenizer.tokenToId(token)).filter((id) => id !== null)),
  ]);

  const requireTemplate = () => {
    if (template !== undefined) return template;
    const message = "the model has no chat template: give one as chat_template";
    throw new PixtokError("INVALID_CHAT_TEMPLATE", message, { source: path });
  };

  const contentOf = (row: ProcessorRow, { learned, ...options }: RowReading) => {
    if ("text" in row) {
      if (learned === "words") throw unlabelled();
      return { text: row.text, learned: null, images: imagesOf(row.images) };
    }
    const { messages } = row;
    const chat: ChatOptions = row.tools === undefined ? options : { ...options, tools: row.tools };
    const given = conversationImages(messages, listOf(row.images)).map(imageOf);
    const found = requireTemplate();
    if (learned === "words") {
      const words = learnedWords(found, messages, chat, row.learnsFrom);
      return { text: words.chat.text, learned: words.learned, images: given };
    }
    const { text, generation } = found.render(messages, chat);
    return { text, learned: learned === "marks" ? generation : null, images: given };
  };

  return {
    model,
    paddingSide: paddingSide ?? model.class.paddingSide ?? tokenizer.files.paddingSide,
    types: Object.fromEntries(types),
    requireTemplate,
    read(row, reading) {
      const content = contentOf(row, reading);
      const { bos_token: begin } = names.tokens;
      const begins = "messages" in row && begin !== undefined && content.text.startsWith(begin);
      const adds = reading.add_special_tokens ?? model.class.addsSpecialTokens ?? true;
      return { ...content, addSpecialTokens: begins ? false : adds };
    },
    encode: (rows, maxLength) => encodeRows(rows, encoding, maxLength),
  };
}

function unlabelled(): PixtokError {
  const message =
    "labels: a text does not say what is learned of it: give the row as messages, or make labels of input_ids";
  return new PixtokError("INVALID_CONVERSATION", message);
}

const listOf = (images: unknown): readonly unknown[] => {
  if (images == null) return [];
  return Array.isArray(images) ? images : [images];
};

const imagesOf = (images: unknown): ImageInput[] => listOf(images).map(imageOf);

/** An image, or the hub's struct of bytes and a path. */
function imageOf(given: unknown): ImageInput {
  const isStruct = isObject(given) && "bytes" in given;
  return (isStruct ? (given.bytes ?? given.path) : given) as ImageInput;
}
