import type { ProcessedImages } from "../image/processed-images.js";
import type { Tensor } from "../shared/tensor.js";
import type { TokenType } from "../text/token-rows.js";
import type { RowTensors } from "./row-tensors.js";

/** What `Processor.process` gives: a tensor for each name that transformers' processor of the class has. */
export interface ProcessedRows<T extends TokenType = "int64">
  extends RowTensors<T>,
    Partial<Omit<ProcessedImages, "resampler">> {
  /** 1 where a token looks at a tile of an image: Mllama. [rows, length, images, tiles]. */
  cross_attention_mask?: Tensor<"int64">;
}
