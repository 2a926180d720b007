import { makeTensor } from "../shared/make-tensor.js";
import type { Tensor, TensorData } from "../shared/tensor.js";
import {
  attentionMask,
  type TokenIds,
  type TokenLayout,
  type TokenType,
  tokenTensor,
} from "../text/token-rows.js";

/** Tokens of a row, and what is known of each. */
export interface EncodedRow {
  readonly ids: TokenIds;
  readonly typeIds: TokenIds;
  /** 1 for each token that is learned, 0 for all else; null where nothing says so. */
  readonly learned: TokenIds | null;
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
  const learned = rows.map((row) => row.learned ?? new Int32Array(row.ids.length));
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
          ids.map((row) => typesOf(row, ofImages)),
          0,
          layout,
        ),
      ]),
    ),
    ...(masks ? { assistant_masks: tokenTensor(learned, 0, layout) } : {}),
    ...(labels ? { labels: labelTensor(ids, learned, layout) } : {}),
  };
}

/** A number for each token of a row. TypedArray.from() takes many times as long. */
export function numbersOf(ids: TokenIds, of: (id: number, at: number) => number): Int32Array {
  const numbers = new Int32Array(ids.length);
  for (let at = 0; at < numbers.length; at += 1) numbers[at] = of(ids[at] as number, at);
  return numbers;
}

/** 1 for each token of these, 0 for all else. */
export function typesOf(ids: TokenIds, ofImages: ReadonlySet<number>): Int32Array {
  return numbersOf(ids, (id) => (ofImages.has(id) ? 1 : 0));
}

/** Ids of what is learned, NOT_LEARNED for all else. */
function labelTensor<T extends TokenType>(
  ids: readonly TokenIds[],
  learned: readonly TokenIds[],
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
    const isLearned = learned[row] as TokenIds;
    for (let at = 0; at < own.length; at += 1) {
      const id = own[at] as number;
      if (isLearned[at] === 1) data[start + at] = type === "int32" ? id : BigInt(id);
    }
  }
  return makeTensor(type, data as TensorData[T], [ids.length, length]);
}
