import { PixtokError, type PixtokErrorCode } from "./errors.js";
import { type ImageInput, imageSource, requireImage } from "./image-input.js";
import type { NativeFailure, NativePlan } from "./native-addon.js";
import { runtime } from "./runtime.js";
import { type DecodeFailure, decodeWithSharp } from "./sharp-decoder.js";

/** What every picture of a batch goes through, compiled once. */
export interface ImagePlan {
  native: NativePlan;
  /** Bytes of one picture in the batch. */
  slotBytes: number;
  maxPixels: number;
}

export interface ImageBatchTask {
  /**
   * Settles when nothing writes into the memory any more; gives the samples that failed, by row.
   * Rows of samples that were cancelled hold nothing and are not listed.
   */
  done: Promise<PixtokError[]>;
  /** Gives up what has not been started. */
  cancel(): void;
}

/**
 * Prepares `images` into the consecutive slots of `memory`, on the native threads; what they decline
 * is decoded by sharp and goes through the same resize.
 *
 * @param indices dataset index of each image, for errors
 * @throws {PixtokError} INVALID_IMAGE
 */
export function startImageBatch(
  plan: ImagePlan,
  images: readonly ImageInput[],
  indices: readonly number[],
  memory: ArrayBuffer,
  threads?: number,
): ImageBatchTask {
  const { addon, engine } = runtime();
  const pool = engine(threads);
  const samples = images.map((image, row) => requireImage(image, indices[row] as number));
  const batch = addon.startBatch(pool, plan.native, samples, memory, 0);
  let cancelled = false;

  const errorOf = (row: number, failure: Omit<DecodeFailure, "cause">, cause?: unknown) =>
    new PixtokError(failure.code, failure.message, {
      index: indices[row],
      source: imageSource(images[row]),
      cause,
    });

  const decodeAndFinish = async (row: number): Promise<PixtokError | null> => {
    const decoded = await decodeWithSharp(samples[row] as string | Uint8Array, plan.maxPixels);
    if ("code" in decoded) return errorOf(row, decoded, decoded.cause);
    if (cancelled) return null;
    const offset = row * plan.slotBytes;
    const failures = await addon.startBatch(pool, plan.native, [decoded], memory, offset).done;
    const failure = failures?.[0];
    return failure === undefined ? null : finishRow([row, failure[1], failure[2]]);
  };

  const finishRow = async ([row, code, message]: NativeFailure): Promise<PixtokError | null> => {
    if (code === "CANCELLED" || cancelled) return null;
    if (code === "DECLINED") return decodeAndFinish(row);
    return errorOf(row, { code: code as PixtokErrorCode, message });
  };

  const run = async (): Promise<PixtokError[]> => {
    const failures = (await batch.done) ?? [];
    const errors = await Promise.all(failures.map(finishRow));
    return errors.filter((error) => error !== null);
  };

  return {
    done: run(),
    cancel() {
      cancelled = true;
      batch.cancel();
    },
  };
}
