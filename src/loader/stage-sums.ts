import type { BatchTimes } from "../dataset/batch-times.js";
import type { LoaderStage, LoaderStageName } from "./loader-stats.js";

/** In the order in which a batch goes through them. */
const stageNames = [
  "source",
  "queued",
  "read",
  "decode",
  "resize",
  "normalize",
  "sharp",
  "tokenize",
  "mix",
  "fields",
] as const satisfies LoaderStageName[];

/** What a stage has done: milliseconds, pairs or images, and bytes that came out of it. */
interface StageSum {
  time: number;
  count: number;
  bytes: number;
}

export type StageSums = Readonly<Record<LoaderStageName, StageSum>>;

function perStage<T>(of: (name: LoaderStageName) => T): Record<LoaderStageName, T> {
  return Object.fromEntries(stageNames.map((name) => [name, of(name)])) as Record<
    LoaderStageName,
    T
  >;
}

export function stageSums(): StageSums {
  return perStage(() => ({ time: 0, count: 0, bytes: 0 }));
}

/** A batch on its way, from `startedAt` to `endedAt`, by performance.now(). */
export interface TimedBatch {
  readonly startedAt: number;
  readonly times: BatchTimes;
  /** Infinity as long as it is under way. */
  endedAt: number;
}

/** Adds what a batch took that has been made, or given up. */
export function addStages(sums: StageSums, { startedAt, endedAt, times }: TimedBatch): void {
  const { rows, rowsAt, madeAt, images } = times;
  const add = (name: LoaderStageName, time: number, count: number, bytes: number) => {
    const sum = sums[name];
    sum.time += time;
    sum.count += count;
    sum.bytes += bytes;
  };
  const decoded = images.images - images.sharpImages;
  add("source", Math.min(rowsAt, endedAt) - startedAt, rows, times.sourceBytes);
  add("queued", images.queued, images.images, 0);
  add("read", images.read, images.images, images.fileBytes);
  add("decode", images.decode, decoded, images.pixelBytes);
  add("resize", images.resize, images.images, times.imageElements);
  add("normalize", images.normalize, images.images, times.imageBytes);
  add("sharp", images.sharp, images.sharpImages, images.sharpBytes);
  add("tokenize", times.tokenize, rows, times.tokenBytes);
  if (times.mixFrom < endedAt) {
    add("mix", Math.min(times.mixedAt, endedAt) - times.mixFrom, rows, times.imageBytes);
  }
  add("fields", Math.max(0, endedAt - madeAt), rows, 0);
}

/** @param passed milliseconds of the epoch. */
export function stagesOf(
  sums: StageSums,
  passed: number,
): Readonly<Record<LoaderStageName, LoaderStage>> {
  return perStage((name) => {
    const { time, count, bytes } = sums[name];
    return {
      seconds: time / 1000,
      rate: time === 0 ? 0 : (1000 * count) / time,
      depth: passed === 0 ? 0 : time / passed,
      bytes,
    };
  });
}
