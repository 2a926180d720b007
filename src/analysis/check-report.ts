import type { Size } from "../image/output-size.js";
import type { SampleErrors } from "../shared/sample-error.js";
import type { TensorType } from "../shared/tensor.js";

/** Something that training would suffer from. */
export interface CheckProblem {
  /** Stable name of what is wrong. */
  readonly kind:
    | "unreadable"
    | "empty-text"
    | "lost-letters"
    | "lost-signs"
    | "duplicate-image"
    | "unknown-tokens"
    | "truncated-text";
  /** An error has to be fixed before training. A warning need not be. */
  readonly level: "error" | "warning";
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}

/** One of the pairs that an image is in. */
export interface ImageUse {
  /** Dataset index of the pair. */
  readonly index: number;
  /** Absolute; null where the image is in memory. */
  readonly path: string | null;
  /** Cleaned. */
  readonly text: string;
}

/** A number of things, and the first thousand of them. */
export interface Listed<T> {
  /** How many there are. */
  readonly count: number;
  /** The first thousand of them. */
  readonly list: readonly T[];
}

/** The images that were checked. */
export interface ImageSummary {
  /** Number of images of each format. */
  readonly formats: Readonly<Record<string, number>>;
  /** Number of images of each mode ("rgb", "grey", "palette", …). */
  readonly modes: Readonly<Record<string, number>>;
  /** Size of the image that has the fewest pixels; null where none is known. */
  readonly smallest: Size | null;
  /** Size of the image that has the most pixels; null where none is known. */
  readonly largest: Size | null;
  /** Images that are there more than once, the same bytes under different texts. */
  readonly duplicates: Listed<readonly ImageUse[]>;
}

/** A text that text.clean drops characters of. */
export interface CleanedText {
  /** Index in the dataset. */
  readonly index: number;
  /** As the source has it. */
  readonly original: string;
  /** What text.clean makes of it. */
  readonly cleaned: string;
}

/** The texts that were checked. */
export interface TextSummary {
  /** The dataset's: longer texts are cut; null where none is. */
  readonly maxLength: number | null;
  /** Tokens of the longest text, special ones included, before it is cut. */
  readonly longest: number;
  /** Texts that are cut. */
  readonly truncated: number;
  /** Share of the texts that are cut, from 0 to 1. */
  readonly truncatedShare: number;
  /** Tokens that are not in the vocabulary. */
  readonly unknown: number;
  /** Their share of all tokens but special ones and padding, from 0 to 1. */
  readonly unknownShare: number;
  /** Letters of any writing that text.clean drops. */
  readonly lostLetters: number;
  /** Their share of all letters, from 0 to 1. */
  readonly lostLetterShare: number;
  /** Texts that lose letters. */
  readonly losing: Listed<CleanedText>;
  /** Digits, punctuation and symbols of any writing that text.clean drops. */
  readonly lostSigns: number;
  /** Texts that lose some of these. */
  readonly losingSigns: Listed<CleanedText>;
  /** Indices of texts that are empty, or white space alone, when they are cleaned. */
  readonly empty: Listed<number>;
}

/** Type and shape of a tensor. */
export interface TensorSummary {
  /** Type of the elements. */
  readonly type: TensorType;
  /** Length of each axis. */
  readonly dims: readonly number[];
}

/** A batch as the dataset would give it. */
export interface BatchSummary {
  /** Rows in the batch. */
  readonly size: number;
  /**
   * Type and shape of each tensor by its name, and as `columns.NAME` of each column. What images are taken apart into is as
   * much as the largest ones seen would be.
   */
  readonly tensors: Readonly<Record<string, TensorSummary>>;
  /** Bytes of these tensors together, with the longest texts that were seen. */
  readonly bytes: number;
  /** How fast batches were made, three of them at a time, files read for the first time included. */
  readonly pairsPerSecond: number;
  /** How long all pairs of the dataset take at that rate. */
  readonly epochSeconds: number;
}

/** What `checkDataset` found. */
export interface CheckReport {
  /** Whether no problem is an error. */
  readonly ok: boolean;
  /** Everything that is wrong, errors first. */
  readonly problems: readonly CheckProblem[];
  /** Pairs in the dataset. */
  readonly length: number;
  /** Pairs that were checked. */
  readonly checked: number;
  /** Those that cannot be read. What follows is of the others; null where there are none. */
  readonly errors: SampleErrors;
  /** Formats, sizes and duplicates of the images. */
  readonly images: ImageSummary | null;
  /** Lengths and unknown tokens of the texts. */
  readonly texts: TextSummary | null;
  /** Tensors, bytes and rate of a batch. */
  readonly batch: BatchSummary | null;
}

export function percentage(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
