import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import sharp, { type Metadata } from "sharp";
import { avifPlanes } from "./avif-planes.js";
import type { ImageInput } from "./image-input.js";
import type { Size } from "./image-processor-options.js";
import { type PictureFormat, pictureFormat } from "./picture-format.js";
import { readImageRange } from "./read-image-range.js";
import type { EncodedPicture } from "./sharp-decoder.js";

/** What a picture is before anything is done to it. */
export interface PictureFacts {
  /** "pixels": decoded already. */
  readonly format: PictureFormat | "pixels" | "unknown";
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

/**
 * Precondition: the picture is one that can be prepared.
 *
 * @throws {Error} where its file is not there any more.
 */
export async function pictureFacts(image: ImageInput): Promise<PictureFacts> {
  if (typeof image === "object" && "channels" in image) {
    const { data, width, height, channels, layout = "hwc" } = image;
    const hash = createHash("sha256");
    hash.update(`${width} ${height} ${channels} ${layout}\n`).update(data);
    const mode = channelNames[channels] as string;
    return { format: "pixels", mode, size: { width, height }, digest: hash.digest("base64") };
  }
  const file = await bytesOf(image);
  const format = pictureFormat(file);
  const planes = format === "avif" ? avifPlanes(file) : null;
  const picture = sharp(planes?.file ?? file, { limitInputPixels: false });
  const metadata = await picture.metadata().catch(() => null);
  return {
    format: format ?? "unknown",
    mode: planes?.grey === true ? "grey" : modeOf(metadata),
    size: metadata && sizeOf(metadata, format),
    digest: createHash("sha256").update(file).digest("base64"),
  };
}

async function bytesOf(picture: EncodedPicture): Promise<Buffer> {
  if (typeof picture === "string") return readFile(picture);
  if (!(picture instanceof Uint8Array)) return readImageRange(picture);
  return Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength);
}

/** As Pillow has it, which turns a TIFF picture when it opens it. */
function sizeOf({ width, height, orientation = 1 }: Metadata, format: string | null): Size {
  const turned = format === "tiff" && orientation >= 5;
  return turned ? { width: height, height: width } : { width, height };
}

function modeOf(metadata: Metadata | null): string {
  if (metadata === null) return "unknown";
  const { space, channels, isPalette, depth } = metadata;
  const colours = space === "cmyk" ? "cmyk" : (channelNames[channels] as string);
  const name = isPalette === true ? "palette" : colours;
  return depth === "ushort" ? `${name} 16-bit` : name;
}
