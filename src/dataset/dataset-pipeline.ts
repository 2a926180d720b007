import { coreOfProcessor, ImageProcessor } from "../image/image-processor.js";
import type { PicturePlan } from "../image/views/picture-plan.js";
import { PixtokError } from "../shared/errors.js";
import type { SignalledContext } from "../shared/sample-context.js";
import { wrongType } from "../shared/validation.js";
import type { ColumnConfig } from "../sources/column-types.js";
import { isPacked } from "../sources/packed/is-packed.js";
import type { Pack } from "../sources/packed/pack-format.js";
import {
  packedImageColumn,
  readyProcessor,
  requireColumns,
  requirePictures,
  requireSame,
  requireStored,
  tokenizerConfig,
  type WholeImages,
} from "../sources/packed/pack-match.js";
import { storageIn } from "../sources/packed/packed-pictures.js";
import type { PairSource } from "../sources/pair-source.js";
import { encodeByOwn } from "../text/own-tokenizer.js";
import { cleaningName } from "../text/text-cleaning.js";
import { Tokenizer } from "../text/tokenizer.js";
import { coreOfModelProcessor, type Processor } from "../vision-language/processor.js";
import type { ChatRowConfig } from "./chat-options.js";
import { conversationPipeline } from "./conversation-pipeline.js";
import { conversationReader } from "./conversation-reader.js";
import {
  type ConversationConfig,
  type DatasetConfig,
  readDatasetOptions,
} from "./dataset-options.js";
import { drawnAs, type ImageColumnConfig } from "./image-columns.js";
import { type ImagePipeline, imagePipeline } from "./image-pipeline.js";
import { pairCompleter } from "./measured-pictures.js";
import type { ImageChoice } from "./multiple-images.js";
import type { OnMultipleTexts } from "./multiple-texts.js";
import { packedConversationReader } from "./packed-conversation-reader.js";
import { requirePackedConversations } from "./packed-conversations.js";
import { packedPairReader } from "./packed-pairs.js";
import {
  type PairReader,
  type PairReaderOptions,
  pairReader,
  type ReadPair,
} from "./pair-reader.js";
import { type TextPipeline, textPipeline } from "./text-pipeline.js";
import { tokensInColumn } from "./token-column.js";

/** What the images of a column go through. */
export interface ImageColumnPipeline {
  readonly name: string;
  readonly image: ImagePipeline;
  /** Whether its augmentation is what of the dataset's moves pixels. */
  readonly followsDataset: boolean;
  /** The place in a row whose numbers are drawn for its images. */
  readonly drawnAs: number;
}

/** What a dataset consists of: for the rooms that make batches, packs and statistics of it. */
export interface DatasetPipeline {
  readonly source: PairSource;
  readonly onMultipleTexts: OnMultipleTexts;
  readonly imageChoice: ImageChoice;
  readonly columns: readonly ColumnConfig[];
  readonly pairs: PairReader;
  readonly image: ImagePipeline;
  readonly imageColumns: readonly ImageColumnPipeline[];
  /** Null where the dataset has no texts. */
  readonly text: TextPipeline | null;
  /** What conversations go through; undefined where rows are pairs. */
  readonly processor: Processor | undefined;
  /** How these become tokens, likewise. */
  readonly chat: ChatRowConfig | undefined;
}

/**
 * @param options a user's `MultimodalDatasetOptions`.
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} INVALID_TOKENIZER, PACK_MISMATCH
 */
export function datasetPipeline(options: unknown): DatasetPipeline {
  const config = readDatasetOptions(options);
  return "processor" in config ? ofConversations(config) : ofPairs(config);
}

/** @throws {PixtokError} INVALID_CHAT_TEMPLATE where there is none; INVALID_TOKENIZER where it cannot pad; PACK_MISMATCH */
function ofConversations({
  source,
  columns,
  processor,
  chat,
}: ConversationConfig): DatasetPipeline {
  const core = coreOfModelProcessor(processor);
  core.requireTemplate();
  const { imageProcessor } = processor;
  const text = conversationPipeline(core, chat);
  const readers = () => {
    if (isPacked(source)) {
      const packed = requirePackedConversations(source.pack, processor, chat, columns);
      const storage = storageIn(source.pack, imageProcessor);
      const pairs = packedConversationReader(source, packed, storage, columns);
      return { joined: storage.plan, pairs };
    }
    const joined = coreOfProcessor(imageProcessor).joined();
    const complete = async (pair: ReadPair, context: SignalledContext) =>
      (await pairCompleter(joined, text, undefined, context)?.(pair)) ?? pair;
    return { joined, pairs: conversationReader({ source, core, chat, columns, complete }) };
  };
  const { joined, pairs } = readers();
  return {
    source,
    onMultipleTexts: "first",
    imageChoice: { onMultipleImages: "first", maxImages: undefined },
    columns,
    pairs,
    image: imagePipeline(imageProcessor, imageProcessor, null, undefined, joined, true),
    imageColumns: [],
    text,
    processor,
    chat,
  };
}

