import { elementBytes } from "../shared/element-bytes.js";
import type { Tensor } from "../shared/tensor.js";
import type { BatchSummary, TensorSummary } from "./check-report.js";

export type Tensors = BatchSummary["tensors"];

export const tensorSummary = ({ type, dims }: Tensor): TensorSummary => ({ type, dims });

/** The tensors of the longest rows that were seen, as a batch of `size` pairs has them. */
export function widestBatch(size: number) {
  let widest: Tensors | null = null;
  const resized = ({ type, dims }: TensorSummary) => ({ type, dims: [size, ...dims.slice(1)] });
  const bytes = ({ type, dims }: TensorSummary) =>
    dims.reduce<number>((product, side) => product * side, elementBytes[type]);
  const length = ({ input_ids }: Tensors) => input_ids?.dims[1] ?? 0;
  return {
    see(tensors: Tensors): void {
      if (widest === null || length(tensors) > length(widest)) widest = tensors;
    },
    summary(pairsPerSecond: number, pairs: number): BatchSummary | null {
      if (widest === null) return null;
      const { image, ...others } = widest;
      const tensors: Tensors = {
        image: resized(image),
        ...Object.fromEntries(
          Object.entries(others).map(([name, tensor]) => [name, resized(tensor)]),
        ),
      };
      return {
        size,
        tensors,
        bytes: Object.values(tensors).reduce((sum, tensor) => sum + bytes(tensor), 0),
        pairsPerSecond,
        epochSeconds: pairs / pairsPerSecond,
      };
    },
  };
}
