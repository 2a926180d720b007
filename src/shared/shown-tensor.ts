import { bfloat16Number, float16Number } from "./float16.js";
import { shownList } from "./shown-as.js";
import type { Tensor, TensorData } from "./tensor.js";

/** Tensors with no more elements have all of them shown. */
const FEW = 8;
/** Elements that are looked at for their range: 50 ms. */
const MOST_FOR_RANGE = 2 ** 24;

/** A tensor's type, shape and range; of integers, and of few or very many elements, the first. */
export function shownTensor({ type, data, dims }: Tensor<keyof TensorData>): string {
  const what = `${type} [${dims.join(", ")}]`;
  const length = dims.reduce((product, size) => product * size, 1);
  if (length === 0) return `${what}, empty`;
  if (data.length === 0) return `${what}, released`;
  const isInteger = type === "int32" || type === "int64";
  if (isInteger || length <= FEW || length > MOST_FOR_RANGE) {
    const first = Array.from({ length: Math.min(FEW, length) }, (_, i) =>
      shownNumber(elementAt(type, data, i)),
    );
    return `${what}: ${shownList(first, length)}`;
  }
  const { least, most, hasNaN } = rangeOf(type, data);
  if (least > most) return `${what}, NaN throughout`;
  const nan = hasNaN ? ", NaN among them" : "";
  return `${what}, ${shownNumber(least)} to ${shownNumber(most)}${nan}`;
}

function shownNumber(value: number | bigint): string {
  return typeof value === "bigint" ? String(value) : String(Number(value.toPrecision(4)));
}

function elementAt(
  type: keyof TensorData,
  data: Tensor<keyof TensorData>["data"],
  at: number,
): number | bigint {
  const value = data[at] as number | bigint;
  if (type === "float16") return float16Number(value as number);
  return type === "bfloat16" ? bfloat16Number(value as number) : value;
}

function rangeOf(type: keyof TensorData, data: Tensor<keyof TensorData>["data"]) {
  let least = Infinity;
  let most = -Infinity;
  let hasNaN = false;
  for (let at = 0; at < data.length; at += 1) {
    const value = elementAt(type, data, at) as number;
    if (value < least) least = value;
    if (value > most) most = value;
    if (Number.isNaN(value)) hasNaN = true;
  }
  return { least, most, hasNaN };
}
