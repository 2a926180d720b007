import type { TokenTensor } from "../shared/tensor.js";
import { outOfRange } from "../shared/validation.js";
import { attentionMask, type TokenIds, tokenTensor } from "../text/token-rows.js";
import type { Tokenizer } from "../text/tokenizer.js";
import type { TextConfig } from "./dataset-options.js";

/** The token tensors of a batch. */
export interface TokenTensors {
  input_ids: TokenTensor;
  attention_mask: TokenTensor;
}

/** What cleaned texts go through: tokens, then rows of one length. */
export interface TextPipeline {
  readonly tokenizer: Tokenizer;
  readonly config: TextConfig;
  /** Token ids of texts, cut to `maxLength` and not padded. */
  encode(texts: readonly string[]): Promise<number[][]>;
  /** @throws {RangeError} where the special tokens alone are more than `maxLength`. */
  pad(rows: readonly TokenIds[], allocate: (bytes: number) => Uint8Array): TokenTensors;
}

/** @throws {PixtokError} INVALID_TOKENIZER where the tokenizer cannot pad. */
export function textPipeline(tokenizer: Tokenizer, config: TextConfig): TextPipeline {
  const { maxLength, padding, type } = config;
  const padId = tokenizer.requirePadTokenId();
  return {
    tokenizer,
    config,
    encode: (texts) => tokenizer.encodeIds(texts, maxLength),
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
        length: padding === "max_length" ? maxLength : longest,
        paddingSide: tokenizer.paddingSide,
        allocate,
      };
      return {
        input_ids: tokenTensor(rows, padId, layout) as TokenTensor,
        attention_mask: attentionMask(rows, layout) as TokenTensor,
      };
    },
  };
}
