import { BRAND_BYTES, isAvif } from "./avif/avif-planes.js";

/** Formats of image files that are read. */
export type ImageFormat = NativeFormat | "jpeg" | "png" | "webp" | "avif" | "tiff";

const nativeFormats = ["gif", "bmp", "netpbm", "qoi", "tga"] as const;

/** Formats that threads of the addon decode, and nothing else. */
export type NativeFormat = (typeof nativeFormats)[number];

export function isNativeFormat(format: ImageFormat | null): format is NativeFormat {
  return nativeFormats.some((native) => native === format);
}

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
  if (text.startsWith("BM")) return "bmp";
  if (text.startsWith("qoif")) return "qoi";
  if (/^(P[1-6f][ \t-\r]|PyP[ \t-\r]|P0CMYK|PyRGBA|PyCMYK)/.test(text)) return "netpbm";
  if (isAvif(start)) return "avif";
  return isTga(start) ? "tga" : null;
}

/** As native/decode/tga/tga_header.h: the format has no signature. */
function isTga(start: Buffer): boolean {
  if (start.length < 18) return false;
  const [, palettes = 0, kind = 0] = start;
  const [width, height] = [start.readUInt16LE(12), start.readUInt16LE(14)];
  const isIcon = kind === 1 && start.readUInt16BE(0) === 0 && start[3] === 0;
  return (
    palettes <= 1 &&
    [1, 2, 3, 9, 10, 11].includes(kind) &&
    width > 0 &&
    height > 0 &&
    [1, 8, 16, 24, 32].includes(start[16] as number) &&
    !isIcon
  );
}
