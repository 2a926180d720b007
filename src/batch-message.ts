import type { Batch } from "./batch.js";
import { withdrawMemory } from "./batch-memory.js";
import type { Tensor, TensorType } from "./tensor.js";

/** A batch on its way to another thread: the same rows as a `Batch`, nothing but data. */
export type BatchMessage = Pick<
  Batch,
  "image" | "input_ids" | "attention_mask" | "augmentation" | "indices" | "texts" | "ids"
>;

/** The arguments of `postMessage`. */
export interface BatchTransfer {
  /** The first argument: the batch as plain data. */
  readonly message: BatchMessage;
  /** The array buffers of the message's tensors. */
  readonly transferList: ArrayBuffer[];
}

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
  const { augmentation, indices, texts, ids } = batch;
  const tensors = [batch.image, batch.input_ids, batch.attention_mask];
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
  return {
    message: {
      image,
      input_ids,
      attention_mask,
      ...(augmentation === undefined ? {} : { augmentation }),
      indices,
      texts,
      ids,
    },
    transferList: [image, input_ids, attention_mask].map(({ data }) => data.buffer as ArrayBuffer),
  };
}
