import { ImageProcessor } from "../image/image-processor.js";
import { asGiven, type OptionReaders, readOptions } from "../shared/options.js";
import { isObject, wrongType } from "../shared/validation.js";
import { readColumnTypes } from "../sources/column-types.js";
import { openSource, type SourceOptions, sourceReaders } from "../sources/open-source.js";
import { isPacked, type PackedSource } from "../sources/packed/is-packed.js";
import type { PackedConversations } from "../sources/packed/pack-conversations.js";
import type { Pack } from "../sources/packed/pack-format.js";
import { processorOfPictures } from "../sources/packed/packed-pictures.js";
import { type PairSource, requireSource } from "../sources/pair-source.js";
import type { AnyTokenizer } from "../text/own-tokenizer.js";
import { Tokenizer } from "../text/tokenizer.js";
import type { ColumnOptions } from "./batch-columns.js";
import { readChatSource } from "./chat-options.js";
import {
  type DatasetTexts,
  type MultimodalDatasetOptions,
  withoutImages,
} from "./dataset-options.js";
import { isImageColumn } from "./image-columns.js";
import type { MaxImages } from "./multiple-images.js";
import { everyText } from "./multiple-texts.js";
import type { DatasetFromOptions } from "./open-options.js";
import { chatOfPack } from "./packed-conversations.js";
import { everyPackedText } from "./packed-pairs.js";
import { processorOfPack } from "./processor-of-pack.js";
import type { RowProcessor } from "./row-processor.js";

const ownReaders = {
  tokenizer: asGiven,
  image: asGiven,
  for: asGiven,
  augmentation: asGiven,
  text: asGiven,
  columns: asGiven,
  onMultipleImages: asGiven,
  maxImages: asGiven,
  processor: asGiven,
  chat: asGiven,
} as const;
const {
  columns: _columns,
  imageColumns: _images,
  texts: _texts,
  rows: _rows,
  conversationColumns: _names,
  ...pathReaders
} = sourceReaders;
const readers = {
  ...ownReaders,
  ...pathReaders,
  onMultipleTexts: asGiven,
} satisfies OptionReaders<DatasetFromOptions>;

/** Those of the options that are given, and have one of the readers. */
function chosen(given: Record<string, unknown>, some: object) {
  return Object.fromEntries(
    Object.keys(some)
      .filter((name) => given[name] !== undefined)
      .map((name) => [name, given[name]]),
  );
}

/** What a dataset of a packed set does by default: the same as was asked for when it was packed. */
async function packedDefaults(
  { folder, tokenizerFolder, config }: Pack,
  text: unknown,
  tokenizer: unknown,
) {
  const { pictures } = config;
  const images =
    pictures === null
      ? { image: new ImageProcessor(config.processor) }
      : {
          image: await processorOfPictures(folder, config, pictures),
          ...(pictures.maxImages !== null && { maxImages: pictures.maxImages }),
        };
  if (text === null || config.text === null) return { ...images, text: text ?? null };
  const { clean, maxLength, several, ready } = config.text;
  const padding = ready !== null &&
    tokenizer === undefined && { padTokenId: ready.padTokenId, paddingSide: ready.paddingSide };
  return {
    ...(ready === null && { tokenizer: await Tokenizer.fromPretrained(tokenizerFolder) }),
    ...images,
    text:
      text === undefined || isObject(text)
        ? // texts are stored cleaned
          {
            clean: clean === "custom" ? (one: string) => one : clean,
            maxLength,
            ...padding,
            ...(ready?.column != null && { tokens: ready.column }),
            ...text,
          }
        : text,
    ...(several && { onMultipleTexts: "random" as const }),
  };
}

/** A path or URL, several, or a source that is open. */
type DataGiven = string | URL | readonly (string | URL)[] | PairSource;

function isOpened(data: DataGiven): data is PairSource {
  return typeof data === "object" && !Array.isArray(data) && !(data instanceof URL);
}

/** @throws {TypeError} for options of what is opened, beside a source that is open. */
function requireOpened(data: object, options: Record<string, unknown>): PairSource {
  const [option] = Object.keys(options);
  if (option !== undefined) throw wrongType(option, "none with a source", options[option]);
  return requireSource(data);
}

const everyTextOf = (source: PairSource) =>
  isPacked(source) ? everyPackedText(source) : everyText(source);

