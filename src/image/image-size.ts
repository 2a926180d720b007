import { sharp } from "../native/sharp.js";
import type { SampleOrigin } from "../shared/errors.js";
import { decodeImage, type EncodedImage, imageBytes } from "./decode/decode-image.js";
import { faultOfSample, ImageFault } from "./decode/image-fault.js";
import { imageFormat, isNativeFormat } from "./decode/image-format.js";
import { imageOrientation } from "./decode/image-orientation.js";
import { storedImage } from "./decode/stored-image.js";
import { type ImageInput, imageLabel, requireImage } from "./image-input.js";
import type { ImageProcessorConfig } from "./image-processor-options.js";
import type { Size } from "./output-size.js";

type Reading = Pick<ImageProcessorConfig, "maxPixels" | "exifOrientation">;

/**
 * Size of an image before it is resized, turned as its EXIF data say where that is asked for. Of JPEG
 * files, and of those that the addon alone decodes, the header is read; others are decoded, as there
 * the pixels alone say it.
 *
 * @throws {PixtokError} where the image cannot be read.
 */
export async function imageSize(image: ImageInput, index: number, reading: Reading): Promise<Size> {
  const sample = requireImage(image, index);
  if (typeof sample === "object" && "format" in sample) {
    return { width: sample.width, height: sample.height };
  }
  const origin: SampleOrigin = { index, source: imageLabel(image) };
  try {
    return await encodedSize(sample as EncodedImage, { ...reading, index });
  } catch (cause) {
    if (!(cause instanceof ImageFault)) throw cause;
    throw faultOfSample(cause, origin);
  }
}

async function encodedSize(
  image: EncodedImage,
  { maxPixels, exifOrientation, index }: Reading & { index: number },
): Promise<Size> {
  const file = await imageBytes(image, { maxPixels, index });
  const format = imageFormat(file);
  const stored = (): Promise<Size> | Size => {
    if (isNativeFormat(format)) return storedImage(file);
    if (format === "jpeg") {
      return sharp(file, { limitInputPixels: false, failOn: "none" }).metadata();
    }
    return decodeImage(file, { maxPixels, exifOrientation: false, alpha: "drop", index });
  };
  const { width, height } = await stored();
  const isTurned = exifOrientation && format !== null && imageOrientation(file, format) >= 5;
  return isTurned ? { width: height, height: width } : { width, height };
}
