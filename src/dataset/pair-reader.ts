import { type CheckedImage, imageLabel, requireImage } from "../image/image-input.js";
import { PixtokError } from "../shared/errors.js";
import { machineFault } from "../shared/machine-fault.js";
import type { SignalledContext } from "../shared/sample-context.js";
import { wrongType } from "../shared/validation.js";
import type { ColumnConfig } from "../sources/column-types.js";
import {
  keyOf,
  type Pair,
  type PairSource,
  requirePair,
  requireTexts,
  type Texts,
} from "../sources/pair-source.js";
import { type ColumnValue, columnValues } from "./column-values.js";
import { chooseText, type OnMultipleTexts } from "./multiple-texts.js";

/** A pair as it goes into a batch. Its image has not been opened. */
export interface ReadPair {
  index: number;
  image: CheckedImage;
  /** Cleaned. */
  text: string;
  /** As it came from the source. */
  original: string;
  key: string;
  /** What the pair's image is called in errors. */
  source: string;
  /** The text's tokens, where the source is a pack. */
  tokenIds?: Int32Array;
  /** Values of the dataset's columns, in their order. */
  columns: readonly ColumnValue[];
}

/** A pair with all texts of its image, cleaned. */
export type PairWithTexts = Omit<ReadPair, "text" | "original" | "tokenIds"> & {
  texts: string[];
};

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
  readText(index: number, context: SignalledContext): Promise<string>;
}

/** What a reader is made of. */
export interface PairReaderOptions {
  source: PairSource;
  onMultipleTexts: OnMultipleTexts;
  /** May be a user's function. Left out: texts are cleaned already. */
  clean?: (text: string) => string;
  /** Whether pairs are read with their texts; else these are "". */
  hasTexts: boolean;
  /** Columns that pairs are read with. */
  columns: readonly ColumnConfig[];
  /** Tokens of one of a pair's texts, where the source has them. */
  tokensAt?: (pair: Pair, text: number) => Int32Array | undefined;
}

export function pairReader({
  source,
  onMultipleTexts,
  clean,
  hasTexts,
  columns,
  tokensAt,
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

  /** A pair with its text chosen and cleaned, and its image as the source gave it. */
  const chosenPair = async (index: number, context: SignalledContext) => {
    const raw = await pairAt(index, context);
    if (!hasTexts) return { raw, original: "", text: "" };
    const choice = choose(raw.text, index, context);
    const original = typeof raw.text === "string" ? raw.text : (raw.text[choice] as string);
    // not awaited in vain: packed sets are read faster than anything else
    const text = clean === undefined ? original : await cleaned(original, index);
    const tokenIds = tokensAt?.(raw, choice);
    return { raw, original, text, ...(tokenIds !== undefined && { tokenIds }) };
  };

  const columnsOf = (pair: Pair, index: number, origin: string): readonly ColumnValue[] =>
    columns.length === 0
      ? columns
      : columnValues(columns, pair.columns, classNames, { index, source: origin });

  return {
    length: source.length,
    async read(index, context) {
      const { raw, ...texts } = await chosenPair(index, context);
      const names = namesOf(raw, index);
      return {
        index,
        image: requireImage(raw.image, index, raw.origin),
        ...names,
        ...texts,
        columns: columnsOf(raw, index, names.source),
      };
    },
    async readEveryText(index, context) {
      const pair = await pairAt(index, context);
      const given = typeof pair.text === "string" ? [pair.text] : pair.text;
      const texts = hasTexts ? given : [];
      const all = await Promise.all(texts.map((text) => cleaned(text, index)));
      const names = namesOf(pair, index);
      return {
        index,
        image: requireImage(pair.image, index, pair.origin),
        ...names,
        texts: all,
        columns: columnsOf(pair, index, names.source),
      };
    },
    async readText(index, context) {
      if (source.texts === undefined) return (await chosenPair(index, context)).text;
      const given = await asSampleFault(index, () => source.texts?.(index, context));
      const texts = requireTexts(given, index);
      const text =
        typeof texts === "string" ? texts : (texts[choose(texts, index, context)] as string);
      return cleaned(text, index);
    },
  };
}

/** What a pair is called, in a batch and in errors. */
function namesOf(pair: Pair, index: number): { key: string; source: string } {
  const key = keyOf(pair, index);
  const { image, origin } = pair;
  if (origin !== undefined) return { key, source: origin };
  if (typeof image === "string") return { key, source: image };
  const file = imageLabel(image);
  if (pair.key === undefined) return { key, source: file };
  // several images are in one file, or images are in memory: only the pair's own name distinguishes them
  const inFile = typeof image === "object" && "path" in image;
  return { key, source: inFile ? `${file}: ${key}` : key };
}

/** What a user's function throws is the sample's fault, unless the machine is behind it. */
async function asSampleFault<T>(index: number, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const fault = machineFault(cause, { index });
    if (fault !== null) throw fault;
    if (cause instanceof PixtokError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PixtokError("SAMPLE_FAILED", reason, { index, cause });
  }
}
