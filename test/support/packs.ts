import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { DataLoader, type DataLoaderOptions, type MultimodalDataset } from "pixtok";
import { fixture, sha256 } from "./fixtures.js";

/** Every image of the project's own, in the order of their names. */
export function allImages(): string[] {
  return readdirSync(fixture("images"))
    .sort()
    .map((name) => fixture(`images/${name}`));
}

/** Everything of an epoch's batches, tensors by their digests. */
export async function epochOf(
  dataset: MultimodalDataset,
  options: DataLoaderOptions = {},
): Promise<unknown[]> {
  const batches: unknown[] = [];
  for await (const batch of new DataLoader(dataset, { batchSize: 16, ...options })) {
    const { image, input_ids, attention_mask, augmentation, indices, texts, keys } = batch;
    const tensors = [image, input_ids, attention_mask, ...(augmentation ? [augmentation] : [])];
    batches.push({
      tensors: tensors.map(({ type, dims, data }) => ({ type, dims, data: sha256(data) })),
      indices,
      texts,
      keys,
    });
    batch.release();
  }
  return batches;
}

/** Two datasets give the same batches, whatever is in them. */
export async function assertSameEpoch(
  actual: MultimodalDataset,
  expected: MultimodalDataset,
  options: DataLoaderOptions = {},
): Promise<void> {
  assert.deepEqual(await epochOf(actual, options), await epochOf(expected, options));
}
