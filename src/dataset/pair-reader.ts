import type { LabelOptions } from "../image/row-mixing.js";
import type { MeasuredPicture } from "../image/views/picture-plan.js";
import type { SignalledContext } from "../shared/sample-context.js";
import { wrongType } from "../shared/validation.js";
import type { ColumnConfig } from "../sources/column-types.js";
import {
  type Pair,
  type PairSource,
  requirePair,
  requireTexts,
  type Texts,
} from "../sources/pair-source.js";
import type { CutTokens } from "../text/own-tokenizer.js";
import type { EncodedRow } from "../vision-language/row-tensors.js";
import type { RowContent } from "../vision-language/row-text.js";
import { type ColumnValue, columnValues } from "./column-values.js";
import { imageInColumn } from "./image-columns.js";
import {
  chosenImages,
  type ImageChoice,
  type PairImage,
  type PairImages,
} from "./multiple-images.js";
import { chooseText, type OnMultipleTexts } from "./multiple-texts.js";
import { namesOf } from "./pair-names.js";
import { asSampleFault } from "./sample-fault.js";
import { labelOf } from "./soft-labels.js";

/** A pair as it goes into a batch. Its images have not been opened. */
export interface ReadPair {
  index: number;
  images: PairImages;
  /** What its images are made into, where these are taken apart: measured for a batch, before its texts are encoded. */
  pictures?: readonly MeasuredPicture[];
  /** Images in the dataset's columns of images, in the order of these. */
  columnImages: readonly PairImage[];
  /** Cleaned. */
  text: string;
  /** As it came from the source. */
  original: string;
  key: string;
  /** What the pair is called in errors. */
  source: string;
  /** The text's tokens, cut, where they are known with the pair and not made of a batch's texts at once. */
  tokens?: CutTokens;
  /** Conversations as texts: one, or the two of a preference. */
  contents?: readonly RowContent[];
  /** Tokens of these, cut, once its images are measured. */
  encoded?: readonly EncodedRow[];
  /** The sequence of its batch that it is in, where rows are joined to sequences. */
  sequence?: number;
  /** Values of the dataset's columns, in their order. */
  columns: readonly ColumnValue[];
}

/** A pair with all texts of its image, cleaned. */
export type PairWithTexts = Omit<ReadPair, "text" | "original" | "tokens"> & {
  texts: string[];
  /** Tokens of each of the texts, where they are known with the pair. */
  tokens?: CutTokens[];
};

/**
 * A pair's text, cleaned, its tokens where they are known with the pair, and what its images are made into where that says
 * how many tokens they have.
 */
export type TextWithTokens = Pick<ReadPair, "text" | "tokens" | "pictures">;

/** Gives the tokens of one of a pair's texts, by the text's place among them, where the source has them. */
export type TokensInPair = (pair: Pair, place: number, index: number) => CutTokens;

/**
 * Gives the pairs of a source with their texts chosen and cleaned. Every method rejects with a
 * PixtokError where the pair or the machine is at fault, and with anything else for misuse.
 */
export interface PairReader {
  /** Number of pairs. */
  readonly length: number;
  read(index: number, context: SignalledContext): Promise<ReadPair>;
  readEveryText(index: number, context: SignalledContext): Promise<PairWithTexts>;
  /** The text that read() gives. The image is not read where the source can do without. */
  readText(index: number, context: SignalledContext): Promise<TextWithTokens>;
}

/** What a reader is made of. */
export interface PairReaderOptions {
  source: PairSource;
  onMultipleTexts: OnMultipleTexts;
  imageChoice: ImageChoice;
  /** May be a user's function. Left out: texts are cleaned already. */
  clean?: (text: string) => string;
  /** Whether pairs are read with their texts; else these are "". */
  hasTexts: boolean;
  /** Columns that pairs are read with. */
  columns: readonly ColumnConfig[];
  /** Names of the columns of images. */
  imageColumns: readonly string[];
  /** The labels that rows are to have. */
  labels: LabelOptions | undefined;
  /** One of these, or none where tokens are made of a batch's texts at once. */
  tokensAt?: TokensInPair;
  /** Gives what a pair's images are made into, where the source has them so. */
  picturesAt?: (pair: Pair, index: number) => readonly MeasuredPicture[];
  /** May be a user's function. */
  encode?: (text: string) => Promise<CutTokens>;
}

