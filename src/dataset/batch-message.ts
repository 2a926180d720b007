import { withdrawMemory } from "../native/batch-memory.js";
import type { Tensor } from "../shared/tensor.js";
import type { BatchMessage, BatchTransfer } from "./batch.js";
import { type AnyColumn, type ColumnOptions, columnTensors } from "./batch-columns.js";
import { batchTensors, namedTensors } from "./batch-tensors.js";
import type { DatasetTexts } from "./dataset-options.js";
import type { MaxImages } from "./multiple-images.js";
import type { RowProcessor } from "./row-processor.js";

/** What is sent of a batch. */
export interface MessageRows {
  readonly columns: Readonly<Record<string, AnyColumn>>;
  readonly indices: readonly number[];
  readonly keys: readonly string[];
}

/** What a batch that has no memory of its own any more is refused with. */
export function givenAway(): TypeError {
  return new TypeError(
    "transfer(): expected a batch that has its memory, got one that was released before",
  );
}

/**
 * Precondition: the batch has not been released.
 *
 * @throws {TypeError} for a batch whose memory its user has moved elsewhere.
 */
export function transferBatch(
  batch: MessageRows,
): BatchTransfer<ColumnOptions, DatasetTexts, MaxImages, RowProcessor> {
  if (batchTensors(batch).some(({ data }) => data.buffer.byteLength === 0)) throw givenAway();
  const transferList: ArrayBuffer[] = [];
  const withdrawn = (tensor: Tensor): Tensor => {
    const { buffer, byteOffset, length } = tensor.data;
    const memory = withdrawMemory(buffer as ArrayBuffer);
    transferList.push(memory);
    const TypedArray = tensor.data.constructor as new (
      memory: ArrayBuffer,
      byteOffset: number,
      length: number,
    ) => Tensor["data"];
    return { ...tensor, data: new TypedArray(memory, byteOffset, length) } as Tensor;
  };
  const moved = (named: readonly (readonly [string, Tensor])[]) =>
    Object.fromEntries(named.map(([name, tensor]) => [name, withdrawn(tensor)]));
  const { columns } = batch;
  const message = {
    ...batch,
    ...moved(namedTensors(batch)),
    columns: { ...columns, ...moved(columnTensors(columns)) },
  };
  return {
    message: message as unknown as BatchMessage<
      ColumnOptions,
      DatasetTexts,
      MaxImages,
      RowProcessor
    >,
    transferList,
  };
}
