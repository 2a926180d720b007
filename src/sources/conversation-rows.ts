import {
  type Conversation,
  type ConversationColumns,
  type Preference,
  readConversation,
  readPreference,
} from "../chat/rows/conversation-row.js";
import type { ImageInput } from "../image/image-input.js";
import { errorOfSample, ofSample } from "../shared/error-of-sample.js";
import { PixtokError } from "../shared/errors.js";
import { locationKind } from "../shared/location.js";
import type { SourceContext } from "../shared/sample-context.js";
import { describe, isObject } from "../shared/validation.js";
import { blocksFrom } from "./block-lengths.js";
import { imagesOf, keyOf, type Pair, type PairSource, requirePair } from "./pair-source.js";

/** What a row of conversations is: one of these, or a text that two assistants go on with. */
export type RowConversation = Conversation | Preference;

/** How rows are read as conversations. */
export interface ConversationReading {
  readonly rows: "conversations" | "preferences";
  readonly columns: ConversationColumns | undefined;
}

/**
 * What is said in a row: of its columns and its images.
 *
 * @param images of the row itself, in place of a column's where there are any.
 * @throws {PixtokError} INVALID_CONVERSATION, IMAGES_MISMATCH; without the row's index.
 */
export function conversationIn(
  { columns = {} }: Pick<Pair, "columns">,
  images: readonly unknown[],
  { rows, columns: names = {} }: ConversationReading,
): RowConversation {
  const column = names.images ?? "images";
  const row = images.length === 0 ? columns : { ...columns, [column]: images };
  return rows === "preferences" ? readPreference(row, names) : readConversation(row, names);
}

/** An image that its source has found for the row. */
class FoundImage {
  constructor(readonly image: ImageInput) {}
}

/** An image of a row as it is; of one that a name stands for, what `byName` gives. */
function imageOf<T>(image: unknown, byName: (name: string) => T): unknown {
  if (image instanceof FoundImage) return image.image;
  if (isObject(image) && ("bytes" in image || "path" in image)) {
    return imageOf(image.bytes ?? image.path, byName);
  }
  if (typeof image !== "string" || locationKind(image) === "data") return image;
  return byName(image);
}

/** A row with other images. */
function mapImages(read: RowConversation, change: (image: unknown) => unknown): RowConversation {
  const changed = (one: Conversation) => ({ ...one, images: one.images.map(change) });
  if (!("chosen" in read)) return changed(read);
  return { chosen: changed(read.chosen), rejected: changed(read.rejected) };
}

/**
 * What is said in a row of pairs. Its columns come from elsewhere: images are those that its source gives.
 *
 * @throws {PixtokError} INVALID_CONVERSATION, for a name of an image in its columns, too; IMAGES_MISMATCH; without the row's index.
 */
export function conversationOfPair(pair: Pair, reading: ConversationReading): RowConversation {
  const own = pair.image === undefined ? [] : imagesOf(pair).map((image) => new FoundImage(image));
  return mapImages(conversationIn(pair, own, reading), (image) =>
    imageOf(image, (name) => {
      const what = `its columns name ${describe(name)}, and a source of pairs does not look for names: open it with rows: "${reading.rows}", or give images as the pair's \`image\``;
      throw new PixtokError("INVALID_CONVERSATION", what);
    }),
  );
}

/** Finds the image of a name that stands in a row's messages. */
export type ImageByName = (
  name: string,
  index: number,
  context: SourceContext,
) => ImageInput | Promise<ImageInput>;

/**
 * Rows of a source as conversations. Data sets come from elsewhere: what a message names is looked for as `byName` says, and
 * never by itself.
 *
 * @param byName Default: an image that a message names is refused.
 */
export function conversationSource(
  source: PairSource,
  reading: ConversationReading,
  byName?: ImageByName,
): PairSource {
  const found = async (image: unknown, index: number, context: SourceContext): Promise<unknown> =>
    imageOf(image, (name) => {
      if (byName !== undefined) return byName(name, index, context);
      const message = `a message names ${describe(name)}, and images of this source stand in a column of images`;
      throw new PixtokError("INVALID_CONVERSATION", message);
    });
  const withImages = async (one: Conversation, index: number, context: SourceContext) => ({
    ...one,
    images: await Promise.all(one.images.map((image) => found(image, index, context))),
  });
  const { length, fingerprint, description, columnTypes, classNames } = source;
  return {
    length,
    ...(fingerprint !== undefined && { fingerprint }),
    ...(description !== undefined && {
      description: description.replace(/pairs$/, reading.rows),
    }),
    ...(columnTypes !== undefined && { columnTypes }),
    ...(classNames !== undefined && { classNames }),
    ...blocksFrom(source, (lengths) => lengths),
    async get(index, context): Promise<Pair> {
      const pair = requirePair(await source.get(index, context), index, false);
      const origin = { index, source: pair.origin ?? keyOf(pair, index) };
      const own = imagesOf(pair).map((image) => new FoundImage(image));
      const read = ofSample(origin, () => conversationIn(pair, own, reading));
      try {
        if (!("chosen" in read)) {
          return { ...pair, conversation: await withImages(read, index, context) };
        }
        const [chosen, rejected] = await Promise.all([
          withImages(read.chosen, index, context),
          withImages(read.rejected, index, context),
        ]);
        return { ...pair, conversation: { chosen, rejected } };
      } catch (error) {
        throw error instanceof PixtokError ? errorOfSample(error, origin) : error;
      }
    },
  };
}
