import sharp from "sharp";
import type { DecodedPixels, NativePixels } from "../../native/addon.js";
import { gifAlpha } from "./gif-image.js";
import { unsupported } from "./image-fault.js";
import type { ImageFormat } from "./image-format.js";

/**
 * An image on a white ground, as Pillow's `alpha_composite` puts it there. Precondition: one byte of alpha a
 * pixel.
 */
export function onWhite(pixels: DecodedPixels, alpha: Uint8Array): DecodedPixels {
  const { data, width, height, format } = pixels;
  if (format !== "rgb" && format !== "grey") return pixels;
  const channels = format === "rgb" ? 3 : 1;
  const blended = Buffer.from(data.subarray(0, channels * width * height));
  for (let i = 0; i < alpha.length; i += 1) {
    const opacity = alpha[i] as number;
    if (opacity === 255) continue;
    for (let at = channels * i; at < channels * (i + 1); at += 1) {
      blended[at] = composite(blended[at] as number, opacity);
    }
  }
  return { data: blended, width, height, format };
}

/** libImaging/AlphaComposite.c, of an opaque 255 below: 7 bits of fraction. */
function composite(value: number, opacity: number): number {
  if (opacity === 0) return 255;
  const sum = (value * opacity + 255 * (255 - opacity)) * 128 + (0x80 << 7);
  return (((sum >> 8) + sum) >> 8) >> 7;
}

/**
 * Decoded pixels with an alpha of their own, on a white ground.
 */
export function pixelsOnWhite(pixels: NativePixels): NativePixels {
  const { data, width, height, format, orientation } = pixels;
  if (format !== "rgba" && format !== "grey-alpha") return pixels;
  const channels = format === "rgba" ? 4 : 2;
  const colours = channels - 1;
  const alpha = new Uint8Array(width * height);
  const rest = new Uint8Array(colours * width * height);
  for (let i = 0; i < alpha.length; i += 1) {
    alpha[i] = data[channels * i + colours] as number;
    for (let c = 0; c < colours; c += 1) rest[colours * i + c] = data[channels * i + c] as number;
  }
  const bare: DecodedPixels = { data: rest, width, height, format: colours === 3 ? "rgb" : "grey" };
  return { ...onWhite(bare, alpha), orientation };
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
): Promise<Uint8Array | null> {
  if (format === "jpeg") return null;
  if (format === "gif") return gifAlpha(file);
  const image = sharp(file, { ignoreIcc: true, limitInputPixels: false });
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
