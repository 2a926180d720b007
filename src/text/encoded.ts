import type { Tensor } from "../shared/tensor.js";
import type { TokenType } from "./token-rows.js";

/** Shape [n, length] each; n is 1 for a single text, and more where rows overflow. */
export interface Encoded<T extends TokenType = "int64"> {
  /** Token ids, padded. */
  input_ids: Tensor<T>;
  /** 1 for a token, 0 for padding. */
  attention_mask: Tensor<T>;
  /** Which text of a pair a token is of, as the tokenizer numbers them; 0 for padding. */
  token_type_ids: Tensor<T>;
  /**
   * Where in its text a token begins and ends, shape [n, length, 2], with return_offsets_mapping: in
   * Unicode code points, as in Python (`[...text].slice(begin, end)`). 0 and 0 for special tokens and
   * padding.
   */
  offset_mapping?: Tensor<T>;
  /** Which text a row is of, shape [n], with return_overflowing_tokens. */
  overflow_to_sample_mapping?: Tensor<T>;
}
