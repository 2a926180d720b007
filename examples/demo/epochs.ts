import type { Batch, DataLoader } from "pixtok";

/** What one time through all pairs was like. */
export interface Epoch {
  /** Dataset indices in the order they came. */
  order: number[];
  seconds: number;
}

/** Goes once through all batches, as a training loop would. */
export async function runEpoch(
  loader: DataLoader,
  report: (pairsDone: number) => void,
): Promise<Epoch> {
  const order: number[] = [];
  const start = performance.now();
  for await (const batch of loader) {
    order.push(...batch.indices);
    batch.release();
    report(order.length);
  }
  return { order, seconds: (performance.now() - start) / 1000 };
}

/** Leaves the loop after one batch; it stays the caller's until released. */
export async function takeFirstBatch(loader: DataLoader): Promise<Batch> {
  for await (const batch of loader) {
    return batch;
  }
  throw new Error("the loader gave no batch");
}
