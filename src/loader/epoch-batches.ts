import { makeBatch } from "../dataset/batch-assembly.js";
import { batchBytes } from "../dataset/batch-bytes.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { type BatchWithFields, withFields } from "./compute-fields.js";
import type { EpochMeter } from "./epoch-meter.js";
import type { EpochRows } from "./epoch-rows.js";
import type { LoaderConfig } from "./loader-options.js";
import { type Prefetch, type PrefetchWork, prefetch } from "./prefetch.js";

/** What the batches of an epoch are made of. */
export interface EpochBatchesOptions {
  readonly pipeline: DatasetPipeline;
  readonly config: LoaderConfig;
  /** Batches prepared beside the next one, as things are. */
  ahead(): number;
  readonly rows: EpochRows;
  /** Where a batch that begins at `first` ends; undefined where there is none. */
  endOf(first: number): number | undefined;
  /** Measures them. */
  readonly meter: EpochMeter;
}

/** A batch, its fields, and the bytes of its tensors. */
export interface MadeBatch extends BatchWithFields {
  readonly bytes: number;
}

/** Batches of one epoch with their fields, prepared ahead. */
export function epochBatches(
  { pipeline, config, ahead, rows, endOf, meter }: EpochBatchesOptions,
  signal: AbortSignal,
): Prefetch<MadeBatch> {
  const { prefetchBytes: mostBytes, sampler, fields, dropLast, ...given } = config;
  const { threads, seed, onError, reuseBatches: reuse } = given;
  const { epoch } = meter;
  const blockOf = sampler.blockOf?.bind(sampler);
  const make: PrefetchWork<MadeBatch>["make"] = async (positions, stop, onRead) => {
    const times = meter.begin(positions.first);
    let bytes: number | undefined;
    try {
      const taken = await rows.take(positions, stop);
      const rowsOfBatch = taken.sequences?.rows.length ?? taken.indices.length;
      const isDropped = dropLast && rowsOfBatch < positions.end - positions.first;
      const indices = isDropped ? [] : taken.indices;
      const sequences = taken.sequences && { ...taken.sequences, ...(isDropped && { rows: [] }) };
      const of = { blockOf, rows: taken.rows, sequences, times };
      const options = { threads, seed, epoch, onError, reuse, onRead, signal: stop, ...of };
      const made = await withFields(makeBatch(pipeline, indices, options), fields, stop);
      bytes = batchBytes(made.batch);
      return { ...made, bytes };
    } finally {
      meter.end(positions.first, bytes);
    }
  };
  const work: PrefetchWork<MadeBatch> = {
    ahead,
    mostBytes,
    endOf,
    make,
    bytesOf: ({ bytes }) => bytes,
    discard: ({ batch }) => batch.release(),
  };
  return prefetch(work, signal);
}
