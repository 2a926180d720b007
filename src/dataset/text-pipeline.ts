import type { PictureOutput } from "../image/picture-geometry.js";
import type { Tensor } from "../shared/tensor.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import { type AnyTokenizer, ownPaddingSide, ownPadTokenId } from "../text/own-tokenizer.js";
import { attentionMask, type TokenIds, tokenTensor } from "../text/token-rows.js";
import { coreOfTokenizer, Tokenizer } from "../text/tokenizer.js";
import type { TextConfig } from "./dataset-options.js";
import type { ReadPair, TextWithTokens } from "./pair-reader.js";
import type { SequenceRows } from "./sequences.js";

/** A row of a batch on its way to tensors. */
export interface RowTokens {
  readonly tokenIds: TokenIds;
  readonly pair: Pick<ReadPair, "encoded">;
}

/** Tokens of a batch, in rows of one length. */
export interface PaddedTokens {
  /** By their names in the batch: `input_ids`, `attention_mask` and what else there is. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Share of the tokens that are padding, 0 to 1. */
  readonly paddingShare: number;
  /** Where the texts of each row of the tensors begin. */
  readonly starts: readonly (readonly number[])[];
  /** Tokens of the longest row, or of the most padding, where rows are joined to sequences. */
  readonly maxSeqlen?: number;
}

/** What rows are padded with, and at which end. */
export interface TokenPadding {
  readonly padTokenId: number;
  readonly paddingSide: "left" | "right";
}

/** What cleaned texts go through: tokens, then rows of one length. */
export interface TextPipeline {
  /** Undefined where tokens are ready. */
  readonly tokenizer: AnyTokenizer | undefined;
  readonly config: TextConfig;
  readonly padding: TokenPadding;
  /** Whether rows have texts, and not tokens alone. */
  readonly hasTexts: boolean;
  /**
   * Tokens of texts, cut to `maxLength` and not padded: those that came with the pair, or what a Tokenizer makes of all
   * texts at once. Of a pair that could not be read, where the tokens would have come with it, none.
   */
  tokensOf(texts: readonly TextWithTokens[]): Promise<TokenIds[]>;
  /** Gives a pair whose images are measured its tokens; its errors are the pair's. Left out: tokensOf() does it. */
  readonly complete?: (pair: ReadPair) => Promise<ReadPair>;
  /**
   * Tokens of a pair whose images are measured, before they are cut. Left out: they are those of its text alone, or came with
   * the pair.
   */
  readonly lengthOf?: (pair: ReadPair) => Promise<number>;
  /**
   * @param sequences rows that are joined. Default: none are; refused where `complete` is left out.
   * @throws {RangeError} where the special tokens alone are more than `maxLength`.
   */
  pad(
    rows: readonly RowTokens[],
    allocate: (bytes: number) => Uint8Array,
    sequences?: SequenceRows,
  ): PaddedTokens;
  /** What of the images' fields goes into a batch with these tokens. Left out: all of them. */
  readonly imageFields?: (
    fields: Readonly<Record<string, PictureOutput>>,
    tokens: PaddedTokens,
  ) => object;
}

/**
 * Tokens of each row of a tensor.
 *
 * @throws {RangeError} where the special tokens alone are more than `maxLength`.
 */
export function paddedLength(
  rows: readonly { readonly ids: TokenIds }[],
  {
    maxLength,
    padding,
    padToMultipleOf,
  }: Pick<TextConfig, "maxLength" | "padding" | "padToMultipleOf">,
): number {
  const longest = rows.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  // the special tokens alone can be more than a very small maxLength
  if (longest > maxLength) {
    throw outOfRange("text.maxLength", `at least ${longest}, for the special tokens`, maxLength);
  }
  if (padding === "max_length") return maxLength;
  return Math.ceil(longest / padToMultipleOf) * padToMultipleOf;
}

/** Share of the tokens of rows of a length that are padding. */
export function shareOfPadding(
  rows: readonly { readonly ids: TokenIds }[],
  length: number,
): number {
  const tokens = rows.reduce((sum, { ids }) => sum + ids.length, 0);
  const padded = rows.length * length;
  return padded === 0 ? 0 : 1 - tokens / padded;
}

/**
 * @throws {TypeError} where it is not said what rows are padded with.
 * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer cannot pad.
 */
export function textPipeline(
  tokenizer: AnyTokenizer | undefined,
  config: TextConfig,
): TextPipeline {
  const { maxLength, type } = config;
  const core = tokenizer instanceof Tokenizer ? coreOfTokenizer(tokenizer) : null;
  const { padTokenId: padId, paddingSide } = tokenPadding(tokenizer, config);
  return {
    tokenizer,
    config,
    padding: { padTokenId: padId, paddingSide },
    hasTexts: config.tokens === undefined,
    async tokensOf(texts) {
      const ready = texts.map(({ tokens }) => tokens?.ids);
      if (core === null || ready.every((ids) => ids !== undefined)) {
        return ready.map((ids) => ids ?? []);
      }
      const all = texts.map(({ text }) => text);
      return core.encodeIds(all, maxLength);
    },
    pad(rows, allocate) {
      const own = rows.map(({ tokenIds }) => ({ ids: tokenIds }));
      const length = paddedLength(own, config);
      const ids = rows.map(({ tokenIds }) => tokenIds);
      const layout = { type, length, paddingSide, allocate };
      return {
        tensors: {
          input_ids: tokenTensor(ids, padId, layout),
          attention_mask: attentionMask(ids, layout),
        },
        starts: rows.map(() => [0]),
        paddingShare: shareOfPadding(own, length),
      };
    },
  };
}

function tokenPadding(tokenizer: AnyTokenizer | undefined, config: TextConfig): TokenPadding {
  if (tokenizer instanceof Tokenizer) {
    return {
      padTokenId: config.padTokenId ?? coreOfTokenizer(tokenizer).requirePadTokenId(),
      paddingSide: config.paddingSide ?? tokenizer.paddingSide,
    };
  }
  const padTokenId = config.padTokenId ?? (tokenizer && ownPadTokenId(tokenizer));
  if (padTokenId === undefined) {
    const expected =
      tokenizer === undefined
        ? "an id, as tokens are ready"
        : "an id, as the tokenizer does not say what it pads with";
    throw wrongType("text.padTokenId", expected, padTokenId);
  }
  const own = tokenizer === undefined ? "right" : ownPaddingSide(tokenizer);
  return { padTokenId, paddingSide: config.paddingSide ?? own };
}
