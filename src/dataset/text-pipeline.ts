import type { TokenTensor } from "../shared/tensor.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import { type AnyTokenizer, ownPaddingSide, ownPadTokenId } from "../text/own-tokenizer.js";
import { attentionMask, type TokenIds, tokenTensor } from "../text/token-rows.js";
import { coreOfTokenizer, Tokenizer } from "../text/tokenizer.js";
import type { TextConfig } from "./dataset-options.js";
import type { TextWithTokens } from "./pair-reader.js";

/** Tokens of a batch, in rows of one length. */
export interface PaddedTokens {
  input_ids: TokenTensor;
  attention_mask: TokenTensor;
  /** Share of the tokens that are padding, 0 to 1. */
  paddingShare: number;
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
  /** @throws {RangeError} where the special tokens alone are more than `maxLength`. */
  pad(rows: readonly TokenIds[], allocate: (bytes: number) => Uint8Array): PaddedTokens;
}

/**
 * @throws {TypeError} where it is not said what rows are padded with.
 * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer cannot pad.
 */
export function textPipeline(
  tokenizer: AnyTokenizer | undefined,
  config: TextConfig,
): TextPipeline {
  const { maxLength, padding, padToMultipleOf, type } = config;
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
      const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
      // the special tokens alone can be more than a very small maxLength
      if (longest > maxLength) {
        throw outOfRange(
          "text.maxLength",
          `at least ${longest}, for the special tokens`,
          maxLength,
        );
      }
      const layout = {
        type,
        length:
          padding === "max_length"
            ? maxLength
            : Math.ceil(longest / padToMultipleOf) * padToMultipleOf,
        paddingSide,
        allocate,
      };
      const tokens = rows.reduce((sum, row) => sum + row.length, 0);
      const padded = rows.length * layout.length;
      return {
        input_ids: tokenTensor(rows, padId, layout) as TokenTensor,
        attention_mask: attentionMask(rows, layout) as TokenTensor,
        paddingShare: padded === 0 ? 0 : 1 - tokens / padded,
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