/** Which columns the source is to give. */
export function columnNames(
  columns: unknown,
  tokens?: string,
): Pick<SourceOptions, "columns" | "imageColumns"> {
  if (columns === "auto") return { columns };
  const own = columns === undefined ? [] : readColumnTypes("columns", withoutImages(columns));
  const names = own.map(({ name }) => name);
  if (tokens !== undefined) names.push(tokens);
  const images = isObject(columns)
    ? Object.keys(columns).filter((name) => isImageColumn(columns[name]))
    : [];
  return {
    ...(names.length > 0 && { columns: names }),
    ...(images.length > 0 && { imageColumns: images }),
  };
}

/** The column of ready tokens, where one is named. */
function tokensOf(text: unknown): string | undefined {
  return isObject(text) && typeof text.tokens === "string" ? text.tokens : undefined;
}

/** As openedOptions(), of conversations. */
async function openedConversations<O extends object>(
  data: DataGiven,
  given: Record<string, unknown>,
): Promise<O> {
  const ofSource = chosen(given, pathReaders);
  const { rows, columns } = readChatSource("chat", given.chat);
  const names = columns === undefined ? {} : { conversationColumns: columns };
  const source = isOpened(data)
    ? requireOpened(data, ofSource)
    : await openSource(data, { ...ofSource, rows, ...names });
  return conversationOptions<O>(source, given);
}

/** Options of a dataset of a source of conversations. What is left out is the packed set's. */
async function conversationOptions<O>(
  source: PairSource,
  given: Record<string, unknown>,
): Promise<O> {
  const ofDataset = { ...chosen(given, ownReaders), ...chosen(given, { onMultipleTexts: 0 }) };
  const packed = conversationsOf(source);
  if (packed === undefined) return { ...ofDataset, source } as O;
  const { pack } = source as PackedSource;
  const { chat, processor = await processorOfPack(pack, packed) } = given;
  return { ...ofDataset, processor, chat: chatOf(packed, chat), source } as O;
}

/** What a packed set of conversations says of these; undefined for any other source. */
function conversationsOf(source: PairSource): PackedConversations | undefined {
  return (isPacked(source) && source.pack.config.conversations) || undefined;
}

/** A pack's options of conversations, and what is given in place of them. */
function chatOf(packed: PackedConversations, given: unknown): unknown {
  const chat = given ?? {};
  return isObject(chat) ? { ...chatOfPack(packed), ...chosen(chat, chat) } : chat;
}

/** What a dataset of whatever there is at a path is made with: MultimodalDataset.from(). */
export async function openedOptions<
  C extends ColumnOptions,
  T extends DatasetTexts,
  K extends AnyTokenizer,
  M extends MaxImages,
  P extends RowProcessor,
>(
  data: DataGiven,
  options: DatasetFromOptions<C, T, K, M, P>,
): Promise<MultimodalDatasetOptions<C, T, K, M, P>> {
  const given = readOptions("MultimodalDataset.from", options, readers);
  if (given.processor !== undefined) return openedConversations(data, given);
  const { onMultipleTexts, tokenizer } = given;
  const ofSource = chosen(given, pathReaders);
  const tokens = tokensOf(given.text);
  const hasTexts = given.text !== null && tokens === undefined;
  const source = isOpened(data)
    ? requireOpened(data, ofSource)
    : await openSource(data, {
        ...ofSource,
        ...columnNames(given.columns, tokens),
        ...(!hasTexts && { texts: false }),
      });
  if (conversationsOf(source) !== undefined) return conversationOptions(source, given);
  if (!hasTexts && onMultipleTexts !== undefined) {
    throw wrongType("onMultipleTexts", "none without texts", onMultipleTexts);
  }
  if (tokenizer === undefined && hasTexts && !isPacked(source)) {
    throw wrongType(
      "tokenizer",
      "a Tokenizer (only a packed set has its own), or text: null for a dataset without texts",
      tokenizer,
    );
  }
  const ofDataset = {
    ...chosen(given, ownReaders),
    ...(onMultipleTexts !== undefined && onMultipleTexts !== "all" && { onMultipleTexts }),
  };
  const defaults = isPacked(source) ? await packedDefaults(source.pack, given.text, tokenizer) : {};
  return {
    ...defaults,
    ...ofDataset,
    ...("text" in defaults && { text: defaults.text }),
    source: onMultipleTexts === "all" ? await everyTextOf(source) : source,
  } as MultimodalDatasetOptions<C, T, K, M, P>;
}
