import { type Encoding, Tokenizer as RustTokenizer } from "tokenizers";
import { PixtokError } from "./errors.js";
import type { Tensor, TokenTensor } from "./tensor.js";
import { fillTokenRows, type TokenType, tokenData } from "./token-rows.js";
import { readTokenizerFiles, type TokenizerFiles } from "./tokenizer-files.js";
import {
  outOfRange,
  requireBoolean,
  requireInteger,
  requireOneOf,
  requireOptions,
  wrongType,
} from "./validation.js";

/** Names and defaults are those of the transformers.js tokenizers. */
export interface EncodeOptions {
  /** Second texts, one for each first text. */
  text_pair?: string | readonly string[] | null;
  /** `true` or "longest": to the longest row. "max_length": to max_length. Default false. */
  padding?: boolean | "longest" | "max_length";
  /** Whether rows longer than max_length are cut; special tokens are kept. Default false. */
  truncation?: boolean;
  /** Tokens in a row, special tokens included. */
  max_length?: number | null;
  /** Default true. */
  add_special_tokens?: boolean;
}

/** Shape [n, length] each; n is 1 for a single text. */
export interface Encoded {
  input_ids: Tensor<"int64">;
  attention_mask: Tensor<"int64">;
  token_type_ids: Tensor<"int64">;
}

const encodeOptionNames = [
  "text_pair",
  "padding",
  "truncation",
  "max_length",
  "add_special_tokens",
] as const satisfies (keyof EncodeOptions)[];

/** @throws {TypeError} */
function requireTexts(option: string, value: unknown): string[] {
  const texts = Array.isArray(value) ? value : [value];
  for (const [position, text] of texts.entries()) {
    if (typeof text !== "string") {
      throw wrongType(Array.isArray(value) ? `${option}[${position}]` : option, "a string", text);
    }
  }
  return texts;
}

/**
 * Texts to ids by Hugging Face's Rust `tokenizers`, on its own threads: the ids of the Python
 * library, for any `tokenizer.json` or BERT `vocab.txt`.
 */
export class Tokenizer {
  readonly #files: TokenizerFiles;
  /**
   * One Rust tokenizer for each maximum length (0: none). Truncation is a setting of the object, and
   * changing it would reach encodings that are already under way.
   */
  readonly #byMaxLength = new Map<number, RustTokenizer>();

  private constructor(files: TokenizerFiles) {
    this.#files = files;
    this.#withMaxLength(0);
  }

  /**
   * @param path a folder with `tokenizer.json` or `vocab.txt`, or one of these files.
   * @throws {PixtokError} TOKENIZER_NOT_FOUND, INVALID_TOKENIZER
   */
  static async fromPretrained(path: string): Promise<Tokenizer> {
    if (typeof path !== "string") throw wrongType("Tokenizer.fromPretrained", "a path", path);
    return new Tokenizer(await readTokenizerFiles(path));
  }

  #withMaxLength(maxLength: number): RustTokenizer {
    let tokenizer = this.#byMaxLength.get(maxLength);
    if (tokenizer === undefined) {
      try {
        tokenizer = RustTokenizer.fromString(this.#files.json);
      } catch (cause) {
        throw new PixtokError(
          "INVALID_TOKENIZER",
          `cannot be loaded: ${(cause as Error).message}`,
          {
            source: this.#files.source,
            cause,
          },
        );
      }
      if (maxLength > 0) tokenizer.setTruncation(maxLength);
      this.#byMaxLength.set(maxLength, tokenizer);
    }
    return tokenizer;
  }

