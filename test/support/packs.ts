import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { crc32 } from "node:zlib";
import { type AnyDataset, DataLoader, type DataLoaderOptions, type Tensor } from "pixtok";
import { fixture } from "./fixtures.js";

/** Every image of the project's own, in the order of their names. */
export function allImages(): string[] {
  return readdirSync(fixture("images"))
    .sort()
    .map((name) => fixture(`images/${name}`));
}

/** A checksum, at a tenth of what a digest costs: what is compared is a batch with another, not with a golden. */
function checksumOf({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return `${byteLength} bytes, ${crc32(new Uint8Array(buffer, byteOffset, byteLength))}`;
}

/** Everything of an epoch's batches, tensors by their checksums. */
export async function epochOf(
  dataset: AnyDataset,
  options: DataLoaderOptions = {},
): Promise<unknown[]> {
  const batches: unknown[] = [];
  const shown = (value: unknown): unknown =>
    value !== null && typeof value === "object" && "dims" in value
      ? { ...value, data: checksumOf((value as Tensor).data) }
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
