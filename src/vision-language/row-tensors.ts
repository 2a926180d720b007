import { makeTensor } from "../shared/make-tensor.js";
import type { Tensor, TensorData } from "../shared/tensor.js";
import {
  attentionMask,
  type TokenLayout,
  type TokenType,
  tokenTensor,
} from "../text/token-rows.js";

/** Tokens of a row, and what is known of each. */
export interface EncodedRow {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
  /** 1 for each token that is learned, 0 for all else; null where nothing says so. */
  readonly learned: readonly number[] | null;
}

/** What no loss is computed of, in torch and elsewhere. */
export const NOT_LEARNED = -100;

/** Tensors of rows, [rows, length] each. */
export interface RowTensors<T extends TokenType> {
  /** Token ids, padded. */
  input_ids: Tensor<T>;
  /** 1 for a token, 0 for padding. */
  attention_mask: Tensor<T>;
  /** As the tokenizer numbers the texts of a row; of Gemma3 1 for a token of an image. */
  token_type_ids?: Tensor<T>;
  /** 1 for a token of an image, 0 for all else: Qwen2VL and others. */
  mm_token_type_ids?: Tensor<T>;
  /** Likewise, and 1 for what an image begins and ends by: Ernie4_5_VLMoe. */
  moe_mm_token_type_ids?: Tensor<T>;
  /** 1 for what an assistant says, with return_assistant_tokens_mask. */
  assistant_masks?: Tensor<T>;
  /** Ids of what is learned, −100 for all else, with labels. */
  labels?: Tensor<T>;
}

export interface RowTensorOptions<T extends TokenType> extends TokenLayout<T> {
  readonly padId: number;
  /** Whether the tokenizer's own types are given. */
  readonly typeIds: boolean;
  /** Ids of tokens of images, for each output with types. */
  readonly types: Readonly<Record<string, ReadonlySet<number>>>;
  readonly masks: boolean;
  readonly labels: boolean;
}

export function rowTensors<T extends TokenType>(
  rows: readonly EncodedRow[],
  { padId, typeIds, types, masks, labels, ...layout }: RowTensorOptions<T>,
): RowTensors<T> {
  const ids = rows.map((row) => row.ids);
  const learned = rows.map((row) => row.learned ?? row.ids.map(() => 0));
  return {
    input_ids: tokenTensor(ids, padId, layout),
    attention_mask: attentionMask(ids, layout),
    ...(typeIds
      ? {
          token_type_ids: tokenTensor(
            rows.map((row) => row.typeIds),
            0,
            layout,
          ),
        }
      : {}),
    ...Object.fromEntries(
      Object.entries(types).map(([name, ofImages]) => [
        name,
        tokenTensor(
          ids.map((row) => row.map((id) => (ofImages.has(id) ? 1 : 0))),
          0,
          layout,
        ),
      ]),
    ),
    ...(masks ? { assistant_masks: tokenTensor(learned, 0, layout) } : {}),
    ...(labels ? { labels: labelTensor(ids, learned, layout) } : {}),
  };
}

/** Ids of what is learned, NOT_LEARNED for all else. */
function labelTensor<T extends TokenType>(
  ids: readonly (readonly number[])[],
  learned: readonly (readonly number[])[],
  { type, length, paddingSide, allocate = (bytes) => new Uint8Array(bytes) }: TokenLayout<T>,
): Tensor<T> {
  const count = ids.length * length;
  const { buffer, byteOffset } = allocate(count * (type === "int32" ? 4 : 8));
  const data =
    type === "int32"
      ? new Int32Array(buffer, byteOffset, count).fill(NOT_LEARNED)
      : new BigInt64Array(buffer, byteOffset, count).fill(BigInt(NOT_LEARNED));
  for (const [row, own] of ids.entries()) {
    const start = row * length + (paddingSide === "left" ? length - own.length : 0);
    for (const [at, id] of own.entries()) {
      if (learned[row]?.[at] !== 1) continue;
      data[start + at] = type === "int32" ? id : BigInt(id);
    }
  }
  return makeTensor(type, data as TensorData[T], [ids.length, length]);
}
