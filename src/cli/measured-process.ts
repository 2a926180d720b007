// A process that opens a set, reads batches of it or packs it, and says what that took: a rank has a process of its own, too,
// and so has who packs. measure-in-process.ts starts it.

import { pipelineOf } from "../dataset/dataset.js";
import { measurePacking, type Packing, type PackingOptions } from "../planning/measure-packing.js";
import { measureReading, type Reading, type ReadingOptions } from "../planning/measure-reading.js";
import { keptMemory } from "../planning/process-memory.js";
import { repeat } from "../sets/select.js";
import { PixtokError, type PixtokErrorCode } from "../shared/errors.js";
import type { PairSource } from "../sources/pair-source.js";
import {
  type DatasetArguments,
  datasetOfPairs,
  openDataset,
  openPairs,
} from "./dataset-options.js";
import { datasetToPack, type RepeatedSample } from "./sample-of-dataset.js";

/** What is to be measured. */
export type MeasuredTask = { source: readonly string[]; given: DatasetArguments } & (
  | { what: "opening" }
  | { what: "reading"; options: ReadingOptions }
  | {
      what: "packing";
      size?: number | undefined;
      sample: RepeatedSample | null;
      options: PackingOptions;
    }
);

/** What a task came to. */
export type MeasuredResult = Opening | (Reading & { pairs: number }) | Packing;

/** What opening a set came to. */
export interface Opening {
  readonly seconds: number;
  /** Bytes of memory that it keeps. */
  readonly memory: number;
  readonly pairs: number;
}

/** What the process says. */
export type MeasuredAnswer =
  | { ok: true; result: MeasuredResult }
  | { ok: false; error: FailedTask };

/** What is known of an error in another process. */
export interface FailedTask {
  readonly message: string;
  /** Of a PixtokError, as are the others. */
  readonly code?: PixtokErrorCode;
  readonly index?: number | undefined;
  readonly source?: string | undefined;
}

function failedTask(error: unknown): FailedTask {
  if (!(error instanceof PixtokError)) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
  const { code, reason: message, index, source } = error;
  return { message, code, index, source };
}

/** A small set is read over and over, as one: the end of an epoch is not what is measured. */
const LEAST_PAIRS = 50_000;

const longEnough = (source: PairSource) =>
  source.length >= LEAST_PAIRS ? source : repeat(source, Math.ceil(LEAST_PAIRS / source.length));

async function measure(task: MeasuredTask): Promise<MeasuredResult> {
  const { source, given } = task;
  if (task.what === "opening") {
    const before = await keptMemory();
    const begun = performance.now();
    const opened = await openPairs(source, given);
    const seconds = (performance.now() - begun) / 1000;
    const memory = (await keptMemory()) - before;
    return { seconds, memory, pairs: opened.length };
  }
  if (task.what === "packing") {
    const { size, sample, options } = task;
    const dataset = await datasetToPack(source, { ...given, ...(size && { size }) }, sample);
    return measurePacking(dataset, options);
  }
  const opened = await openDataset(source, given);
  const pairs = pipelineOf(opened).source;
  const dataset = await datasetOfPairs(longEnough(pairs), given);
  return { ...(await measureReading(dataset, task.options)), pairs: pairs.length };
}

process.once("disconnect", () => process.exit()); // nobody wants to know any more
process.once("message", async (task: MeasuredTask) => {
  const answer: MeasuredAnswer = await measure(task).then(
    (result) => ({ ok: true, result }),
    (error) => ({ ok: false, error: failedTask(error) }),
  );
  process.send?.(answer, () => process.disconnect());
});
