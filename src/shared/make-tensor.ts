import { shownAs } from "./shown-as.js";
import { shownTensor } from "./shown-tensor.js";
import type { Tensor, TensorData } from "./tensor.js";

const shown = shownAs<Tensor>((tensor) => `Tensor ${shownTensor(tensor)}`);

/** A tensor. console.log shows its type, shape and range. */
export function makeTensor<T extends keyof TensorData>(
  type: T,
  data: TensorData[T],
  dims: number[],
): Tensor<T> {
  const tensor: Tensor<T> = { type, data, dims };
  shown(tensor as Tensor);
  return tensor;
}

/** The same elements in another shape. */
export function reshaped<T extends Tensor>({ type, data }: T, dims: number[]): T {
  return makeTensor(type, data, dims) as T;
}
