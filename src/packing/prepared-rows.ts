import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import type { PairWithTexts } from "../dataset/pair-reader.js";
import { readEach } from "../dataset/read-results.js";
import { type FailedImage, prepareImages } from "../image/image-batch.js";
import type { ImageProcessor } from "../image/image-processor.js";
import { allocateMemory, releaseMemory } from "../native/batch-memory.js";
import type { PixtokError } from "../shared/errors.js";
import { isMachineFault } from "../shared/machine-fault.js";
import { plainContext } from "../shared/sample-context.js";
import { type SampleError, sampleError } from "../shared/sample-error.js";
import type { RowsToPack } from "../sources/packed/record-batch.js";
import { withRetries } from "./retries.js";

/** Rows that are ready to be written. */
export interface PreparedRows {
  rows: RowsToPack;
  /** Pairs that could not be read. */
  errors: SampleError[];
  /** Gives the images' memory back. */
  release(): void;
}

export interface PrepareOptions {
  /** Gives the images as they are stored. */
  processor: ImageProcessor;
  /** Whether a row has all texts of its image. */
  several: boolean;
  onError: "throw" | "skip";
  /** Of pairs that a fault of the machine has kept from being read. */
  retries: number;
  threads: number | undefined;
}

/** Moves slots up over those that are not kept. */
function closeGaps(images: Uint8Array, slotBytes: number, kept: readonly number[]): Uint8Array {
  for (const [to, from] of kept.entries()) {
    if (to !== from) {
      images.copyWithin(to * slotBytes, from * slotBytes, (from + 1) * slotBytes);
    }
  }
  return images.subarray(0, kept.length * slotBytes);
}

/** Images and tokens of the pairs at `indices`. */
export async function prepareRows(
  dataset: DatasetPipeline,
  indices: readonly number[],
  { processor, several, onError, retries, threads }: PrepareOptions,
  signal: AbortSignal,
): Promise<PreparedRows> {
  const { slotBytes } = processor.plan;
  const refuse = (failures: readonly { error: PixtokError }[]) => {
    const fatal = failures.find(({ error }) => onError === "throw" || isMachineFault(error));
    if (fatal !== undefined) throw fatal.error;
  };
  const read = new Map<number, PairWithTexts>();
  const failures = await withRetries(
    indices,
    { retries, signal },
    async (some) => {
      const context = plainContext(signal);
      const readOne = (index: number) => dataset.pairs.readEveryText(index, context);
      const found = await readEach(some, readOne, signal);
      for (const pair of found.pairs) read.set(pair.index, pair);
      return found.failures;
    },
    ({ index }) => index,
  );
  refuse(failures);
  const pairs = indices.flatMap((index) => read.get(index) ?? []);
  const texts = pairs.map((pair) => (several ? pair.texts : pair.texts.slice(0, 1)));
  const memory = allocateMemory(pairs.length * slotBytes);
  const release = () => releaseMemory(memory);

  const imagesOf = (some: readonly PairWithTexts[], firstSlot: number) => {
    const request = {
      images: some.map(({ image }) => image),
      indices: some.map(({ index }) => index),
      sources: some.map(({ source }) => source),
      firstSlot,
    };
    return prepareImages(processor.plan, request, memory, { threads, signal });
  };
  /** Into the slots of `rows`: all, or those that failed before. */
  const fill = async (rows: readonly number[]): Promise<FailedImage[]> => {
    if (rows.length === pairs.length) return imagesOf(pairs, 0);
    const one = async (row: number) =>
      (await imagesOf([pairs[row] as PairWithTexts], row)).map(({ error }) => ({ row, error }));
    const settled = await Promise.allSettled(rows.map(one));
    return settled.flatMap((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
  };
  try {
    // both are waited for, whatever becomes of the other: nothing may write after a release
    const [failed, encoded] = await Promise.allSettled([
      withRetries([...pairs.keys()], { retries, signal }, fill, ({ row }) => row),
      dataset.text.encode(texts.flat()),
    ]);
    signal.throwIfAborted();
    if (failed.status === "rejected") throw failed.reason;
    if (encoded.status === "rejected") throw encoded.reason;
    refuse(failed.value);
    const bad = new Set(failed.value.map(({ row }) => row));
    const kept = [...pairs.keys()].filter((row) => !bad.has(row));
    const ofKept = <T>(values: readonly T[]): T[] => kept.map((row) => values[row] as T);
    const tokenIds = texts.map(({ length }) => encoded.value.splice(0, length));
    return {
      rows: {
        images: closeGaps(memory, slotBytes, kept),
        texts: ofKept(texts),
        tokenIds: ofKept(tokenIds),
        ids: ofKept(pairs.map(({ id }) => id)),
        indices: ofKept(pairs.map(({ index }) => index)),
      },
      errors: [
        ...failures.map(({ index, error }) => sampleError(index, error)),
        ...failed.value.map(({ row, error }) =>
          sampleError((pairs[row] as PairWithTexts).index, error),
        ),
      ],
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}
