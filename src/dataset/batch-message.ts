import { withdrawMemory } from "../native/batch-memory.js";
import type { Tensor, TensorType } from "../shared/tensor.js";
import type { BatchRows, BatchTexts, BatchTransfer, ImageMask } from "./batch.js";
import { type ColumnOptions, columnTensors } from "./batch-columns.js";
import type { DatasetTexts } from "./dataset-options.js";
import type { MaxImages } from "./multiple-images.js";

type RowsToTransfer = Omit<BatchRows<ColumnOptions>, "release" | "transfer"> &
  Partial<BatchTexts & ImageMask>;

/** @throws {TypeError} for a batch that was released or transferred before. */
export function transferBatch(
  batch: RowsToTransfer,
): BatchTransfer<ColumnOptions, DatasetTexts, MaxImages> {
  const {
    image,
    image_mask,
    input_ids,
    attention_mask,
    augmentation,
    soft_labels,
    columns,
    indices,
    texts,
    keys,
  } = batch;
  const numbers = columnTensors(columns);
  const tensors = [
    image,
    image_mask,
    input_ids,
    attention_mask,
    soft_labels,
    ...numbers.map(([, tensor]) => tensor),
  ];
  const withData = tensors.filter((tensor) => tensor !== undefined);
  if (withData.some(({ data }) => data.buffer.byteLength === 0)) {
    throw new TypeError(
      "transfer(): expected a batch that has its memory, got one that was released before",
    );
  }
  const transferList: ArrayBuffer[] = [];
  const withdrawn = <T extends Tensor<TensorType>>(tensor: T): T => {
    const { buffer, byteOffset, length } = tensor.data;
    const memory = withdrawMemory(buffer as ArrayBuffer);
    transferList.push(memory);
    const TypedArray = tensor.data.constructor as new (
      memory: ArrayBuffer,
      byteOffset: number,
      length: number,
    ) => T["data"];
    return { ...tensor, data: new TypedArray(memory, byteOffset, length) };
  };
  const moved = numbers.map(([name, tensor]) => [name, withdrawn(tensor)] as const);
  return {
    message: {
      image: withdrawn(image),
      ...(image_mask && { image_mask: withdrawn(image_mask) }),
      ...(input_ids && { input_ids: withdrawn(input_ids) }),
      ...(attention_mask && { attention_mask: withdrawn(attention_mask) }),
      ...(augmentation && { augmentation }),
      ...(soft_labels && { soft_labels: withdrawn(soft_labels) }),
      columns: { ...columns, ...Object.fromEntries(moved) },
      indices,
      ...(texts && { texts }),
      keys,
    },
    transferList,
  };
}
