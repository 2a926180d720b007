import type {
  NativeBatch,
  NativeFailure,
  NativePlan,
  NativeRandom,
  NativeRegion,
  NativeViews,
} from "../native/addon.js";
import { runtime } from "../native/runtime.js";
import { stopWith } from "../shared/abort.js";
import { PixtokError, type PixtokErrorCode, type SampleOrigin } from "../shared/errors.js";
import { withMachineFaults } from "../shared/machine-fault.js";
import { decodeImage, type EncodedImage } from "./decode/decode-image.js";
import { faultOfSample, ImageFault } from "./decode/image-fault.js";
import { drawnPart } from "./drawn.js";
import type { CheckedImage } from "./image-input.js";
import { addNativeTimes, type ImageTimes } from "./image-times.js";

/** What every image of a batch goes through, compiled once. */
export interface ImagePlan {
  native: NativePlan;
  /** Bytes of one image in the batch; 0 of a plan for views, which say where they are. */
  slotBytes: number;
  maxPixels: number;
  /** Whether images are turned as their EXIF data say. */
  exifOrientation: boolean;
  /** Whether transparency is left out, or images put on a white ground. */
  alpha: "drop" | "white";
}

/** Images of one batch. */
export interface ImageBatchRequest {
  images: readonly CheckedImage[];
  /** Dataset index of each image, for errors. */
  indices: readonly number[];
  /** What errors call each image. */
  sources: readonly string[];
  /** What is done to single images. */
  regions?: readonly (NativeRegion | NativeViews | null)[];
  /** For a plan with augmentation. */
  random?: NativeRandom | null;
  /** Slot of the memory that the first image goes to. Default 0. */
  firstSlot?: number;
}

/** An image that could not be prepared. */
export interface FailedImage {
  /** Its place in the request. */
  row: number;
  error: PixtokError;
}

/** How images are prepared. */
export interface PrepareImagesOptions {
  /** Default: those of the runtime. */
  threads?: number | undefined;
  /** Gives up what has not been started. Default: nothing does. */
  signal?: AbortSignal;
  /** What the images take is added to these. Default: to none. */
  times?: ImageTimes | undefined;
}

/**
 * Prepares `images` into the consecutive slots of `memory`, on the native threads. What these decline is
 * decoded by sharp and goes through the same resize.
 *
 * Settles when nothing writes into the memory any more.
 *
 * @returns the images that failed, by row. Rows that were given up hold nothing and are not listed.
 * @throws {PixtokError} OUT_OF_MEMORY where there is no memory, or no thread, to begin with.
 */
export async function prepareImages(
  plan: ImagePlan,
  request: ImageBatchRequest,
  memory: Uint8Array,
  options: PrepareImagesOptions = {},
): Promise<FailedImage[]> {
  if (request.images.length === 0) return [];
  return withMachineFaults(() => prepare(plan, request, memory, options));
}

async function prepare(
  plan: ImagePlan,
  { images, indices, sources, regions, random = null, firstSlot = 0 }: ImageBatchRequest,
  memory: Uint8Array,
  { threads, signal = stopWith().signal, times }: PrepareImagesOptions,
): Promise<FailedImage[]> {
  const { addon, engine } = runtime();
  const pool = engine(threads);
  const originOf = (row: number): SampleOrigin => ({
    index: indices[row],
    source: sources[row],
  });

  /** Rows from `first` to before `end`. */
  const randomOf = (first: number, end: number): NativeRandom | null =>
    random && {
      ...random,
      indices: random.indices.slice(first, end),
      ...drawnPart(random, first, end),
    };

  /** Waits for the native threads, and gives what failed. */
  const failuresOf = async ({ done }: NativeBatch): Promise<readonly NativeFailure[]> => {
    const [failures, took] = await done;
    if (times !== undefined) addNativeTimes(times, took);
    return failures ?? [];
  };

  const decodeAndFinish = async (row: number): Promise<PixtokError | null> => {
    const start = performance.now();
    const pixels = await decodeImage(images[row] as EncodedImage, {
      maxPixels: plan.maxPixels,
      exifOrientation: plan.exifOrientation,
      alpha: plan.alpha,
      index: indices[row],
      signal,
    }).finally(() => {
      if (times !== undefined) times.sharp += performance.now() - start;
    });
    if (times !== undefined) {
      times.sharpImages += 1;
      times.sharpBytes += pixels.data.length;
    }
    if (signal.aborted) return null;
    const again = addon.startBatch(
      pool,
      plan.native,
      [pixels],
      regions === undefined ? null : [regions[row] ?? null],
      randomOf(row, row + 1),
      memory,
      (firstSlot + row) * plan.slotBytes,
    );
    const [failure] = await failuresOf(again);
    return failure === undefined ? null : finishRow([row, failure[1], failure[2]]);
  };

  const finishRow = async ([row, code, message]: NativeFailure): Promise<PixtokError | null> => {
    if (code === "CANCELLED" || signal.aborted) return null;
    if (code !== "DECLINED") {
      return new PixtokError(code as PixtokErrorCode, message, originOf(row));
    }
    try {
      return await decodeAndFinish(row);
    } catch (cause) {
      if (signal.aborted) return null;
      if (cause instanceof PixtokError) return cause;
      if (!(cause instanceof ImageFault)) throw cause;
      return faultOfSample(cause, originOf(row));
    }
  };

  const batch = addon.startBatch(
    pool,
    plan.native,
    images,
    regions ?? null,
    randomOf(0, images.length),
    memory,
    firstSlot * plan.slotBytes,
  );
  const giveUp = () => batch.cancel();
  if (signal.aborted) giveUp();
  else signal.addEventListener("abort", giveUp, { once: true });
  try {
    const failures = await failuresOf(batch);
    // All are waited for, as those that are under way write into the memory.
    const finished = await Promise.allSettled(failures.map(finishRow));
    if (times !== undefined) times.images += images.length;
    return finished.flatMap((outcome, i) => {
      if (outcome.status === "rejected") throw outcome.reason;
      const [row] = failures[i] as NativeFailure;
      return outcome.value === null ? [] : [{ row, error: outcome.value }];
    });
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
