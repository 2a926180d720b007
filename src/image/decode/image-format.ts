import { type NativeFormat, nativeFormats } from "../../native/addon.js";
import { nativeAddon } from "../../native/load-addon.js";
import { BRAND_BYTES, isAvif } from "./avif/avif-planes.js";

/** Formats of image files that are read. */
export type ImageFormat = NativeFormat | "jpeg" | "png" | "webp" | "avif" | "tiff";

export function isNativeFormat(format: ImageFormat | null): format is NativeFormat {
  return nativeFormats.some((native) => native === format);
}

/** Found by what the file holds, never by its name. */
export function imageFormat(file: Buffer): ImageFormat | null {
  const text = file.toString("latin1", 0, BRAND_BYTES);
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (/^RIFF....WEBP/s.test(text)) return "webp";
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return "tiff";
  return isAvif(file) ? "avif" : nativeAddon().storedFormat(file);
}
