import type { ImageProcessorConfig } from "../image/image-processor-options.js";
import type { ProcessorBackend } from "../image/pretrained/processor-backend.js";
import type { TensorType } from "../shared/tensor.js";

/** Names the format of the file; there is one version. */
export const LOCK_FORMAT = "pixtok lock 1";

/** What a sample comes to, by its name. */
export interface LockedOutput {
  /** Shape of the tensor. */
  readonly shape: readonly number[];
  /** Type of an element, by NumPy's name. */
  readonly dtype: TensorType;
  /** Digest of the tensor's bytes, in little-endian order. */
  readonly sha256: string;
}

/** Results by the names that Python has for them. */
export type LockedOutputs = Readonly<Record<string, LockedOutput>>;

/** An image, and what it comes to. */
export interface LockedImage {
  /** Name of the sample. */
  readonly name: string;
  /** The file, in base64. */
  readonly file: string;
  /** Results of the processor. */
  readonly outputs: LockedOutputs;
}

/** Images that go through in one call. */
export interface LockedBatch {
  /** Names of samples. */
  readonly images: readonly string[];
  /** Results of the processor. */
  readonly outputs: LockedOutputs;
}

/** A text, and what it comes to. */
export interface LockedText {
  /** Name of the sample. */
  readonly name: string;
  /** The text, as it is before it is cleaned. */
  readonly text: string;
  /** A second text of the same row; null where there is none. */
  readonly pair: string | null;
  /**
   * `ids` of the text as it is, whole; `input_ids` and `attention_mask` of the cleaned text in a row, cut to
   * maxLength and padded to it; `token_type_ids` of a pair. The row is left out where the cleaning is a function.
   */
  readonly outputs: LockedOutputs;
}

/** What images go through. */
export interface LockedProcessor {
  /** Every option with its value. */
  readonly config: ImageProcessorConfig;
  /** What a processor of Hugging Face was made from; null for others. */
  readonly huggingface: {
    /** Contents of a preprocessor_config.json, with what was given in place of it. */
    readonly keys: Readonly<Record<string, unknown>>;
    /** `model_type` of the model; null where it is not known. */
    readonly modelType: string | null;
    /** Which implementation is followed. */
    readonly backend: ProcessorBackend;
  } | null;
}

/** What texts go through. */
export interface LockedTokenizer {
  /** Contents of a tokenizer.json: gzip, in base64. */
  readonly json: string;
  /** Digest of those contents, unpacked. */
  readonly sha256: string;
  /** The padding token; null where there is none, and rows are not padded. */
  readonly padToken: string | null;
  /** The end of a row that is padded. */
  readonly paddingSide: "left" | "right";
  /** The end of a text that is cut. */
  readonly truncationSide: "left" | "right";
  /** Number of tokens. */
  readonly vocabSize: number;
  /** What is done to a text first. "custom": a function, which is not known. */
  readonly clean: "alphanumeric" | "none" | "custom";
  /** Most tokens in a row. */
  readonly maxLength: number;
}

/** A preprocessing, whole, and what samples come to in it: `createLock` makes it, `attestLock` compares. */
export interface Lock {
  /** The file's format. */
  readonly format: typeof LOCK_FORMAT;
  /** Versions of what made it, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Versions of the Python packages whose numbers these are, by name. */
  readonly python: Readonly<Record<string, string>>;
  /** What images go through. */
  readonly processor: LockedProcessor;
  /** What texts go through; null: there are none. */
  readonly tokenizer: LockedTokenizer | null;
  /** Images that were drawn. */
  readonly images: readonly LockedImage[];
  /** Some of them in one call, padded to the largest; null where they do not come to one size. */
  readonly batch: LockedBatch | null;
  /** Texts; none without a tokenizer. */
  readonly texts: readonly LockedText[];
}
