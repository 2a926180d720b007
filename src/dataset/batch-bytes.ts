import { batchTensors } from "./batch-tensors.js";
import { isOneImage, type PairImage } from "./multiple-images.js";
import type { ReadPair } from "./pair-reader.js";

/** Bytes that a pair that has been read has in memory. */
export function pairBytes({ images, columnImages, text }: ReadPair): number {
  let bytes = 2 * text.length;
  const add = ({ image }: PairImage) => {
    if (image instanceof Uint8Array) bytes += image.length;
    else if (typeof image === "object" && "data" in image) bytes += image.data.length;
  };
  if (isOneImage(images)) add(images);
  else images.forEach(add);
  columnImages.forEach(add);
  return bytes;
}

/** Bytes of a batch's tensors. */
export function batchBytes(batch: Parameters<typeof batchTensors>[0]): number {
  return batchTensors(batch).reduce((sum, { data }) => sum + data.byteLength, 0);
}
