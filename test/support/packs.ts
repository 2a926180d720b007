import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { type AnyDataset, DataLoader, type DataLoaderOptions, type Tensor } from "pixtok";
import { fixture, sha256 } from "./fixtures.js";

/** Every image of the project's own, in the order of their names. */
export function allImages(): string[] {
  return readdirSync(fixture("images"))
    .sort()
    .map((name) => fixture(`images/${name}`));
}

/** Everything of an epoch's batches, tensors by their digests. */
export async function epochOf(
  dataset: AnyDataset,
  options: DataLoaderOptions = {},
): Promise<unknown[]> {
  const batches: unknown[] = [];
  const shown = (value: unknown): unknown =>
    value !== null && typeof value === "object" && "dims" in value
      ? { ...value, data: sha256((value as Tensor).data) }
      : value;
  for await (const batch of new DataLoader(dataset, { batchSize: 16, ...options })) {
    const { columns, release, transfer, ...fields } = batch;
    const all = { ...fields, ...columns };
    batches.push(Object.fromEntries(Object.entries(all).map(([name, one]) => [name, shown(one)])));
    release();
  }
  return batches;
}

/** Two datasets give the same batches, whatever is in them. */
export async function assertSameEpoch(
  actual: AnyDataset,
  expected: AnyDataset,
  options: DataLoaderOptions = {},
): Promise<void> {
  assert.deepEqual(await epochOf(actual, options), await epochOf(expected, options));
}
