import type { TensorData } from "./tensor.js";

/** Bytes of an element, by the type of its tensor. */
export const elementBytes = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  bool: 1,
  uint8: 1,
  int64: 8,
  int32: 4,
} as const satisfies Record<keyof TensorData, number>;
