import type { BatchRows, BatchTokens, ImageMask } from "./batch.js";
import { type ColumnOptions, columnTensors } from "./batch-columns.js";
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
export function batchBytes({
  image,
  image_mask,
  input_ids,
  attention_mask,
  soft_labels,
  columns,
}: Pick<BatchRows<ColumnOptions>, "image" | "soft_labels" | "columns"> &
  Partial<ImageMask & BatchTokens>): number {
  const numbers = columnTensors(columns).map(([, tensor]) => tensor);
  const tensors = [image, image_mask, input_ids, attention_mask, soft_labels, ...numbers];
  return tensors.reduce((sum, tensor) => sum + (tensor?.data.byteLength ?? 0), 0);
}
