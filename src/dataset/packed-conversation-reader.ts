import type { PictureStorage } from "../image/views/picture-storage.js";
import type { SignalledContext } from "../shared/sample-context.js";
import type { ColumnConfig } from "../sources/column-types.js";
import type { PackedPair, PackedSource } from "../sources/packed/is-packed.js";
import type { PackedConversations } from "../sources/packed/pack-conversations.js";
import { invalidPack } from "../sources/packed/pack-format.js";
import { imagesOf, requirePair } from "../sources/pair-source.js";
import { rowOfColumns, type TokenColumns } from "../vision-language/row-columns.js";
import { type EncodedRow, NOT_LEARNED } from "../vision-language/row-tensors.js";
import { columnValues } from "./column-values.js";
import { REJECTED, withTokens } from "./conversation-pipeline.js";
import { rowImages } from "./conversation-reader.js";
import { prefixes } from "./packed-conversations.js";
import { measuredInPack } from "./packed-pairs.js";
import { namesOf } from "./pair-names.js";
import type { PairReader, ReadPair, TextWithTokens } from "./pair-reader.js";
import { asSampleFault } from "./sample-fault.js";

const NO_TOKENS = new Int32Array();

/** @throws {RangeError} for numbers that no token has. */
function requireTokens({ input_ids: ids = [], labels }: TokenColumns): void {
  // by places: entries() would make an array of each token
  for (let at = 0; at < ids.length; at += 1) {
    const id = ids[at] as number;
    if (id < 0) throw new RangeError(`a token has the id ${id}`);
    const label = labels?.[at] ?? NOT_LEARNED;
    if (label !== id && label !== NOT_LEARNED) {
      throw new RangeError(`the token ${id} has the label ${label}, of ${id} or ${NOT_LEARNED}`);
    }
  }
}

/** @throws {RangeError} where columns are not of the same tokens, or not those of any. */
function rowsOfColumns(
  tokens: TokenColumns,
  rows: PackedConversations["chat"]["rows"],
): EncodedRow[] {
  return prefixes[rows].map((prefix) => {
    const own = Object.entries(tokens).filter(
      ([name]) => name.startsWith(prefix) && name.startsWith(REJECTED) === (prefix === REJECTED),
    );
    const [first] = own.map(([, numbers]) => numbers.length);
    const other = own.find(([, numbers]) => numbers.length !== first);
    if (other !== undefined) {
      throw new RangeError(`${other[0]} has ${other[1].length} numbers, of ${first} tokens`);
    }
    const columns = Object.fromEntries(
      own.map(([name, numbers]) => [name.slice(prefix.length), numbers]),
    );
    requireTokens(columns);
    return rowOfColumns(columns);
  });
}

/** Gives conversations of a pack: their tokens are known, and what their images were made into. */
export function packedConversationReader(
  source: PackedSource,
  { chat: { rows } }: PackedConversations,
  storage: PictureStorage,
  columns: readonly ColumnConfig[],
): PairReader {
  const { classNames = {} } = source;
  const { folder } = source.pack;
  const pairAt = async (index: number, context: SignalledContext) =>
    requirePair(
      await asSampleFault(index, () => source.get(index, context)),
      index,
      true,
    ) as PackedPair;
  const encodedOf = ({ tokens = {} }: PackedPair, index: number): EncodedRow[] => {
    try {
      return rowsOfColumns(tokens, rows);
    } catch (cause) {
      throw invalidPack(folder, (cause as Error).message, cause, index);
    }
  };

  const read = async (index: number, context: SignalledContext): Promise<ReadPair> => {
    const pair = await pairAt(index, context);
    const { key, source: named } = namesOf(pair, index);
    const origin = { index, source: named };
    const { stored = [], text } = pair;
    // which are held to their sizes before they are taken for images
    const pictures = measuredInPack(folder, index, () => storage.measured(stored));
    return withTokens(
      {
        ...origin,
        key,
        images: rowImages(imagesOf(pair), origin),
        pictures,
        columnImages: [],
        text: text as string,
        original: text as string,
        columns: columnValues(columns, pair.columns, classNames, origin),
      },
      encodedOf(pair, index),
    );
  };

  return {
    length: source.length,
    read,
    async readEveryText(index, context) {
      const { text, original: _, tokens, ...pair } = await read(index, context);
      return { ...pair, texts: [text], ...(tokens !== undefined && { tokens: [tokens] }) };
    },
    async readText(index, context): Promise<TextWithTokens> {
      const { text, tokens = {} } = await pairAt(index, context);
      const own = prefixes[rows].map((prefix) => tokens[`${prefix}input_ids`] ?? NO_TOKENS);
      const ids = own.reduce((longest, one) => (one.length > longest.length ? one : longest));
      return { text: text as string, tokens: { ids, whole: ids.length } };
    },
  };
}
