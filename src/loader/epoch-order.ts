import { type AnyDataset, pipelineOf } from "../dataset/dataset.js";
import { tokenCounts } from "../dataset/dataset-tokens.js";
import type { Sampler } from "../order/sampler.js";
import { requireInteger } from "../shared/validation.js";
import { bucketedOrder, type EpochOrder } from "./length-buckets.js";
import type { LoaderConfig } from "./loader-options.js";

/** The sampler's order of an epoch, its indices checked. */
export function orderOf(dataset: AnyDataset, sampler: Sampler, epoch: number) {
  const { length } = sampler;
  const indexAt = (position: number): number => {
    const index: unknown = sampler.indexAt(position, epoch);
    return requireInteger("sampler.indexAt(…)", index, 0, dataset.length - 1);
  };
  return { length, indexAt };
}

/** The order of an epoch: the sampler's, in buckets of similar length where there are any. */
export function epochOrder(
  dataset: AnyDataset,
  { sampler, seed, buckets, onError }: LoaderConfig,
  epoch: number,
  signal: AbortSignal,
): EpochOrder {
  const { length, indexAt } = orderOf(dataset, sampler, epoch);
  if (buckets === undefined) {
    return { length, indicesAt: (positions) => positions.map(indexAt) };
  }
  return bucketedOrder({ length, indexAt }, buckets, seed, epoch, async (indices) => {
    const context = { seed, epoch, signal };
    const counts = await tokenCounts(pipelineOf(dataset), indices, context, onError);
    return counts.map((tokens) => tokens ?? 0);
  });
}
