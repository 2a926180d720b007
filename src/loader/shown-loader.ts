import { shownLines } from "../shared/shown-as.js";
import type { LoaderStats } from "./loader-stats.js";

/** What is said of a loader. */
export interface ShownLoader {
  /** Of its dataset. */
  readonly description: string;
  /** Batches in an epoch. */
  readonly length: number;
  readonly batchSize: number;
  readonly order: string;
  /** Number of the next epoch. */
  readonly epoch: number;
  readonly errors: number;
  /** Null before the first loop. */
  readonly stats: LoaderStats | null;
}

/** What a loader gives, where it stands, and what limits it. */
export function shownLoader(loader: ShownLoader): string {
  const { description, length, batchSize, order, epoch, errors, stats } = loader;
  const batches = Number.isFinite(length) ? `${length} batches` : "batches";
  return shownLines(`DataLoader: ${batches} of ${batchSize}`, [
    ["dataset", description],
    ["order", order],
    ["next epoch", String(epoch)],
    ...(errors === 0 ? [] : [["errors", `${errors} pairs could not be read`] as const]),
    ...(stats === null
      ? []
      : ([
          [`epoch ${stats.epoch}`, `${stats.pairs} pairs, ${Math.round(stats.rate)} a second`],
          ["limit", stats.sentence],
        ] as const)),
  ]);
}
