import { createHash } from "node:crypto";
import type { Metadata } from "sharp";
import { sharp } from "../../native/sharp.js";
import type { CheckedImage } from "../image-input.js";
import type { Size } from "../output-size.js";
import { avifPlanes } from "./avif/avif-planes.js";
import { requireAvifSize } from "./avif/avif-size.js";
import { type EncodedImage, imageBytes } from "./decode-image.js";
import { ImageFault } from "./image-fault.js";
import { type ImageFormat, imageFormat, isNativeFormat } from "./image-format.js";
import { storedImage } from "./stored-image.js";
import { readTiffDirectory } from "./tiff/tiff-directory.js";
import { tiffOrientation, tiffSize } from "./tiff/tiff-image.js";

/** What an image is before anything is done to it. */
export interface ImageFacts {
  /** "pixels": decoded already. */
  readonly format: ImageFormat | "pixels" | "unknown";
  /**
   * Its channels, and bits where these are 16: "grey", "rgba", "rgb 16-bit", "palette", … Of AVIF
   * without its alpha, which is not decoded.
   */
  readonly mode: string;
  /** Null where only the pipeline's own decoder reads it. */
  readonly size: Size | null;
  /** Equal for the same bytes only. */
  readonly digest: string;
}

const channelNames = ["unknown", "grey", "grey-alpha", "rgb", "rgba"];

/** @throws {Error} where its file is not there any more. */
export async function imageFacts(image: CheckedImage): Promise<ImageFacts> {
  if (typeof image === "object" && "format" in image) {
    const { data, width, height, format } = image;
    const hash = createHash("sha256").update(`${width} ${height} ${format}\n`).update(data);
    const mode = format === "planar-rgb" ? "rgb" : format;
    return { format: "pixels", mode, size: { width, height }, digest: hash.digest("base64") };
  }
  const file = await wholeFile(image);
  return { ...(await headerFacts(file)), digest: sha256(file) };
}

/**
 * Its size; no pixel is decoded. Null where its file is damaged in front of the pixels, or only the pipeline's own
 * decoder reads it.
 *
 * @throws {Error} where its file is not there any more.
 */
export async function imageSize(image: CheckedImage): Promise<Size | null> {
  if (typeof image === "object" && "format" in image) {
    return { width: image.width, height: image.height };
  }
  try {
    return (await headerFacts(await wholeFile(image))).size;
  } catch (error) {
    if (error instanceof ImageFault) return null;
    throw error;
  }
}

function wholeFile(image: EncodedImage): Promise<Buffer> {
  return imageBytes(image, { maxPixels: Number.MAX_SAFE_INTEGER, index: undefined });
}

function sha256(file: Buffer): string {
  return createHash("sha256").update(file).digest("base64");
}

async function headerFacts(file: Buffer): Promise<Omit<ImageFacts, "digest">> {
  const format = imageFormat(file);
  if (isNativeFormat(format)) {
    const { width, height, mode } = storedImage(file);
    return { format, mode, size: { width, height } };
  }
  if (format === "avif") requireAvifSize(file);
  const planes = format === "avif" ? avifPlanes(file) : null;
  const decoder = sharp(planes?.file ?? file, { limitInputPixels: false });
  const metadata = await decoder.metadata().catch(() => null);
  return {
    format: format ?? "unknown",
    mode: planes?.grey === true ? "grey" : modeOf(metadata),
    size: sizeOf(file, format, metadata),
  };
}

/** As Pillow has it, which turns a TIFF image when it opens it. */
function sizeOf(file: Buffer, format: ImageFormat | null, metadata: Metadata | null): Size | null {
  if (format === "tiff") {
    const directory = readTiffDirectory(file);
    const { width, height } = tiffSize(directory);
    return tiffOrientation(file, directory) >= 5
      ? { width: height, height: width }
      : { width, height };
  }
  return metadata && { width: metadata.width, height: metadata.height };
}

function modeOf(metadata: Metadata | null): string {
  if (metadata === null) return "unknown";
  const { space, channels, isPalette, depth } = metadata;
  const colours = space === "cmyk" ? "cmyk" : (channelNames[channels] as string);
  const name = isPalette === true ? "palette" : colours;
  return depth === "ushort" ? `${name} 16-bit` : name;
}
