import type { Tensor } from "../shared/tensor.js";
import { type AnyColumn, columnTensors } from "./batch-columns.js";

export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "dims" in value && "data" in value;
}

/** Tensors that a batch has beside its columns, by name: all but what was drawn, which is in no memory of the batch's. */
export function namedTensors(batch: object): [name: string, tensor: Tensor][] {
  return Object.entries(batch).filter(
    (entry): entry is [string, Tensor] => isTensor(entry[1]) && entry[0] !== "augmentation",
  );
}

/** All tensors of a batch that are in its memory. */
export function batchTensors(batch: {
  readonly columns: Readonly<Record<string, AnyColumn>>;
}): Tensor[] {
  return [...namedTensors(batch), ...columnTensors(batch.columns)].map(([, tensor]) => tensor);
}
