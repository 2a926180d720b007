import { Tokenizer as RustTokenizer } from "tokenizers";
import { PixtokError } from "../shared/errors.js";
import { readOptions } from "../shared/options.js";
import { outOfRange, requireInteger, wrongType } from "../shared/validation.js";
import { encodeTexts, type TokenNumbers } from "./encode-texts.js";
import type { Encoded } from "./encoded.js";
import { type EncodedRow, overflowingRows, truncatedRows, wholeRows } from "./encoded-rows.js";
import { encodedTensors, rowLength } from "./encoded-tensors.js";
import { type IsolatedTokenizer, isolateTokenizer } from "./isolated-tokenizer.js";
import { readSpecialTokens, type SpecialTokens } from "./special-tokens.js";
import { measureText, type TextMeasure } from "./text-measure.js";
import type { TokenType } from "./token-rows.js";
import { readTokenizerFiles, type TokenizerFiles } from "./tokenizer-files.js";
import {
  type DecodeOptions,
  decodeReaders,
  type EncodeOptions,
  encodeReaders,
  fromPretrainedReaders,
  MAX_LENGTH,
  type PretrainedTokenizerOptions,
  requireTextList,
} from "./tokenizer-options.js";

function notLoaded(source: string, cause: unknown): PixtokError {
  const message = `cannot be loaded: ${(cause as Error).message}`;
  return new PixtokError("INVALID_TOKENIZER", message, { source, cause });
}

/**
 * Texts to ids by Hugging Face's Rust `tokenizers`, on its own threads: the ids of the Python
 * library, for any `tokenizer.json` or BERT `vocab.txt`.
 */
export class Tokenizer {
  readonly #files: TokenizerFiles;
  readonly #rust: RustTokenizer;
  readonly #warnedLengths = new Set<number>();
  /** Where texts are encoded, unless it is here. */
  readonly #isolated: IsolatedTokenizer | undefined;
  #specialTokens: SpecialTokens | undefined;

  private constructor(files: TokenizerFiles, isolated: IsolatedTokenizer | undefined) {
    this.#files = files;
    this.#isolated = isolated;
    try {
      this.#rust = RustTokenizer.fromString(files.json);
      // what the file asks for is not what the user asks for
      this.#rust.disableTruncation();
      this.#rust.disablePadding();
    } catch (cause) {
      throw notLoaded(files.source, cause);
    }
  }

  /**
   * @param idOrPath a folder with `tokenizer.json` or `vocab.txt`, one of these files, or, where there
   *   is no such folder or file, the id of a model on the Hugging Face hub. HF_ENDPOINT, HF_HOME,
   *   HF_HUB_CACHE, HF_TOKEN and HF_HUB_OFFLINE are honoured, and the cache is shared with Python.
   * @throws {TypeError | RangeError} for misuse.
   * @throws {PixtokError} TOKENIZER_NOT_FOUND, INVALID_TOKENIZER; for a hub id HUB_REPO_NOT_FOUND,
   *   HUB_REVISION_NOT_FOUND, HUB_ACCESS_DENIED, HUB_UNREACHABLE, HUB_CORRUPT_FILE, HUB_NOT_CACHED,
   *   HUB_CACHE_UNWRITABLE.
   */
  static async fromPretrained(
    idOrPath: string,
    options: PretrainedTokenizerOptions = {},
  ): Promise<Tokenizer> {
    const given = readOptions("Tokenizer.fromPretrained", options, fromPretrainedReaders);
    const { revision, ...overrides } = given;
    return Tokenizer.ofFiles(await readTokenizerFiles(idOrPath, overrides, revision));
  }

  /**
   * @throws {PixtokError} INVALID_TOKENIZER
   * @internal
   */
  static async ofFiles(files: TokenizerFiles): Promise<Tokenizer> {
    const isolated = files.trusted
      ? undefined
      : await isolateTokenizer(files.json).catch((cause) => {
          throw notLoaded(files.source, cause);
        });
    return new Tokenizer(files, isolated);
  }

