import { readOptions } from "../shared/options.js";
import { shownAs } from "../shared/shown-as.js";
import { requireInteger, requireString, wrongType } from "../shared/validation.js";
import { encodeToTensors } from "./encode-to-tensors.js";
import type { Encoded } from "./encoded.js";
import { shownTokenizer } from "./shown-tokenizer.js";
import type { TokenType } from "./token-rows.js";
import { type TokenizerCore, tokenizerCore } from "./tokenizer-core.js";
import { readTokenizerFiles } from "./tokenizer-files.js";
import {
  type DecodeOptions,
  decodeReaders,
  type EncodeOptions,
  fromPretrainedReaders,
  type PretrainedTokenizerOptions,
} from "./tokenizer-options.js";

/**
 * What a tokenizer consists of. For other rooms: the class has no members for them.
 *
 * @internal
 */
export let coreOfTokenizer: (tokenizer: Tokenizer) => TokenizerCore;

/** @internal */
export let tokenizerOfCore: (core: TokenizerCore) => Tokenizer;

/**
 * Texts to ids by Hugging Face's Rust `tokenizers`, on its own threads: the ids of the Python
 * library, for any `tokenizer.json` or BERT `vocab.txt`.
 */
export class Tokenizer {
  readonly #core: TokenizerCore;

  static {
    coreOfTokenizer = (tokenizer) => tokenizer.#core;
    tokenizerOfCore = (core) => new Tokenizer(core);
    shownAs<Tokenizer>((tokenizer) => shownTokenizer(tokenizer.#core))(Tokenizer.prototype);
  }

  private constructor(core: TokenizerCore) {
    this.#core = core;
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
    const files = await readTokenizerFiles(idOrPath, overrides, revision);
    return new Tokenizer(await tokenizerCore(files));
  }

  /** Number of tokens, added ones included. */
  get vocabSize(): number {
    return this.#core.vocabSize();
  }

  /**
   * Id of the padding token; undefined where the tokenizer has none. Where its files name no padding
   * token, it is the one that ends a text (`eos_token`), as in transformers.js.
   */
  get padTokenId(): number | undefined {
    return this.#core.padTokenId();
  }

  /** The end of a row that is padded: `padding_side` in tokenizer_config.json, else "right". */
  get paddingSide(): "left" | "right" {
    return this.#core.files.paddingSide;
  }

  /** The end of a text that is cut: `truncation_side` in tokenizer_config.json, else "right". */
  get truncationSide(): "left" | "right" {
    return this.#core.files.truncationSide;
  }

  /** Id of a token; null where there is no such token. */
  tokenToId(token: string): number | null {
    return this.#core.tokenToId(requireString("token", token));
  }

  /** @throws {PixtokError} INVALID_TOKENIZER where the tokenizer has no padding token. */
  requirePadTokenId(): number {
    return this.#core.requirePadTokenId();
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
    return encodeToTensors(this.#core, texts, options);
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
    return this.#core.decode(list, skip);
  }
}
