import type { NativeTimes } from "../native/addon.js";

/**
 * What images took on the way to their slots, in milliseconds. Those of the native stages are of threads, several of
 * which work at once.
 */
export interface ImageTimes {
  /** Images that have come to their end. */
  images: number;
  /** Until a thread began. */
  queued: number;
  read: number;
  decode: number;
  /** And all else between decoding and normalizing. */
  resize: number;
  normalize: number;
  /** What the threads declined, decoded by sharp and TypeScript. */
  sharp: number;
  sharpImages: number;
  /** Bytes of their pixels. */
  sharpBytes: number;
  /** That were read. */
  fileBytes: number;
  /** That were decoded, as RGB. */
  pixelBytes: number;
  /** performance.now() at which the threads were done with the last of them; 0 before. */
  finishedAt: number;
}

export function imageTimes(): ImageTimes {
  return {
    images: 0,
    queued: 0,
    read: 0,
    decode: 0,
    resize: 0,
    normalize: 0,
    sharp: 0,
    sharpImages: 0,
    sharpBytes: 0,
    fileBytes: 0,
    pixelBytes: 0,
    finishedAt: 0,
  };
}

/** Adds what the threads say of images that they have just been done with. */
export function addNativeTimes(
  times: ImageTimes,
  [queued, read, decode, resize, normalize, since, fileBytes, pixelBytes]: NativeTimes,
): void {
  times.queued += queued;
  times.read += read;
  times.decode += decode;
  times.resize += resize;
  times.normalize += normalize;
  times.fileBytes += fileBytes;
  times.pixelBytes += pixelBytes;
  times.finishedAt = Math.max(times.finishedAt, performance.now() - since);
}
