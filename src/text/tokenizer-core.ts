import { Tokenizer as RustTokenizer } from "tokenizers";
import { PixtokError } from "../shared/errors.js";
import { encodeTexts, type TokenNumbers } from "./encode-texts.js";
import { truncatedRows } from "./encoded-rows.js";
import { isolateTokenizer } from "./isolated-tokenizer.js";
import { readSpecialTokens, type SpecialTokens } from "./special-tokens.js";
import { measureText, type TextMeasure } from "./text-measure.js";
import type { TokenizerFiles } from "./tokenizer-files.js";

/** What a Tokenizer consists of. */
export interface TokenizerCore {
  /** What it is made from: the contents of a tokenizer.json, and what tokenizer_config.json says beside it. */
  readonly files: Readonly<TokenizerFiles>;
  /** Number of tokens, added ones included. */
  vocabSize(): number;
  /** One more than the largest id. */
  idLimit(): number;
  /** Null where there is no such token. */
  tokenToId(token: string): number | null;
  /** As the vocabulary has it, such as "##ing"; null where there is no such id. */
  idToToken(id: number): string | null;
  /** Id of what is put for a part of a text that the vocabulary does not have; null or undefined where nothing is. */
  unknownTokenId(): number | null | undefined;
  /** Undefined where the tokenizer has no padding token, or it is not in the vocabulary. */
  padTokenId(): number | undefined;
  /** @throws {PixtokError} INVALID_TOKENIZER where the tokenizer has no padding token. */
  requirePadTokenId(): number;
  /** Ids of tokens that stand for no part of a text, the padding token's among them. */
  specialTokenIds(): number[];
  /** Warns, once a length, where rows are longer than the model's files allow. */
  warnAboveLimit(maxLength: number): void;
  /**
   * Tokens of whole texts, each with its pair where there are pairs.
   *
   * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer fails, as below.
   */
  encode(
    texts: readonly string[],
    pairs: readonly string[] | undefined,
    addSpecialTokens: boolean,
  ): Promise<TokenNumbers[]>;
  /** Ids of each text, cut to `maxLength` (special tokens kept and counted), not padded. */
  encodeIds(texts: readonly string[], maxLength: number): Promise<(readonly number[])[]>;
  measureTexts(texts: readonly string[]): Promise<TextMeasure[]>;
  decode(ids: number[], skipSpecialTokens: boolean): Promise<string>;
}

/** @throws {PixtokError} INVALID_TOKENIZER */
export async function tokenizerCore(files: TokenizerFiles): Promise<TokenizerCore> {
  const { json, padToken, truncationSide, limit, source } = files;

  const invalid = (message: string, cause?: unknown) =>
    new PixtokError("INVALID_TOKENIZER", message, { source, cause });
  const failed = (what: string, cause: unknown) =>
    invalid(`${what}: ${(cause as Error).message}`, cause);

  /** Where texts are encoded, unless it is here. */
  const isolated = files.trusted
    ? undefined
    : await isolateTokenizer(json).catch((cause) => {
        throw failed("cannot be loaded", cause);
      });

  const loadHere = (): RustTokenizer => {
    try {
      const loaded = RustTokenizer.fromString(json);
      // what the file asks for is not what the user asks for
      loaded.disableTruncation();
      loaded.disablePadding();
      return loaded;
    } catch (cause) {
      throw failed("cannot be loaded", cause);
    }
  };
  const rust = loadHere();

  let readTokens: SpecialTokens | undefined;
  const specialTokens = (): SpecialTokens => {
    readTokens ??= readSpecialTokens(json);
    return readTokens;
  };

  const tokenToId = (token: string) => rust.tokenToId(token);
  const padTokenId = () =>
    padToken === undefined ? undefined : (tokenToId(padToken) ?? undefined);

  const unknownTokenId = () => {
    const { unknown } = specialTokens();
    return typeof unknown === "string" ? tokenToId(unknown) : unknown;
  };

  const warnedLengths = new Set<number>();
  const warnAboveLimit = (maxLength: number) => {
    if (limit === undefined || maxLength <= limit.tokens || warnedLengths.has(maxLength)) return;
    warnedLengths.add(maxLength);
    process.emitWarning(
      `${JSON.stringify(source)}: rows of up to ${maxLength} tokens were asked for, but the tokenizer's own files limit them to ${limit.tokens} (${limit.name}); the model may not take more`,
      { code: "PIXTOK_TRUNCATION_LIMIT" },
    );
  };

  const encode: TokenizerCore["encode"] = async (texts, pairs, addSpecialTokens) => {
    try {
      return isolated === undefined
        ? await encodeTexts(rust, texts, pairs, addSpecialTokens)
        : await isolated.encode(texts, pairs, addSpecialTokens);
    } catch (cause) {
      throw failed("cannot encode", cause);
    }
  };

  return {
    files,
    vocabSize: () => rust.getVocabSize(true),
    idLimit() {
      const ids = Object.values(rust.getVocab(true));
      return ids.reduce((most, id) => Math.max(most, id), -1) + 1;
    },
    tokenToId,
    idToToken: (id) => rust.idToToken(id),
    unknownTokenId,
    padTokenId,
    requirePadTokenId() {
      const id = padTokenId();
      if (id !== undefined) return id;
      throw invalid(
        padToken === undefined
          ? "the tokenizer has no padding token; name one as pad_token"
          : `the padding token ${JSON.stringify(padToken)} is not in the vocabulary; name another as pad_token`,
      );
    },
    specialTokenIds() {
      const id = padTokenId();
      const ids = id === undefined ? [] : [id];
      return [...new Set([...specialTokens().ids, ...ids])].sort((a, b) => a - b);
    },
    warnAboveLimit,
    encode,
    async encodeIds(texts, maxLength) {
      warnAboveLimit(maxLength);
      const encodings = await encode(texts, undefined, true);
      const cut = { maxLength, strategy: "longest_first", side: truncationSide } as const;
      return truncatedRows(encodings, cut).map((row) =>
        row.of((encodings[row.sample] as TokenNumbers).ids),
      );
    },
    async measureTexts(texts) {
      const unknownId = unknownTokenId();
      const encodings = await encode(texts, undefined, true);
      return encodings.map((encoding, row) =>
        measureText(texts[row] as string, encoding, unknownId),
      );
    },
    async decode(ids, skipSpecialTokens) {
      try {
        return await (isolated ?? rust).decode(ids, skipSpecialTokens);
      } catch (cause) {
        throw failed("cannot decode", cause);
      }
    },
  };
}
