import { channel } from "node:diagnostics_channel";
import type { SampleError } from "../shared/sample-error.js";
import type { EpochMeter } from "./epoch-meter.js";
import type { LoaderStage, LoaderStageName, LoaderStats } from "./loader-stats.js";
import { addStages, stageSums, stagesOf, type TimedBatch } from "./stage-sums.js";

/** What is published on the channel "pixtok:loader:batch" when a batch is delivered. */
export interface LoaderBatchMessage {
  /** The DataLoader. */
  readonly loader: object;
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** Pairs of the batch. */
  readonly pairs: number;
  /** When its making began, in milliseconds as of performance.now(). */
  readonly startedAt: number;
  /** When it was made. */
  readonly endedAt: number;
  /** Seconds that the trainer waited for it. */
  readonly waited: number;
  /** What this batch went through. `depth` is over the time of its making. */
  readonly stages: Readonly<Record<LoaderStageName, LoaderStage>>;
}

/** What is published on the channel "pixtok:loader:epoch" when a loop ends, in whatever way. */
export interface LoaderEpochMessage {
  /** The DataLoader. */
  readonly loader: object;
  /** As loader.stats(). */
  readonly stats: LoaderStats;
}

/** What is published on the channel "pixtok:loader:error" for a pair that could not be read. */
export interface LoaderErrorMessage {
  /** The DataLoader. */
  readonly loader: object;
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** What is wrong with the pair. */
  readonly error: SampleError;
}

const batches = channel("pixtok:loader:batch");
const epochs = channel("pixtok:loader:epoch");
const errors = channel("pixtok:loader:error");

/** @param waited milliseconds. */
export function publishBatch(
  loader: object,
  epoch: number,
  pairs: number,
  { startedAt, endedAt, waited, times }: TimedBatch & { waited: number },
): void {
  if (!batches.hasSubscribers) return;
  const sums = stageSums();
  addStages(sums, { startedAt, endedAt, times });
  batches.publish({
    loader,
    epoch,
    pairs,
    startedAt,
    endedAt,
    waited: waited / 1000,
    stages: stagesOf(sums, endedAt - startedAt),
  } satisfies LoaderBatchMessage);
}

export function publishEpoch(loader: object, meter: EpochMeter): void {
  if (!epochs.hasSubscribers) return;
  epochs.publish({ loader, stats: meter.stats() } satisfies LoaderEpochMessage);
}

export function publishError(loader: object, epoch: number, error: SampleError): void {
  if (errors.hasSubscribers) {
    errors.publish({ loader, epoch, error } satisfies LoaderErrorMessage);
  }
}