/** @throws {PixtokError} INVALID_TOKENIZER, PACK_MISMATCH */
function ofPairs(config: DatasetConfig): DatasetPipeline {
  const { source, onMultipleTexts, imageChoice, columns, imageColumns, image, augmentation } =
    config;
  const text = config.text && textPipeline(config.text.tokenizer, config.text.config);
  const hasTexts = text?.hasTexts === true;
  const labels = augmentation?.mixing?.labels;
  const imageNames = imageColumns.map(({ name }) => name);
  // before rows are read by what it does
  const applied = isPacked(source) ? processorOfPacked(source.pack, config) : image;
  const pairs = isPacked(source)
    ? packedPairReader(
        source,
        onMultipleTexts,
        hasTexts,
        columns,
        imageNames,
        labels,
        image,
        imageChoice.maxImages,
      )
    : pairReader({
        source,
        onMultipleTexts,
        imageChoice,
        hasTexts,
        columns,
        imageColumns: imageNames,
        labels,
        ...textReading(text),
      });
  return {
    source,
    onMultipleTexts,
    imageChoice,
    columns,
    pairs,
    image: imagePipeline(
      image,
      applied,
      augmentation,
      imageChoice.maxImages,
      picturesOf(source, applied),
    ),
    imageColumns: imageColumns.map((column, place) => ({
      name: column.name,
      image: imagePipeline(
        column.processor,
        isPacked(source) ? columnOfPacked(source.pack, column) : column.processor,
        column.augmentation,
        undefined,
      ),
      followsDataset: column.followsDataset,
      drawnAs: drawnAs(column, place),
    })),
    text,
    processor: undefined,
    chat: undefined,
  };
}

/** How images are taken apart: of a pack, where they lie in it as units. */
function picturesOf(source: PairSource, applied: ImageProcessor): PicturePlan | null {
  const { pictures } = coreOfProcessor(applied);
  return pictures === null || !isPacked(source) ? pictures : storageIn(source.pack, applied).plan;
}

/** How pairs are read with their texts and tokens. */
function textReading(
  text: TextPipeline | null,
): Pick<PairReaderOptions, "clean" | "tokensAt" | "encode"> {
  if (text === null) return {};
  const { tokenizer } = text;
  const { cleaner: clean, tokens, maxLength } = text.config;
  if (tokens !== undefined) return { tokensAt: tokensInColumn(tokens, maxLength) };
  if (tokenizer === undefined || tokenizer instanceof Tokenizer) return { clean };
  return { clean, encode: (one) => encodeByOwn(tokenizer, one, maxLength) };
}

/**
 * What is left to be done to a pack's images.
 *
 * @throws {PixtokError} PACK_MISMATCH where the pack cannot give what is asked for.
 */
function processorOfPacked(
  pack: Pack,
  { image, text, onMultipleTexts, imageChoice, augmentation, columns }: DatasetConfig,
): ImageProcessor {
  const { folder, config } = pack;
  const { maxImages } = imageChoice;
  if (config.conversations !== null) {
    const message = "the pack has conversations, and without a processor there are none";
    throw new PixtokError("PACK_MISMATCH", message, { source: folder });
  }
  if (config.pictures !== null) requirePictures(pack, image, maxImages);
  else if (image.takesApart) {
    const message = "image takes images apart, and those in the pack are whole";
    throw new PixtokError("PACK_MISMATCH", message, { source: folder });
  } else if (maxImages !== undefined) {
    throw wrongType("maxImages", "none with a packed set", maxImages);
  }
  if (imageChoice.onMultipleImages !== "first") {
    throw wrongType("onMultipleImages", "none with a packed set", imageChoice.onMultipleImages);
  }
  if (text !== null) {
    const { tokenizer } = text;
    const { clean, maxLength, tokens } = text.config;
    const several = config.text?.several || onMultipleTexts === "random";
    const asked = {
      text: { clean: cleaningName(clean), maxLength, several, tokens },
      tokenizer: tokenizer instanceof Tokenizer ? tokenizerConfig(tokenizer) : null,
    };
    const { ready = null, ...rest } = config.text ?? {};
    const packed = config.text && { ...rest, tokens: ready?.column ?? undefined };
    requireSame(folder, { text: packed, tokenizer: config.tokenizer }, asked);
  }
  requireColumns(pack, columns);
  if (config.pictures !== null) return image;
  if (augmentation !== null) requireStored(folder, config, augmentation, image.config);
  return new ImageProcessor(readyProcessor(folder, config as WholeImages, image.config));
}

/**
 * What is left to be done to a pack's images in a column.
 *
 * @throws {PixtokError} PACK_MISMATCH where the pack cannot give what is asked for.
 */
function columnOfPacked(
  pack: Pack,
  { name, processor, augmentation }: ImageColumnConfig,
): ImageProcessor {
  const { folder } = pack;
  const packed = packedImageColumn(pack, name);
  const option = `columns.${name}`;
  const image = `${option}.processor`;
  if (augmentation !== null) {
    const names = { image, augmentation: `${option}.augmentation` };
    requireStored(folder, packed, augmentation, processor.config, names);
  }
  return new ImageProcessor(readyProcessor(folder, packed, processor.config, image));
}

/**
 * What the texts of a dataset go through.
 *
 * @throws {TypeError} where it has none.
 */
export function requireTexts({ text, source }: DatasetPipeline): TextPipeline {
  if (text !== null) return text;
  throw wrongType("dataset", "one with texts, not one with text: null", source.description);
}
