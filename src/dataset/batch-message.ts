import { withdrawMemory } from "../native/batch-memory.js";
import type { Tensor, TensorType } from "../shared/tensor.js";
import type { Batch, BatchTransfer } from "./batch.js";
import { columnTensors } from "./batch-columns.js";

function withdrawn<T extends Tensor<TensorType>>(tensor: T): T {
  const { buffer, byteOffset, length } = tensor.data;
  const memory = withdrawMemory(buffer as ArrayBuffer);
  const TypedArray = tensor.data.constructor as new (
    memory: ArrayBuffer,
    byteOffset: number,
    length: number,
  ) => T["data"];
  return { ...tensor, data: new TypedArray(memory, byteOffset, length) };
}

/** @throws {TypeError} for a batch that was released or transferred before. */
export function transferBatch(batch: Omit<Batch, "release" | "transfer">): BatchTransfer {
  const { augmentation, indices, texts, keys } = batch;
  const numbers = columnTensors(batch.columns);
  const tensors = [
    ...[batch.image, batch.input_ids, batch.attention_mask],
    ...numbers.map(([, tensor]) => tensor),
  ];
  if (tensors.some(({ data }) => data.buffer.byteLength === 0)) {
    throw new TypeError(
      "transfer(): expected a batch that has its memory, got one that was released before",
    );
  }
  const [image, input_ids, attention_mask] = [
    withdrawn(batch.image),
    withdrawn(batch.input_ids),
    withdrawn(batch.attention_mask),
  ];
  const columns = numbers.map(([name, tensor]) => [name, withdrawn(tensor)] as const);
  const moved = [image, input_ids, attention_mask, ...columns.map(([, tensor]) => tensor)];
  return {
    message: {
      image,
      input_ids,
      attention_mask,
      ...(augmentation === undefined ? {} : { augmentation }),
      columns: { ...batch.columns, ...Object.fromEntries(columns) },
      indices,
      texts,
      keys,
    },
    transferList: moved.map(({ data }) => data.buffer as ArrayBuffer),
  };
}
