import { BRAND_BYTES, isAvif } from "./avif/avif-planes.js";

/** Formats of image files that are read. */
export type ImageFormat = "jpeg" | "png" | "gif" | "webp" | "avif" | "tiff";

/** How many bytes of a file imageFormat() looks at. */
export const SIGNATURE_BYTES = BRAND_BYTES;

/** Found by the file's first bytes, never by its name. */
export function imageFormat(start: Buffer): ImageFormat | null {
  const text = start.toString("latin1", 0, SIGNATURE_BYTES);
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (/^GIF8[79]a/.test(text)) return "gif";
  if (/^RIFF....WEBP/s.test(text)) return "webp";
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return "tiff";
  return isAvif(start) ? "avif" : null;
}
