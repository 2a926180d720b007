import type { ClassSetup, TokenName } from "./class-setup.js";
import type { Placeholder } from "./measured-image.js";

/** Which ids of tokens have a type of their own in an output. */
export interface TypedTokens {
  /** Of an image: 1. All else is 0. */
  readonly image: readonly TokenName[];
}

/** A text that is put into another. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** A processor class of transformers that puts images and texts together. */
export interface VisionLanguageClass {
  /** Its models, by `model_type`. */
  readonly models: readonly string[];
  /** The token that stands for an image in a text. */
  readonly place: TokenName;
  /** The token that each image becomes many of, where it is another one. Default: `place`. */
  readonly filled?: TokenName;
  /** Tokens that stand for what is not read: a video. Default none. */
  readonly unread?: readonly TokenName[];
  readonly written: (setup: ClassSetup) => Placeholder;
  /**
   * Joins what is written in place of an image to the text before it; `after` is the text that follows.
   * Default: as they are.
   */
  readonly joined?: (
    setup: ClassSetup,
  ) => (before: string, written: string, after: string) => string;
  /** What a text is given before its images are written. Default: nothing. */
  readonly inserted?: (setup: ClassSetup) => (text: string) => Insertion;
  /** Keys of its image processor, in place of the file's. Default none. */
  readonly imageKeys?: (setup: ClassSetup) => Readonly<Record<string, unknown>>;
  /** What the image processor gives that no model takes. Default none. */
  readonly unused?: readonly string[];
  /** Outputs with a type for each token, by name. Default none. */
  readonly types?: Readonly<Record<string, TypedTokens>>;
  /** Whether an output says which tokens look at which image's tiles. Default false. */
  readonly crossAttention?: boolean;
  /** The end of a row that is padded, whatever the tokenizer's files say. Default: theirs. */
  readonly paddingSide?: "left";
  /** Whether the tokenizer adds tokens of its own. Default true. */
  readonly addsSpecialTokens?: false;
}
