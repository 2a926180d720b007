import { isDeepStrictEqual } from "node:util";
import type { Conversation } from "../chat/rows/conversation-row.js";
import { type ImageInput, imageLabel, requireImage } from "../image/image-input.js";
import { ofSample } from "../shared/error-of-sample.js";
import { PixtokError, type SampleOrigin } from "../shared/errors.js";
import type { SignalledContext } from "../shared/sample-context.js";
import type { ColumnConfig } from "../sources/column-types.js";
import { conversationIn, conversationOfPair } from "../sources/conversation-rows.js";
import { type Pair, type PairSource, requirePair } from "../sources/pair-source.js";
import type { ModelCore, RowReading } from "../vision-language/model-core.js";
import type { RowContent } from "../vision-language/row-text.js";
import type { ChatRowConfig } from "./chat-options.js";
import { columnValues } from "./column-values.js";
import { isUsersArray } from "./conversation-rows.js";
import type { PairImage } from "./multiple-images.js";
import { namesOf } from "./pair-names.js";
import type { PairReader, ReadPair } from "./pair-reader.js";
import { asSampleFault } from "./sample-fault.js";

/** What conversations are read by. */
export interface ConversationReaderOptions {
  readonly source: PairSource;
  readonly core: ModelCore;
  readonly chat: ChatRowConfig;
  readonly columns: readonly ColumnConfig[];
  /** Gives a pair with its tokens. */
  readonly complete: (pair: ReadPair, context: SignalledContext) => Promise<ReadPair>;
}

/** Images of a row of any number of them, checked. */
export function rowImages(
  images: readonly ImageInput[],
  { index, source }: SampleOrigin,
): PairImage[] {
  return images.map((image, place) => {
    const isNamed = typeof image === "string" || image instanceof URL;
    const name = isNamed ? imageLabel(image) : `${source}, image ${place + 1}`;
    return { image: requireImage(image, index, name), source: name, place };
  });
}

/** Who says what, a line each, for people to read. */
function turnsIn({ messages }: Conversation): string {
  const turns = messages.map(({ role, content }) => {
    const parts = typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
    const said = parts.map((part) => (part.type === "text" ? String(part.text) : `[${part.type}]`));
    return `${role}: ${said.join(" ")}`;
  });
  return turns.join("\n");
}

function isSameImage(one: unknown, other: unknown): boolean {
  if (one instanceof URL || other instanceof URL) return String(one) === String(other);
  if (one instanceof Uint8Array && other instanceof Uint8Array) {
    return Buffer.compare(one, other) === 0;
  }
  return isDeepStrictEqual(one, other);
}

/** @throws {PixtokError} INVALID_CONVERSATION */
function requireSameImages(
  [first, ...others]: readonly Conversation[],
  origin: SampleOrigin,
): void {
  for (const { images } of others) {
    if (images.length === first?.images.length) {
      if (images.every((image, place) => isSameImage(image, first.images[place]))) continue;
    }
    const message = "chosen and rejected are about different images, and a row has these once";
    throw new PixtokError("INVALID_CONVERSATION", message, origin);
  }
}

/**
 * Reads rows as conversations, written as texts by the model's template. Images are not opened, and what they become in a text
 * is not known before they are measured.
 */
export function conversationReader({
  source,
  core,
  chat,
  columns,
  complete,
}: ConversationReaderOptions): PairReader {
  const { classNames = {} } = source;
  const reading: RowReading = {
    ...chat.template,
    add_special_tokens: chat.addSpecialTokens,
    learned: chat.labels ? "words" : "nothing",
  };
  const contentOf = ({ messages, images, tools, learnsFrom }: Conversation): RowContent =>
    core.read(
      {
        messages,
        images: images as readonly ImageInput[],
        ...(tools !== undefined && { tools }),
        ...(learnsFrom !== undefined && { learnsFrom }),
      },
      reading,
    );

  const conversationsOf = (pair: Pair, origin: SampleOrigin): readonly Conversation[] => {
    const read = ofSample(origin, () => {
      if (pair.conversation !== undefined) return pair.conversation;
      const how = { rows: chat.rows, columns: chat.columns };
      return isUsersArray(source) ? conversationIn(pair, [], how) : conversationOfPair(pair, how);
    });
    const isPreference = "chosen" in read;
    if (isPreference !== (chat.rows === "preferences")) {
      const message = `expected ${chat.rows}, as chat.rows says, got ${isPreference ? "preferences" : "conversations"}`;
      throw new PixtokError("INVALID_CONVERSATION", message, origin);
    }
    return isPreference ? [read.chosen, read.rejected] : [read];
  };

  const read = async (index: number, context: SignalledContext): Promise<ReadPair> => {
    const raw = requirePair(
      await asSampleFault(index, () => source.get(index, context)),
      index,
      false,
    );
    const { key, source: named } = namesOf(
      raw.image === undefined ? { ...raw, image: [] } : raw,
      index,
    );
    const origin = { index, source: named };
    // a row of the user's own may have getters
    const conversations = await asSampleFault(index, () => conversationsOf(raw, origin));
    requireSameImages(conversations, origin);
    const contents = conversations.map((one) => ofSample(origin, () => contentOf(one)));
    const first = contents[0] as RowContent;
    return {
      index,
      images: rowImages(first.images, origin),
      columnImages: [],
      text: first.text,
      original: turnsIn(conversations[0] as Conversation),
      key,
      source: named,
      columns: columns.length === 0 ? [] : columnValues(columns, raw.columns, classNames, origin),
      contents,
    };
  };

  const readWhole = async (index: number, context: SignalledContext): Promise<ReadPair> =>
    complete(await read(index, context), context);

  return {
    length: source.length,
    read,
    async readEveryText(index, context) {
      const { text, original: _, tokens, ...pair } = await readWhole(index, context);
      return { ...pair, texts: [text], ...(tokens !== undefined && { tokens: [tokens] }) };
    },
    readText: readWhole,
  };
}
