/** The typed array of each tensor type. A float16 is its 16 bits, as in onnxruntime. */
export interface TensorData {
  float32: Float32Array;
  float16: Uint16Array;
  uint8: Uint8Array;
  int64: BigInt64Array;
  int32: Int32Array;
}

export type TensorType = keyof TensorData;

/**
 * Numbers in row-major order. The property names are those of onnxruntime and transformers.js
 * tensors: `new ort.Tensor(t.type, t.data, t.dims)` takes one without a copy.
 */
export interface Tensor<T extends TensorType = TensorType> {
  readonly type: T;
  readonly data: TensorData[T];
  readonly dims: number[];
}

export type ImageTensor = Tensor<"float32"> | Tensor<"float16"> | Tensor<"uint8">;
export type TokenTensor = Tensor<"int64"> | Tensor<"int32">;