  #invalid(message: string, cause?: unknown): PixtokError {
    return new PixtokError("INVALID_TOKENIZER", message, { source: this.#files.source, cause });
  }

  /** Rows longer than the model's files allow are made, as in Python, but not without a word. */
  #warnAboveLimit(maxLength: number): void {
    const { limit, source } = this.#files;
    if (limit === undefined || maxLength <= limit.tokens || this.#warnedLengths.has(maxLength)) {
      return;
    }
    this.#warnedLengths.add(maxLength);
    process.emitWarning(
      `${JSON.stringify(source)}: rows of up to ${maxLength} tokens were asked for, but the tokenizer's own files limit them to ${limit.tokens} (${limit.name}); the model may not take more`,
      { code: "PIXTOK_TRUNCATION_LIMIT" },
    );
  }

  /** Number of tokens, added ones included. */
  get vocabSize(): number {
    return this.#rust.getVocabSize(true);
  }

  /**
   * Id of the padding token; undefined where the tokenizer has none. Where its files name no padding
   * token, it is the one that ends a text (`eos_token`), as in transformers.js.
   */
  get padTokenId(): number | undefined {
    const { padToken } = this.#files;
    return padToken === undefined ? undefined : (this.tokenToId(padToken) ?? undefined);
  }

  /** The end of a row that is padded: `padding_side` in tokenizer_config.json, else "right". */
  get paddingSide(): "left" | "right" {
    return this.#files.paddingSide;
  }

  /** The end of a text that is cut: `truncation_side` in tokenizer_config.json, else "right". */
  get truncationSide(): "left" | "right" {
    return this.#files.truncationSide;
  }

  /**
   * What it is made from: the contents of a tokenizer.json, and what tokenizer_config.json says beside it.
   *
   * @internal
   */
  get definition(): Readonly<TokenizerFiles> {
    return this.#files;
  }

  /** Id of a token; null where there is no such token. */
  tokenToId(token: string): number | null {
    return this.#rust.tokenToId(token);
  }

