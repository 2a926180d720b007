import { avifPlanes } from "./avif-planes.js";
import { nativeAddon } from "./native-addon.js";
import type { PictureFormat } from "./picture-format.js";
import { pngData, readPngHead, readPngTail } from "./png-chunks.js";

/** What a file says of its orientation, as Pillow collects it. */
interface Metadata {
  exif: Buffer | null;
  xmp: Buffer | null;
}

/**
 * The orientation, 1 to 8, that Pillow's `ImageOps.exif_transpose` turns a picture by; 1 where it is
 * upright, where none can be read, and for what Pillow turns when it opens it.
 */
export function pictureOrientation(file: Buffer, format: PictureFormat): number {
  if (format === "tiff" || format === "gif") return 1;
  try {
    const stored = format === "avif" ? (avifPlanes(file)?.orientation ?? 1) : 1;
    if (stored !== 1) return stored;
    const { exif, xmp } = readers[format](file);
    return nativeAddon().exifOrientation(exif, xmp);
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof Error) return 1;
    throw cause;
  }
}

const readers = { png: pngMetadata, webp: webpMetadata, jpeg: jpegMetadata, avif: noMetadata };

/** Pillow puts the container's orientation over that of EXIF data. */
function noMetadata(): Metadata {
  return { exif: null, xmp: null };
}

function pngMetadata(file: Buffer): Metadata {
  const texts = new Map<string, Buffer>();
  const keep = (key: string, value: Buffer) => texts.set(key, value);
  const head = readPngHead(file, keep);
  readPngTail(file, head, pngData(file, head).end, keep);
  const profile = texts.get("Raw profile type exif");
  return {
    exif: texts.get("eXIf") ?? texts.get("exif") ?? (profile ? fromHex(profile) : null),
    xmp: texts.get("XML:com.adobe.xmp") ?? null,
  };
}

/** Three lines of ImageMagick's, then the bytes in hexadecimal digits. */
function fromHex(profile: Buffer): Buffer {
  const lines = profile.toString("latin1").split("\n").slice(3);
  return Buffer.from(lines.join("").replaceAll(/\s/g, ""), "hex");
}

/** The chunks of an extended WebP file (RFC 9649, section 2.7), those that its flags announce. */
function webpMetadata(file: Buffer): Metadata {
  const metadata: Metadata = { exif: null, xmp: null };
  if (file.toString("latin1", 12, 16) !== "VP8X") return metadata;
  const flags = file.readUInt8(20);
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString("latin1", at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const contents = file.subarray(at + 8, at + 8 + length);
    if (name === "EXIF" && (flags & 0x08) !== 0) metadata.exif ??= contents;
    if (name === "XMP " && (flags & 0x04) !== 0) metadata.xmp ??= contents;
    at += 8 + length + (length & 1);
  }
  return metadata;
}

const EXIF = "Exif\0\0";
const XMP = "http://ns.adobe.com/xap/1.0/\0";
const APP1 = 0xe1;
const START_OF_SCAN = 0xda;

/** Segments before the first scan; EXIF data may be split over several. */
function jpegMetadata(file: Buffer): Metadata {
  const exif: Buffer[] = [];
  let xmp: Buffer | null = null;
  for (let at = 2; at + 4 <= file.length; ) {
    const marker = file.readUInt8(at + 1);
    if (file.readUInt8(at) !== 0xff || marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === START_OF_SCAN) break;
    if (marker === 0 || (marker >= 0xd0 && marker <= 0xd9)) {
      at += 2;
      continue;
    }
    const end = at + 2 + file.readUInt16BE(at + 2);
    const contents = file.subarray(at + 4, end);
    if (marker === APP1 && contents.toString("latin1", 0, EXIF.length) === EXIF) {
      exif.push(contents.subarray(exif.length === 0 ? 0 : EXIF.length));
    } else if (marker === APP1 && contents.toString("latin1", 0, XMP.length) === XMP) {
      xmp = contents.subarray(XMP.length);
    }
    at = end;
  }
  return { exif: exif.length === 0 ? null : Buffer.concat(exif), xmp };
}
