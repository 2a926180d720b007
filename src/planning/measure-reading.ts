import type { AnyDataset } from "../dataset/dataset.js";
import { DataLoader } from "../loader/data-loader.js";
import { ownMemory } from "./process-memory.js";

/** How batches are read that are measured. */
export interface ReadingOptions {
  readonly batchSize: number;
  readonly shuffle: boolean | "blocks";
  readonly window: number;
  readonly threads: number | undefined;
  /** How long it is measured. */
  readonly seconds: number;
}

/** What reading came to. */
export interface Reading {
  /** Pairs a second, from the first batch on. */
  readonly rate: number;
  /** Bytes of the process's own memory, at most, in the first 256 batches. */
  readonly memory: number;
}

/**
 * Garbage that JavaScript leaves for later grows for thousands of batches. It says nothing of the set, and an idle machine
 * would have more of it than a busy one after as many seconds.
 */
const BATCHES_OF_MEMORY = 256;

/**
 * Reads batches for some seconds, epoch after epoch. Pairs that cannot be read are left out.
 *
 * @throws {PixtokError} NO_READABLE_SAMPLE where none can be; a fault of the machine.
 */
export async function measureReading(
  dataset: AnyDataset,
  { batchSize, shuffle, window, threads, seconds }: ReadingOptions,
): Promise<Reading> {
  const loader = new DataLoader(dataset, {
    batchSize,
    shuffle,
    onError: "skip",
    ...(shuffle === "blocks" && { shuffleWindow: window }),
    ...(threads !== undefined && { threads }),
  });
  let begun: number | undefined;
  let [pairs, batches, memory] = [0, 0, 0];
  for (;;) {
    for await (const batch of loader) {
      if (batches < BATCHES_OF_MEMORY) memory = Math.max(memory, ownMemory());
      const rows = batch.indices.length;
      batch.release();
      batches += 1;
      const now = performance.now();
      if (begun === undefined) {
        begun = now;
        continue;
      }
      pairs += rows;
      const taken = (now - begun) / 1000;
      if (taken >= seconds) return { rate: pairs / taken, memory };
    }
  }
}