  get #special(): SpecialTokens {
    this.#specialTokens ??= readSpecialTokens(this.#files.json);
    return this.#specialTokens;
  }

  /**
   * Ids of tokens that stand for no part of a text, the padding token's among them.
   *
   * @internal
   */
  get specialTokenIds(): number[] {
    const { padTokenId } = this;
    const ids = padTokenId === undefined ? [] : [padTokenId];
    return [...new Set([...this.#special.ids, ...ids])].sort((a, b) => a - b);
  }

  /**
   * One more than the largest id.
   *
   * @internal
   */
  get idLimit(): number {
    const ids = Object.values(this.#rust.getVocab(true));
    return ids.reduce((most, id) => Math.max(most, id), -1) + 1;
  }

  /**
   * Ids of each text, cut to `maxLength` (special tokens kept and counted), not padded.
   *
   * @internal
   */
  async encodeIds(texts: readonly string[], maxLength: number): Promise<(readonly number[])[]> {
    this.#warnAboveLimit(maxLength);
    const encodings = await this.#encodeAll(texts, undefined, true);
    return truncatedRows(encodings, {
      maxLength,
      strategy: "longest_first",
      side: this.truncationSide,
    }).map((row) => row.of((encodings[row.sample] as TokenNumbers).ids));
  }

  /** @internal */
  async measureTexts(texts: readonly string[]): Promise<TextMeasure[]> {
    const { unknown } = this.#special;
    const unknownId = typeof unknown === "string" ? this.tokenToId(unknown) : unknown;
    const encodings = await this.#encodeAll(texts, undefined, true);
    return encodings.map((encoding, row) => measureText(texts[row] as string, encoding, unknownId));
  }

  /** @throws {PixtokError} INVALID_TOKENIZER where the tokenizer has no padding token. */
  requirePadTokenId(): number {
    const id = this.padTokenId;
    if (id !== undefined) return id;
    const { padToken } = this.#files;
    throw this.#invalid(
      padToken === undefined
        ? "the tokenizer has no padding token; name one as pad_token"
        : `the padding token ${JSON.stringify(padToken)} is not in the vocabulary; name another as pad_token`,
    );
  }

  /**
   * One text or several to tensors of ids.
   *
   * ```ts
   * const { input_ids, attention_mask } = await tokenizer.encode(texts, {
   *   padding: "max_length",
   *   truncation: true,
   *   max_length: 77,
   * });
   * ```
   *
   * A max_length above the limit in the tokenizer's own files gives a process warning with the code
   * PIXTOK_TRUNCATION_LIMIT, once a length.
   *
   * @throws {TypeError | RangeError} for misuse, for rows of different lengths without padding, and for
   *   rows longer than max_length without truncation.
   * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer cannot pad or fails.
   */
  async encode<T extends TokenType = "int64">(
    texts: string | readonly string[],
    options: EncodeOptions<T> = {},
  ): Promise<Encoded<T>> {
    const list = requireTextList("texts", texts);
    if (list.length === 0) throw outOfRange("texts", "at least one text", texts);
    const given = readOptions("encode", options, encodeReaders);
    const { padding, truncation, add_special_tokens: addSpecialTokens, text_pair: pairs } = given;
    if (pairs !== undefined && pairs.length !== list.length) {
      throw outOfRange("text_pair", `${list.length} texts, as many as first texts`, pairs.length);
    }
    const needsLength = truncation !== false || padding === "max_length";
    const maxLength = this.#readMaxLength(given.max_length, needsLength);
    const multiple = padding === false ? 1 : (given.pad_to_multiple_of ?? 1);
    if (truncation !== false && (maxLength as number) % multiple !== 0) {
      throw outOfRange("max_length", `a multiple of pad_to_multiple_of (${multiple})`, maxLength);
    }

    const encodings = await this.#encodeAll(list, pairs, addSpecialTokens);
    let rows: EncodedRow[];
    if (truncation === false) rows = wholeRows(encodings);
    else {
      const cut = {
        maxLength: maxLength as number,
        strategy: truncation,
        side: this.truncationSide,
      };
      rows = given.return_overflowing_tokens
        ? overflowingRows(encodings, cut, given.stride)
        : truncatedRows(encodings, cut);
    }
    const length = rowLength(rows, { padding, multiple, maxLength, cut: truncation !== false });
    return encodedTensors(encodings, rows, {
      type: given.type as T,
      length,
      paddingSide: this.paddingSide,
      padId: rows.every((row) => row.length === length) ? 0 : this.requirePadTokenId(),
      offsets: given.return_offsets_mapping,
      samples: given.return_overflowing_tokens,
    });
  }

  #readMaxLength(value: unknown, needed: boolean): number | undefined {
    if (value == null) {
      if (!needed) return undefined;
      const { defaultMaxLength } = this.#files;
      if (defaultMaxLength !== undefined) return defaultMaxLength;
      throw wrongType(
        "max_length",
        "a length, for truncation or for padding to it, as the tokenizer's files have none",
        value,
      );
    }
    const maxLength = requireInteger("max_length", value, 1, MAX_LENGTH);
    this.#warnAboveLimit(maxLength);
    return maxLength;
  }

  async #encodeAll(
    texts: readonly string[],
    pairs: readonly string[] | undefined,
    addSpecialTokens: boolean,
  ): Promise<TokenNumbers[]> {
    try {
      return this.#isolated === undefined
        ? await encodeTexts(this.#rust, texts, pairs, addSpecialTokens)
        : await this.#isolated.encode(texts, pairs, addSpecialTokens);
    } catch (cause) {
      throw this.#invalid(`cannot encode: ${(cause as Error).message}`, cause);
    }
  }

  /**
   * Ids back to a text, by the tokenizer's own decoder.
   *
   * @throws {TypeError | RangeError} for what is no id. An id that the vocabulary does not have is left
   *   out.
   */
  async decode(ids: ArrayLike<number | bigint>, options: DecodeOptions = {}): Promise<string> {
    const { skip_special_tokens: skip } = readOptions("decode", options, decodeReaders);
    if (typeof ids !== "object" || ids === null || !("length" in ids)) {
      throw wrongType("ids", "an array of ids", ids);
    }
    const list = Array.from(ids, (id, position) =>
      requireInteger(`ids[${position}]`, typeof id === "bigint" ? Number(id) : id, 0, 2 ** 32 - 1),
    );
    try {
      return await (this.#isolated ?? this.#rust).decode(list, skip);
    } catch (cause) {
      throw this.#invalid(`cannot decode: ${(cause as Error).message}`, cause);
    }
  }
}
