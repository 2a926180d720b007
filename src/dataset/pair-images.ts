import { type FailedImage, type ImagePlan, prepareImages } from "../image/image-batch.js";
import type { NativeRandom } from "../native/addon.js";
import type { ReadPair } from "./pair-reader.js";

/** Where the images of pairs go, and how. */
export interface PairImagesOptions {
  plan: ImagePlan;
  memory: Uint8Array;
  /** Slot of the first image. Default 0. */
  firstSlot?: number;
  /** For a plan with augmentation. */
  random?: Omit<NativeRandom, "indices"> | null;
  threads: number | undefined;
  signal: AbortSignal;
}

/** Prepares the images of pairs, one in each slot; gives those that failed. */
export function preparePairImages(
  pairs: readonly Pick<ReadPair, "image" | "index" | "source">[],
  { plan, memory, firstSlot = 0, random = null, threads, signal }: PairImagesOptions,
): Promise<FailedImage[]> {
  const request = {
    images: pairs.map(({ image }) => image),
    indices: pairs.map(({ index }) => index),
    sources: pairs.map(({ source }) => source),
    random,
    firstSlot,
  };
  return prepareImages(plan, request, memory, { threads, signal });
}

/**
 * Images that are being prepared, and what is made of their texts at the same time. Both are waited for,
 * whatever becomes of the other: nothing may write into the images' memory after its release.
 *
 * @param refuse throws where one of the images that failed ends the work.
 */
export async function imagesWithTexts<T>(
  images: Promise<FailedImage[]>,
  texts: Promise<T>,
  signal: AbortSignal,
  refuse: (failed: readonly FailedImage[]) => void,
): Promise<{ failed: FailedImage[]; texts: T }> {
  const [prepared, made] = await Promise.allSettled([images, texts]);
  signal.throwIfAborted();
  if (prepared.status === "rejected") throw prepared.reason;
  refuse(prepared.value);
  if (made.status === "rejected") throw made.reason;
  return { failed: prepared.value, texts: made.value };
}
