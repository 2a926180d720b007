import { makeTensor } from "../shared/make-tensor.js";
import type { Tensor, TensorData, TokenTensor } from "../shared/tensor.js";

/** Element type of token tensors. */
export type TokenType = TokenTensor["type"];

/** A row's tokens before they are padded. */
export type TokenIds = readonly number[] | Int32Array;

/** How rows of tokens become a tensor of shape [rows, length]. */
export interface TokenLayout<T extends TokenType> {
  type: T;
  /** Tokens in a row, padding included; at least as many as the longest row has. */
  length: number;
  paddingSide: "left" | "right";
  /** Gives memory, its contents unspecified. Default: `new Uint8Array(bytes)`. */
  allocate?: (bytes: number) => Uint8Array;
}

/** Numbers of lists, one list behind the other. */
export function joinedTokens(lists: readonly TokenIds[]): Int32Array {
  const all = new Int32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const list of lists) {
    all.set(list, end);
    end += list.length;
  }
  return all;
}

const arrays: {
  [T in TokenType]: new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => TensorData[T];
} = {
  int64: BigInt64Array,
  int32: Int32Array,
};

/** A tensor of zeros, its memory as 32-bit words, and the element that each row's tokens start at. */
function paddedRows<T extends TokenType>(
  rows: readonly TokenIds[],
  { type, length, paddingSide, allocate = (bytes) => new Uint8Array(bytes) }: TokenLayout<T>,
) {
  // Values are below 2^31, so an int64 is written as its low word, which spares a BigInt for each. It comes
  // first on every platform that there is an addon for.
  const wordsEach = type === "int64" ? 2 : 1;
  const values = rows.length * length;
  const { buffer, byteOffset } = allocate(values * wordsEach * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(buffer, byteOffset, values * wordsEach).fill(0);
  const data = new arrays[type](buffer, byteOffset, values);
  const tensor = makeTensor(type, data, [rows.length, length]);
  const starts = (row: number) => {
    const padding = length - (rows[row] as TokenIds).length;
    return row * length + (paddingSide === "left" ? padding : 0);
  };
  return { tensor, words, wordsEach, starts };
}

/** Rows of values, padded with `pad`. */
export function tokenTensor<T extends TokenType>(
  rows: readonly TokenIds[],
  pad: number,
  layout: TokenLayout<T>,
): Tensor<T> {
  const { tensor, words, wordsEach, starts } = paddedRows(rows, layout);
  if (pad !== 0) for (let i = 0; i < words.length; i += wordsEach) words[i] = pad;
  for (const [row, values] of rows.entries()) {
    let at = starts(row) * wordsEach;
    for (let i = 0; i < values.length; i += 1, at += wordsEach) words[at] = values[i] as number;
  }
  return tensor;
}

/** 1 for every token of the rows, 0 for padding. */
export function attentionMask<T extends TokenType>(
  rows: readonly TokenIds[],
  layout: TokenLayout<T>,
): Tensor<T> {
  const { tensor, words, wordsEach, starts } = paddedRows(rows, layout);
  for (const [row, values] of rows.entries()) {
    const start = starts(row) * wordsEach;
    const end = start + values.length * wordsEach;
    for (let at = start; at < end; at += wordsEach) words[at] = 1;
  }
  return tensor;
}
