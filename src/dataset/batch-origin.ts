import type { DatasetPipeline } from "./dataset-pipeline.js";

/** What a batch was made of. */
export interface BatchOrigin {
  readonly pipeline: DatasetPipeline;
  readonly seed: number;
  readonly epoch: number;
}

interface BatchIndices {
  /** They stay the same object when a loader adds fields to the batch. */
  readonly indices: readonly number[];
}

const origins = new WeakMap<readonly number[], BatchOrigin>();

export function rememberOrigin({ indices }: BatchIndices, origin: BatchOrigin): void {
  origins.set(indices, origin);
}

/** Undefined for what is no batch, and for one that has come from another thread. */
export function originOfBatch({ indices }: BatchIndices): BatchOrigin | undefined {
  return origins.get(indices);
}
