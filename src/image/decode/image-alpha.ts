import type { DecodedPixels } from "../../native/addon.js";
import { sharp } from "../../native/sharp.js";
import { unsupported } from "./image-fault.js";
import type { ImageFormat } from "./image-format.js";
import { decodeTiffAlpha } from "./tiff/tiff-image.js";
import { webpImage } from "./webp-image.js";

/**
 * Pixels with an alpha of their own. Precondition: one byte of alpha a pixel.
 */
export function withAlpha(pixels: DecodedPixels, alpha: Uint8Array): DecodedPixels {
  const { data, width, height, format } = pixels;
  if (format !== "rgb" && format !== "grey") return pixels;
  const colours = format === "rgb" ? 3 : 1;
  const joined = Buffer.allocUnsafe((colours + 1) * alpha.length);
  for (let i = 0, from = 0, to = 0; i < alpha.length; i += 1) {
    for (let c = 0; c < colours; c += 1) joined[to++] = data[from++] as number;
    joined[to++] = alpha[i] as number;
  }
  return { data: joined, width, height, format: format === "rgb" ? "rgba" : "grey-alpha" };
}

/**
 * The alpha of a file, a byte for each of the pixels; null where it has none.
 *
 * @throws {ImageFault} where it cannot be had for these pixels.
 */
export async function alphaOf(
  file: Buffer,
  format: ImageFormat,
  { width, height }: DecodedPixels,
  maxPixels: number,
): Promise<Uint8Array | null> {
  if (format === "jpeg") return null;
  if (format === "tiff") {
    const alpha = await decodeTiffAlpha(file, maxPixels);
    return alpha && new Uint8Array(alpha.data.buffer, alpha.data.byteOffset, alpha.data.byteLength);
  }
  if (format === "webp" && !webpImage(file).hasAlpha) return null; // that of a file whose flag denies it
  // whether the file opens has been judged
  const failOn = format === "png" ? "none" : "warning";
  const image = sharp(file, { ignoreIcc: true, limitInputPixels: false, failOn });
  const { hasAlpha } = await image.metadata().catch(() => ({ hasAlpha: false }));
  if (!hasAlpha) return null;
  const plane = await image
    .toColourspace("srgb")
    .extractChannel(3)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(() => null);
  if (plane === null || plane.info.width !== width || plane.info.height !== height) {
    throw unsupported('its transparency cannot be read; alpha: "drop" leaves it out');
  }
  return plane.data;
}
