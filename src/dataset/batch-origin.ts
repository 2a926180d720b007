import type { ImageTensor } from "../shared/tensor.js";
import type { DatasetPipeline } from "./dataset-pipeline.js";

/** What a batch was made of. */
export interface BatchOrigin {
  readonly pipeline: DatasetPipeline;
  readonly seed: number;
  readonly epoch: number;
}

const origins = new WeakMap<ImageTensor, BatchOrigin>();

/** @param image the batch's, which stays the same object when a loader adds fields to the batch. */
export function rememberOrigin(image: ImageTensor, origin: BatchOrigin): void {
  origins.set(image, origin);
}

/** Undefined for what is no batch, and for one that has come from another thread. */
export function originOfBatch({ image }: { readonly image: ImageTensor }): BatchOrigin | undefined {
  return origins.get(image);
}
