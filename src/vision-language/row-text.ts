import type { ImageInput } from "../image/image-input.js";
import type { Size } from "../image/output-size.js";

/** Where something begins and ends in a text, in units of JavaScript's. */
export type Span = readonly [begin: number, end: number];

/** A row whose images are known by their sizes alone. */
export interface RowText {
  readonly text: string;
  /** What is learned of it; null where nothing says so. */
  readonly learned: readonly Span[] | null;
  /** Of its images. */
  readonly sizes: readonly Size[];
  /** Whether the tokenizer adds tokens of its own. */
  readonly addSpecialTokens: boolean;
}

/** A row's text and images, before these are measured. */
export interface RowContent extends Omit<RowText, "sizes"> {
  readonly images: readonly ImageInput[];
}