const NO_IMAGES: readonly PairImage[] = [];

export function pairReader({
  source,
  onMultipleTexts,
  imageChoice,
  clean,
  hasTexts,
  columns,
  imageColumns,
  labels,
  tokensAt,
  picturesAt,
  encode,
}: PairReaderOptions): PairReader {
  const { classNames = {} } = source;
  const choose = (texts: Texts, index: number, context: SignalledContext): number =>
    typeof texts === "string" ? 0 : chooseText(texts.length, onMultipleTexts, index, context);

  const cleaned = async (text: string, index: number): Promise<string> => {
    if (clean === undefined) return text;
    const result: unknown = await asSampleFault(index, () => clean(text));
    if (typeof result === "string") return result;
    throw wrongType(`text.clean, for sample ${index}`, "a function returning a string", result);
  };

  const pairAt = async (index: number, context: SignalledContext): Promise<Pair> =>
    requirePair(await asSampleFault(index, () => source.get(index, context)), index, hasTexts);

  const encoded = async (text: string, index: number): Promise<TextWithTokens> =>
    encode === undefined
      ? { text }
      : { text, tokens: await asSampleFault(index, () => encode(text)) };

  /** A pair with its text chosen and cleaned, and its image as the source gave it. */
  const chosenPair = async (index: number, context: SignalledContext) => {
    const raw = await pairAt(index, context);
    if (!hasTexts) {
      const tokens = tokensAt?.(raw, 0, index);
      return { raw, original: "", text: "", ...(tokens !== undefined && { tokens }) };
    }
    const choice = choose(raw.text, index, context);
    const original = typeof raw.text === "string" ? raw.text : (raw.text[choice] as string);
    // not awaited in vain: packed sets are read faster than anything else
    const text = clean === undefined ? original : await cleaned(original, index);
    if (tokensAt !== undefined)
      return { raw, original, text, tokens: tokensAt(raw, choice, index) };
    return encode === undefined
      ? { raw, original, text }
      : { raw, original, ...(await encoded(text, index)) };
  };

  const columnsOf = (pair: Pair, index: number, origin: string): readonly ColumnValue[] => {
    if (columns.length === 0) return columns;
    const place = { index, source: origin };
    const values = columnValues(columns, pair.columns, classNames, place);
    if (labels !== undefined) labelOf(labels, columns, values, place);
    return values;
  };

  const imagesOf = (pair: Pair, origin: string, index: number, context: SignalledContext) => ({
    images: chosenImages(pair, origin, index, imageChoice, context),
    columnImages:
      imageColumns.length === 0
        ? NO_IMAGES
        : imageColumns.map((name) => imageInColumn(pair, name, index)),
  });

  return {
    length: source.length,
    async read(index, context) {
      const { raw, ...texts } = await chosenPair(index, context);
      const names = namesOf(raw, index);
      const pictures = picturesAt?.(raw, index);
      return {
        index,
        ...imagesOf(raw, names.source, index, context),
        ...(pictures !== undefined && { pictures }),
        ...names,
        ...texts,
        columns: columnsOf(raw, index, names.source),
      };
    },
    async readEveryText(index, context) {
      const pair = await pairAt(index, context);
      const given = hasTexts ? pair.text : "";
      const texts = typeof given === "string" ? [given] : given;
      const all = await Promise.all(
        texts.map(async (text) => encoded(await cleaned(text, index), index)),
      );
      const tokens = all.map((one, place) => tokensAt?.(pair, place, index) ?? one.tokens);
      const names = namesOf(pair, index);
      return {
        index,
        ...imagesOf(pair, names.source, index, context),
        ...names,
        texts: all.map(({ text }) => text),
        ...(tokens.every((one) => one !== undefined) && { tokens }),
        columns: columnsOf(pair, index, names.source),
      };
    },
    async readText(index, context) {
      if (tokensAt !== undefined) return chosenPair(index, { ...context, textAlone: true });
      if (source.texts === undefined) return chosenPair(index, context);
      const given = await asSampleFault(index, () => source.texts?.(index, context));
      const texts = requireTexts(given, index);
      const text =
        typeof texts === "string" ? texts : (texts[choose(texts, index, context)] as string);
      return encoded(await cleaned(text, index), index);
    },
  };
}
