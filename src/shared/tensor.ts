/** The typed array of each tensor type. A float16 is its 16 bits, as in onnxruntime. */
export interface TensorData {
  /** 32-bit floating point. */
  float32: Float32Array;
  /** 16-bit floating point, as its bits. */
  float16: Uint16Array;
  /** 16-bit floating point with the exponent of float32, as its bits. */
  bfloat16: Uint16Array;
  /** 0 or 1, a byte each, as in onnxruntime. */
  bool: Uint8Array;
  /** Bytes. */
  uint8: Uint8Array;
  /** 64-bit integers. */
  int64: BigInt64Array;
  /** 32-bit integers. */
  int32: Int32Array;
}

/** Element type of a tensor, by onnxruntime's names: all but bfloat16, which it has not in JavaScript. */
export type TensorType = Exclude<keyof TensorData, "bfloat16">;

/**
 * Numbers in row-major order. The property names are those of onnxruntime and transformers.js
 * tensors: `new ort.Tensor(t.type, t.data, t.dims)` takes one without a copy.
 */
export interface Tensor<T extends keyof TensorData = TensorType> {
  /** Type of the elements. */
  readonly type: T;
  /** The elements, the last axis fastest. */
  readonly data: TensorData[T];
  /** Length of each axis. */
  readonly dims: number[];
}

/** A tensor of images, of any of their types or of those that are named. */
export type ImageTensor<
  I extends "float32" | "float16" | "uint8" = "float32" | "float16" | "uint8",
> = { [Type in I]: Tensor<Type> }[I];
/** A tensor of token ids or masks, likewise. */
export type TokenTensor<Y extends "int64" | "int32" = "int64" | "int32"> = {
  [Type in Y]: Tensor<Type>;
}[Y];
