import type { TokenTensor } from "../shared/tensor.js";
import { outOfRange } from "../shared/validation.js";
import { attentionMask, type TokenIds, tokenTensor } from "../text/token-rows.js";
import { coreOfTokenizer, type Tokenizer } from "../text/tokenizer.js";
import type { TextConfig } from "./dataset-options.js";

/** Tokens of a batch, in rows of one length. */
export interface PaddedTokens {
  input_ids: TokenTensor;
  attention_mask: TokenTensor;
  /** Share of the tokens that are padding, 0 to 1. */
  paddingShare: number;
}

/** What cleaned texts go through: tokens, then rows of one length. */
export interface TextPipeline {
  readonly tokenizer: Tokenizer;
  readonly config: TextConfig;
  /** Token ids of texts, cut to `maxLength` and not padded. */
  encode(texts: readonly string[]): Promise<(readonly number[])[]>;
  /** @throws {RangeError} where the special tokens alone are more than `maxLength`. */
  pad(rows: readonly TokenIds[], allocate: (bytes: number) => Uint8Array): PaddedTokens;
}

/** @throws {PixtokError} INVALID_TOKENIZER where the tokenizer cannot pad. */
export function textPipeline(tokenizer: Tokenizer, config: TextConfig): TextPipeline {
  const { maxLength, padding, padToMultipleOf, type } = config;
  const core = coreOfTokenizer(tokenizer);
  const padId = core.requirePadTokenId();
  return {
    tokenizer,
    config,
    encode: (texts) => core.encodeIds(texts, maxLength),
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
        paddingSide: tokenizer.paddingSide,
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
