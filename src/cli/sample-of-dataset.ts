import type { AnyDataset } from "../dataset/dataset.js";
import { pipelineOf } from "../dataset/dataset.js";
import { walkOrder } from "../dataset/dataset-walk.js";
import { repeat, select } from "../sets/select.js";
import type { PairSource } from "../sources/pair-source.js";
import { type DatasetArguments, datasetOfPairs, openDataset } from "./dataset-options.js";
import { storedProcessor } from "./stored-processor.js";

/** Random pairs of a source, over and over. */
export interface RepeatedSample {
  readonly samples: number;
  readonly seed: number;
  /** How many pairs that makes, at least. */
  readonly pairs: number;
}

/** Random pairs of a source, in their order. */
function sampleOf(source: PairSource, samples: number, seed: number): PairSource {
  const { count, indexAt } = walkOrder(source.length, samples, seed);
  const indices = Array.from({ length: count }, (_, position) => indexAt(position));
  return select(
    source,
    indices.sort((a, b) => a - b),
  );
}

/**
 * What is packed of a set to see how long that takes.
 *
 * @param sample null: all of the set.
 */
export async function datasetToPack(
  paths: readonly string[],
  given: DatasetArguments & { readonly size?: number },
  sample: RepeatedSample | null,
): Promise<AnyDataset> {
  const image = await storedProcessor(given);
  const dataset = await openDataset(paths, given, { image });
  if (sample === null) return dataset;
  const { source } = pipelineOf(dataset);
  const { samples, seed, pairs } = sample;
  const some = sampleOf(source, Math.min(samples, pairs), seed);
  return datasetOfPairs(repeat(some, Math.ceil(pairs / some.length)), given, { image });
}