  get #plain(): RustTokenizer {
    return this.#withMaxLength(0);
  }

  /** Number of tokens, added ones included. */
  get vocabSize(): number {
    return this.#plain.getVocabSize(true);
  }

  /** Id of the padding token; undefined where the tokenizer has none. */
  get padTokenId(): number | undefined {
    const { padToken } = this.#files;
    return padToken === undefined ? undefined : (this.tokenToId(padToken) ?? undefined);
  }

  get paddingSide(): "left" | "right" {
    return this.#files.paddingSide;
  }

  /** Id of a token; null where there is no such token. */
  tokenToId(token: string): number | null {
    return this.#plain.tokenToId(token);
  }

  /**
   * Ids of each text, cut to `maxLength` (special tokens kept and counted), not padded.
   *
   * @internal
   */
  async encodeIds(texts: readonly string[], maxLength: number): Promise<number[][]> {
    const encodings = await this.#withMaxLength(maxLength).encodeBatch([...texts]);
    return encodings.map((encoding) => encoding.getIds());
  }

  /** @throws {PixtokError} INVALID_TOKENIZER where the tokenizer has no padding token. */
  requirePadTokenId(): number {
    const id = this.padTokenId;
    if (id === undefined) {
      throw new PixtokError(
        "INVALID_TOKENIZER",
        "the tokenizer has no padding token; name one as pad_token in tokenizer_config.json",
        { source: this.#files.source },
      );
    }
    return id;
  }

  /**
   * One text or several to tensors of ids.
   *
   * @throws {TypeError | RangeError} for misuse, and for rows of different lengths without padding.
   */
  async encode(texts: string | readonly string[], options: EncodeOptions = {}): Promise<Encoded> {
    const list = requireTexts("texts", texts);
    if (list.length === 0) throw outOfRange("texts", "at least one text", texts);
    const given = requireOptions("encode", options, encodeOptionNames);
    const padding = requirePadding(given.padding ?? false);
    const truncation = requireBoolean("truncation", given.truncation ?? false);
    const addSpecialTokens = requireBoolean("add_special_tokens", given.add_special_tokens ?? true);
    const maxLength =
      given.max_length == null ? undefined : requireInteger("max_length", given.max_length, 1);
    if (maxLength === undefined && (truncation || padding === "max_length")) {
      throw wrongType("max_length", "a length, for truncation and for padding to it", maxLength);
    }
    const pairs = given.text_pair == null ? undefined : requireTexts("text_pair", given.text_pair);
    if (pairs !== undefined && pairs.length !== list.length) {
      throw outOfRange("text_pair", `${list.length} texts, as many as first texts`, pairs.length);
    }
    const rust = this.#withMaxLength(truncation ? (maxLength as number) : 0);
    const encodings = await encodeAll(rust, list, pairs, addSpecialTokens);
    return this.#toTensors(encodings, padding, maxLength);
  }

  #toTensors(
    encodings: readonly Encoding[],
    padding: "longest" | "max_length" | "none",
    maxLength: number | undefined,
  ): Encoded {
    const ids = encodings.map((encoding) => encoding.getIds());
    const lengths = ids.map((row) => row.length);
    const longest = Math.max(...lengths);
    const length = padding === "max_length" ? Math.max(longest, maxLength as number) : longest;
    const ragged = lengths.some((one) => one !== length);
    if (ragged && padding === "none") {
      throw outOfRange(
        "padding",
        'true, "longest" or "max_length", as rows differ in length',
        false,
      );
    }
    const padId = ragged ? this.requirePadTokenId() : 0;
    const dims = [ids.length, length];
    const rowsOf = (rows: readonly (readonly number[])[], pad: number): Tensor<"int64"> => {
      const data = tokenData("int64", ids.length * length) as BigInt64Array;
      fillTokenRows(data, length, rows, pad, this.paddingSide);
      return { type: "int64", data, dims };
    };
    return {
      input_ids: rowsOf(ids, padId),
      attention_mask: rowsOf(
        ids.map((row) => row.map(() => 1)),
        0,
      ),
      token_type_ids: rowsOf(
        encodings.map((encoding) => encoding.getTypeIds()),
        0,
      ),
    };
  }

  /** Ids back to a text. */
  async decode(
    ids: ArrayLike<number | bigint>,
    options: { skip_special_tokens?: boolean } = {},
  ): Promise<string> {
    const { skip_special_tokens = false } = requireOptions("decode", options, [
      "skip_special_tokens",
    ]);
    return this.#plain.decode(
      Array.from(ids, Number),
      requireBoolean("skip_special_tokens", skip_special_tokens),
    );
  }
}

function requirePadding(value: unknown): "longest" | "max_length" | "none" {
  if (value === false) return "none";
  if (value === true) return "longest";
  return requireOneOf("padding", value, ["longest", "max_length"]);
}

async function encodeAll(
  rust: RustTokenizer,
  texts: readonly string[],
  pairs: readonly string[] | undefined,
  addSpecialTokens: boolean,
): Promise<Encoding[]> {
  if (pairs === undefined) return rust.encodeBatch([...texts], { addSpecialTokens });
  // encodeBatch takes no pairs
  return Promise.all(
    texts.map((text, row) => rust.encode(text, pairs[row] as string, { addSpecialTokens })),
  );
}

export type { TokenTensor, TokenType };
