import { nativeAddon } from "../../native/load-addon.js";
import { avifPlanes } from "./avif/avif-planes.js";
import { type ImageFormat, isNativeFormat } from "./image-format.js";
import { pngData, readPngHead, readPngTail } from "./png/png-chunks.js";
import { webpImage } from "./webp-image.js";

/** What a file says of its orientation, as Pillow collects it. */
interface Metadata {
  exif: Buffer | null;
  xmp: Buffer | null;
}

/**
 * The orientation, 1 to 8, that Pillow's `ImageOps.exif_transpose` turns an image by; 1 where it is
 * upright, where none can be read, and for what Pillow turns when it opens it.
 */
export function imageOrientation(file: Buffer, format: ImageFormat): number {
  if (format === "tiff" || isNativeFormat(format)) return 1;
  try {
    if (format === "jpeg") return nativeAddon().jpegOrientation(file);
    if (format === "webp") return webpImage(file).orientation;
    const stored = format === "avif" ? (avifPlanes(file)?.orientation ?? 1) : 1;
    if (stored !== 1) return stored;
    const { exif, xmp } = readers[format](file);
    return nativeAddon().exifOrientation(exif, xmp);
  } catch {
    return 1; // as Pillow, where metadata cannot be read
  }
}

const readers = { png: pngMetadata, avif: noMetadata };

/** Pillow puts the container's orientation over that of EXIF data. */
function noMetadata(): Metadata {
  return { exif: null, xmp: null };
}

function pngMetadata(file: Buffer): Metadata {
  const texts = new Map<string, Buffer>();
  const keep = (key: string, value: Buffer) => texts.set(key, value);
  const head = readPngHead(file, keep);
  const { end, sequence } = pngData(file, head);
  readPngTail(file, { ...head, sequence }, end, keep);
  const profile = texts.get("Raw profile type exif");
  return {
    exif: texts.get("eXIf") ?? texts.get("exif") ?? (profile ? fromHex(profile) : null),
    xmp: texts.get("XML:com.adobe.xmp") ?? null,
  };
}

/** Three lines of ImageMagick's, then the bytes in hexadecimal digits. */
function fromHex(profile: Buffer): Buffer {
  const lines = profile.toString("latin1").split("\n").slice(3);
  return withoutPrefix(Buffer.from(lines.join("").replaceAll(/\s/g, ""), "hex"));
}

/** Of two prefixes, which Pillow passes over, exifOrientation() expects one at most. */
function withoutPrefix(exif: Buffer): Buffer {
  return exif.toString("latin1", 0, 6) === "Exif\0\0" ? exif.subarray(6) : exif;
}
