import { endianness } from "node:os";
import type { Tensor, TensorData, TokenTensor } from "./tensor.js";

export type TokenType = TokenTensor["type"];

const arrays: { [T in TokenType]: new (length: number) => TensorData[T] } = {
  int64: BigInt64Array,
  int32: Int32Array,
};

/** Zeros. */
function tokenData<T extends TokenType>(type: T, length: number): TensorData[T] {
  return new arrays[type](length);
}

/** Rows of ids, padded to `length` each, as a tensor of shape [rows, length]. */
export function tokenTensor<T extends TokenType>(
  type: T,
  length: number,
  rows: readonly (readonly number[])[],
  pad: number,
  paddingSide: "left" | "right",
): Tensor<T> {
  const data = tokenData(type, rows.length * length);
  fillTokenRows(data, length, rows, pad, paddingSide);
  return { type, data, dims: [rows.length, length] };
}

const lowWord = endianness() === "LE" ? 0 : 1;

/**
 * Writes rows of ids, padded to `length` each. Ids are below 2^31, so an int64 is written as its low
 * word only, which spares a BigInt for every id. Precondition: `data` is zeros.
 */
function fillTokenRows(
  data: BigInt64Array | Int32Array,
  length: number,
  rows: readonly (readonly number[])[],
  pad: number,
  paddingSide: "left" | "right",
): void {
  const wide = data instanceof BigInt64Array;
  const words = new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  const step = wide ? 2 : 1;
  const offset = wide ? lowWord : 0;
  for (const [row, ids] of rows.entries()) {
    const padding = length - ids.length;
    const start = row * length;
    const first = start + (paddingSide === "left" ? padding : 0);
    for (let i = 0; i < ids.length; i += 1) words[(first + i) * step + offset] = ids[i] as number;
    if (pad === 0) continue;
    const padStart = paddingSide === "left" ? start : first + ids.length;
    for (let i = 0; i < padding; i += 1) words[(padStart + i) * step + offset] = pad;
  }
}
