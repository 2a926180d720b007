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

/** A tensor of images. */
export type ImageTensor = Tensor<"float32"> | Tensor<"float16"> | Tensor<"uint8">;
/** A tensor of token ids or masks. */
export type TokenTensor = Tensor<"int64"> | Tensor<"int32">;
