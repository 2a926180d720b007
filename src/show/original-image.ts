import { compilePlan } from "../image/compiled-plan.js";
import { type EncodedImage, imageBytes } from "../image/decode/decode-image.js";
import { type ImageFormat, imageFormat } from "../image/decode/image-format.js";
import { prepareImages } from "../image/image-batch.js";
import type { CheckedImage } from "../image/image-input.js";
import {
  type ImageProcessorConfig,
  readImageProcessorOptions,
} from "../image/image-processor-options.js";
import { imageSize } from "../image/image-size.js";
import type { Size } from "../image/output-size.js";
import type { RgbImage } from "./image-bytes.js";

/** An image as it came from its source, whole. */
export interface OriginalImage {
  /** Made smaller where it is larger than the page needs. */
  readonly pixels: RgbImage;
  /** Before that, turned as its EXIF data say where the processor does so. */
  readonly size: Size;
  /** "pixels": decoded already. */
  readonly format: ImageFormat | "pixels";
  /** Of its file; null for pixels. */
  readonly bytes: number | null;
}

/** Side that an original is shown with at most, in pixels: twice that of a card, for dense screens. */
const MOST_SIDE = 512;

function reducedSize({ width, height }: Size): Size {
  const scale = Math.min(1, MOST_SIDE / Math.max(width, height));
  const reduced = (side: number) => Math.max(1, Math.round(side * scale));
  return { width: reduced(width), height: reduced(height) };
}

/**
 * Decodes an image as its processor does.
 *
 * @throws {PixtokError} where it cannot be read.
 */
export async function originalImage(
  image: CheckedImage,
  { index, source }: { index: number; source: string },
  config: ImageProcessorConfig,
  signal: AbortSignal,
): Promise<OriginalImage> {
  const { maxPixels, exifOrientation, alpha } = config;
  const isPixels = typeof image === "object" && "format" in image;
  const file = isPixels ? null : await imageBytes(image as EncodedImage, { maxPixels, index });
  const size = file === null ? sizeOfPixels(image) : await imageSize(file, index, config);
  const shown = reducedSize(size);
  const plan = compilePlan(
    readImageProcessorOptions({
      resize: shown,
      type: "uint8",
      layout: "hwc",
      mean: null,
      std: null,
      rescale: false,
      maxPixels,
      exifOrientation,
      alpha,
    }),
    null,
  );
  const memory = new Uint8Array(plan.slotBytes);
  const request = { images: [file ?? image], indices: [index], sources: [source] };
  const [failed] = await prepareImages(plan, request, memory, { signal });
  signal.throwIfAborted();
  if (failed !== undefined) throw failed.error;
  return {
    pixels: { data: new Uint8ClampedArray(memory.buffer), ...shown },
    size,
    format: (file && imageFormat(file)) ?? "pixels",
    bytes: file?.length ?? null,
  };
}

function sizeOfPixels(image: CheckedImage): Size {
  const { width, height } = image as Extract<CheckedImage, { format: unknown }>;
  return { width, height };
}
