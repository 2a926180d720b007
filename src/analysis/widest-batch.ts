import { elementBytes } from "../shared/element-bytes.js";
import type { Tensor } from "../shared/tensor.js";
import type { BatchSummary, TensorSummary } from "./check-report.js";

/** Tensors of some rows. */
export interface RowTensors {
  readonly rows: number;
  readonly tensors: BatchSummary["tensors"];
}

export const tensorSummary = ({ type, dims }: Tensor): TensorSummary => ({ type, dims });

function bytesOf(tensors: BatchSummary["tensors"]): number {
  const bytes = ({ type, dims }: TensorSummary) =>
    dims.reduce<number>((product, side) => product * side, elementBytes[type]);
  return Object.values(tensors).reduce((sum, tensor) => sum + bytes(tensor), 0);
}

/** The tensors of the largest rows that were seen, as a batch of `size` pairs has them. */
export function widestBatch(size: number) {
  let widest: RowTensors | null = null;
  const bytesOfRow = ({ rows, tensors }: RowTensors) => bytesOf(tensors) / rows;
  return {
    see(seen: RowTensors): void {
      if (widest === null || bytesOfRow(seen) > bytesOfRow(widest)) widest = seen;
    },
    summary(pairsPerSecond: number, pairs: number): BatchSummary | null {
      if (widest === null) return null;
      const { rows, tensors } = widest;
      const resized = ({ type, dims: [first, ...others] }: TensorSummary): TensorSummary => ({
        type,
        dims: first === undefined ? [] : [Math.ceil((first / rows) * size), ...others],
      });
      const ofSize = Object.fromEntries(
        Object.entries(tensors).map(([name, tensor]) => [name, resized(tensor)]),
      );
      return {
        size,
        tensors: ofSize,
        bytes: bytesOf(ofSize),
        pairsPerSecond,
        epochSeconds: pairs / pairsPerSecond,
      };
    },
  };
}
