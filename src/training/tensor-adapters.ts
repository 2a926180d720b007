import { bfloat16Number, float16Number } from "../shared/float16.js";
import type { Tensor, TensorData, TensorType } from "../shared/tensor.js";
import { isObject, outOfRange, wrongType } from "../shared/validation.js";

/** A tensor of any type, such as that of Llama4's images. */
type AnyTensor = Tensor<keyof TensorData>;

/** Of an object's tensors, another library's by the same names. What is no tensor is left out. */
export type TensorsAs<T, R> = {
  [Name in keyof T as NonNullable<T[Name]> extends Tensor | Tensor<"bfloat16"> ? Name : never]:
    | R
    | Extract<T[Name], undefined>;
};

/** A class of tensors. */
export interface TensorClass<R> {
  /** Takes the elements as they are. */
  new (type: TensorType, data: TensorData[TensorType], dims: number[]): R;
}

/** What toOrt() needs of onnxruntime-node, onnxruntime-web or onnxruntime-common. */
export interface OrtLibrary<R> {
  /** Its tensors. */
  readonly Tensor: TensorClass<R>;
}

/** What toTransformers() needs of @huggingface/transformers. */
export type TransformersLibrary<R> = OrtLibrary<R>;

/** What toTfjs() needs of @tensorflow/tfjs, or of its core. */
export interface TfjsLibrary<R> {
  /** Makes a tensor. */
  tensor(
    values: Float32Array | Int32Array | Uint8Array,
    shape: number[],
    dtype: "float32" | "int32",
  ): R;
}

/** The part of jax-js that makes arrays. */
export interface JaxNumpy<R> {
  /** Makes an array. */
  array(
    values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
    options: { shape: number[] },
  ): R;
}

/** What toJax() needs of @jax-js/jax. */
export interface JaxLibrary<R> {
  /** Its NumPy. */
  readonly numpy: JaxNumpy<R>;
}

function isTensor(value: unknown): value is AnyTensor {
  return isObject(value) && Array.isArray(value.dims) && ArrayBuffer.isView(value.data);
}

/** Converts a tensor, or those of an object. */
function converted<R>(tensors: unknown, convert: (tensor: AnyTensor) => R): R | Record<string, R> {
  if (!isObject(tensors))
    throw wrongType("tensors", "a tensor, or an object with tensors", tensors);
  if (isTensor(tensors)) return convert(tensors);
  const found = Object.entries(tensors).flatMap(([name, value]) =>
    isTensor(value) ? [[name, convert(value)] as const] : [],
  );
  return Object.fromEntries(found);
}

/**
 * Tensors of onnxruntime: `session.run(toOrt(ort, { pixel_values: batch.image }))`. They have the same memory: release
 * the batch when the session has run.
 *
 * @param ort what `import * as ort from "onnxruntime-node"` gives.
 * @param tensors a tensor, or an object with tensors, such as a batch or its `columns`.
 * @throws {TypeError} for a tensor of bfloat16, which onnxruntime has not in JavaScript.
 */
export function toOrt<R>(ort: OrtLibrary<R>, tensors: Tensor | Tensor<"bfloat16">): R;
export function toOrt<R, T extends object>(ort: OrtLibrary<R>, tensors: T): TensorsAs<T, R>;
export function toOrt<R>(ort: OrtLibrary<R>, tensors: object) {
  return converted(tensors, ({ type, data, dims }) => {
    if (type === "bfloat16") throw wrongType("tensors", "a type that onnxruntime has", type);
    return new ort.Tensor(type, data as TensorData[TensorType], dims);
  });
}

/**
 * Tensors of transformers.js: `model(toTransformers(transformers, { pixel_values: batch.image }))`. They have the same
 * memory: release the batch when the model has run.
 *
 * @param transformers what `import * as transformers from "@huggingface/transformers"` gives.
 * @param tensors a tensor, or an object with tensors, such as a batch or its `columns`.
 * @throws {TypeError} for a tensor of bfloat16, which transformers.js has not.
 */
export function toTransformers<R>(
  transformers: TransformersLibrary<R>,
  tensors: Tensor | Tensor<"bfloat16">,
): R;
export function toTransformers<R, T extends object>(
  transformers: TransformersLibrary<R>,
  tensors: T,
): TensorsAs<T, R>;
export function toTransformers<R>(transformers: TransformersLibrary<R>, tensors: object) {
  return toOrt(transformers, tensors);
}

/**
 * Tensors of TensorFlow.js: `const { image, input_ids } = toTfjs(tf, batch)`. Its CPU backend reads the same memory:
 * release the batch when they are disposed of. Float16 and bfloat16 become float32, and other integers and bool int32.
 *
 * @param tf what `import * as tf from "@tensorflow/tfjs"` gives.
 * @param tensors a tensor, or an object with tensors, such as a batch or its `columns`.
 * @throws {RangeError} for an integer that 32 bits do not hold.
 */
export function toTfjs<R>(tf: TfjsLibrary<R>, tensors: Tensor | Tensor<"bfloat16">): R;
export function toTfjs<R, T extends object>(tf: TfjsLibrary<R>, tensors: T): TensorsAs<T, R>;
export function toTfjs<R>(tf: TfjsLibrary<R>, tensors: object) {
  return converted(tensors, (tensor) => {
    const numbers = tensor.type === "uint8" ? (tensor.data as Uint8Array) : numbersOf(tensor);
    return tf.tensor(numbers, tensor.dims, numbers instanceof Float32Array ? "float32" : "int32");
  });
}

/**
 * Arrays of jax-js: `const { image, input_ids } = toJax(jax, batch)`. They are copies: the batch may be released at
 * once. Float16 and bfloat16 become float32, and other integers and bool int32.
 *
 * @param jax what `import * as jax from "@jax-js/jax"` gives.
 * @param tensors a tensor, or an object with tensors, such as a batch or its `columns`.
 * @throws {RangeError} for an integer that 32 bits do not hold.
 */
export function toJax<R>(jax: JaxLibrary<R>, tensors: Tensor | Tensor<"bfloat16">): R;
export function toJax<R, T extends object>(jax: JaxLibrary<R>, tensors: T): TensorsAs<T, R>;
export function toJax<R>(jax: JaxLibrary<R>, tensors: object) {
  return converted(tensors, (tensor) => {
    const numbers = numbersOf(tensor) as Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
    return jax.numpy.array(numbers, { shape: [...tensor.dims] });
  });
}

/** A tensor's elements as 32-bit floats or integers. */
function numbersOf({ type, data }: AnyTensor): Float32Array | Int32Array {
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  if (type === "float16") return Float32Array.from(data as Uint16Array, float16Number);
  if (type === "bfloat16") {
    return Float32Array.from(data as Uint16Array, bfloat16Number);
  }
  return data instanceof BigInt64Array ? int32Of(data) : Int32Array.from(data as Uint8Array);
}

function int32Of(values: BigInt64Array): Int32Array {
  const numbers = new Int32Array(values.length);
  for (const [at, value] of values.entries()) {
    numbers[at] = Number(value);
    if (BigInt(numbers[at] as number) === value) continue;
    throw outOfRange(
      "tensors",
      "integers from -2147483648 to 2147483647, as this library has none of 64 bits",
      value,
    );
  }
  return numbers;
}
