import { allocateMemory, releaseMemory } from "../batch-memory.js";
import type { MultimodalDataset } from "../dataset.js";
import type { PixtokError } from "../errors.js";
import { startImageBatch } from "../image-batch.js";
import type { ImageProcessor } from "../image-processor.js";
import { isMachineFault } from "../machine-fault.js";
import { type SampleError, sampleError } from "../sample-error.js";
import type { RowsToPack } from "./record-batch.js";

/** Rows that are ready to be written. */
export interface PreparedRows {
  rows: RowsToPack;
  /** Pairs that could not be read. */
  errors: SampleError[];
  /** Gives the pictures' memory back. */
  release(): void;
}

export interface PrepareOptions {
  /** Gives the pictures as they are stored. */
  processor: ImageProcessor;
  /** Whether a row has all texts of its picture. */
  several: boolean;
  onError: "throw" | "skip";
  threads: number | undefined;
}

/** Moves slots up over those that are not kept. */
function closeGaps(pictures: Uint8Array, slotBytes: number, kept: readonly number[]): Uint8Array {
  for (const [to, from] of kept.entries()) {
    if (to !== from) {
      pictures.copyWithin(to * slotBytes, from * slotBytes, (from + 1) * slotBytes);
    }
  }
  return pictures.subarray(0, kept.length * slotBytes);
}

/** Pictures and tokens of the pairs at `indices`. */
export async function prepareRows(
  dataset: MultimodalDataset,
  indices: readonly number[],
  { processor, several, onError, threads }: PrepareOptions,
): Promise<PreparedRows> {
  const { slotBytes } = processor.plan;
  const refuse = (failures: readonly { error: PixtokError }[]) => {
    const fatal = failures.find(({ error }) => onError === "throw" || isMachineFault(error));
    if (fatal !== undefined) throw fatal.error;
  };
  const { pairs, failures } = await dataset.readEveryText(indices);
  refuse(failures);
  const texts = pairs.map((pair) => (several ? pair.texts : pair.texts.slice(0, 1)));
  const memory = allocateMemory(pairs.length * slotBytes);
  const release = () => releaseMemory(memory);
  try {
    const images = pairs.map(({ image }) => image);
    const request = { images, indices: pairs.map(({ index }) => index) };
    // both are waited for, whatever becomes of the other: nothing may write after a release
    const [failed, encoded] = await Promise.allSettled([
      pairs.length === 0 ? [] : startImageBatch(processor.plan, request, memory, threads).done,
      dataset.encodeCleaned(texts.flat()),
    ]);
    if (failed.status === "rejected") throw failed.reason;
    if (encoded.status === "rejected") throw encoded.reason;
    refuse(failed.value);
    const bad = new Set(failed.value.map(({ row }) => row));
    const kept = [...pairs.keys()].filter((row) => !bad.has(row));
    const ofKept = <T>(values: readonly T[]): T[] => kept.map((row) => values[row] as T);
    const tokenIds = texts.map(({ length }) => encoded.value.splice(0, length));
    return {
      rows: {
        pictures: closeGaps(memory, slotBytes, kept),
        texts: ofKept(texts),
        tokenIds: ofKept(tokenIds),
        ids: ofKept(pairs.map(({ id }) => id)),
        indices: ofKept(request.indices),
      },
      errors: [
        ...failures.map(({ index, error }) => sampleError(index, error)),
        ...failed.value.map(({ row, error }) => sampleError(request.indices[row] as number, error)),
      ],
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}
