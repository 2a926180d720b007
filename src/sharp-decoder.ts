import { open, readFile, stat } from "node:fs/promises";
import { crc32 } from "node:zlib";
import sharp, { type Sharp, type SharpOptions } from "sharp";
import { avifPlanes } from "./avif-planes.js";
import type { PixtokErrorCode } from "./errors.js";
import { fillAroundFrame, gifFirstFrame } from "./gif-first-frame.js";
import type { ImageRange } from "./image-range.js";
import { type DecodedPixels, nativeAddon } from "./native-addon.js";
import { pictureFormat, SIGNATURE_BYTES } from "./picture-format.js";
import { readImageRange } from "./read-image-range.js";
import { requireReadableTiff } from "./tiff-compression.js";
import { UnsupportedPicture } from "./unsupported-picture.js";

/** Why a picture could not be decoded. */
export interface DecodeFailure {
  code: PixtokErrorCode;
  message: string;
  cause: unknown;
}

/** Pictures that sharp decodes at once: as many as libuv has threads for it. */
const concurrency = Number(process.env.UV_THREADPOOL_SIZE) || 4;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(task: () => Promise<T>): Promise<T> {
  if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await task();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

/** A picture file, wherever it is. */
export type EncodedPicture = string | ImageRange | Uint8Array;

/** As sharp takes it: a path, or bytes. */
async function fileOf(picture: EncodedPicture): Promise<string | Uint8Array> {
  if (typeof picture === "string" || picture instanceof Uint8Array) return picture;
  return readImageRange(picture);
}

/**
 * A picture file of any format to the pixels that Pillow's `convert("RGB")` starts from: no EXIF
 * turning, no colour management.
 */
export async function decodeWithSharp(
  picture: EncodedPicture,
  maxPixels: number,
): Promise<DecodedPixels | DecodeFailure> {
  return inTurn(async () => {
    let image: string | Uint8Array = "";
    try {
      image = await fileOf(picture);
      return await decode(image, maxPixels);
    } catch (cause) {
      return explain(cause, image, maxPixels);
    }
  });
}

/** EXIF's orientation of a picture, 1 to 8; 1 where there is none. */
export async function readOrientation(picture: EncodedPicture): Promise<number> {
  const image = await fileOf(picture);
  switch (pictureFormat(await readStart(image, SIGNATURE_BYTES))) {
    case "tiff":
      return 1; // turned already
    case "avif":
      return avifPlanes(await wholeFile(image))?.orientation ?? 1;
    case "jpeg":
      return nativeAddon().jpegOrientation(await wholeFile(image));
    default:
      return (await sharp(image).metadata()).orientation ?? 1;
  }
}

async function decode(
  image: string | Uint8Array,
  maxPixels: number,
): Promise<DecodedPixels | DecodeFailure> {
  const options: SharpOptions = {
    ignoreIcc: true,
    // Pillow forgives what decoders warn of, but not a file that ends early.
    failOn: "truncated",
    limitInputPixels: maxPixels,
  };
  const header = await readStart(image, SIGNATURE_BYTES);
  switch (pictureFormat(header)) {
    case "png":
      requireIntactHeader(header);
      return isGrey16Png(header)
        ? readGrey16(sharp(image, options))
        : readRgb(sharp(image, options));
    case "gif":
      return readGif(await wholeFile(image), options);
    case "avif":
      return readAvif(await wholeFile(image), options);
    case "tiff":
      return readTiff(await wholeFile(image), options);
    case "jpeg":
      return readJpeg(await wholeFile(image), options, maxPixels);
    case "webp":
      return readRgb(sharp(image, options));
    case null:
      throw new UnsupportedPicture("this is not a picture of a format that can be read");
  }
}

async function wholeFile(image: string | Uint8Array): Promise<Buffer> {
  if (typeof image === "string") return readFile(image);
  return Buffer.from(image.buffer, image.byteOffset, image.byteLength);
}

/**
 * The file is judged as the native decoder judges it; what Pillow opens is then decoded whatever sharp
 * has to say against it.
 */
async function readJpeg(
  file: Buffer,
  options: SharpOptions,
  maxPixels: number,
): Promise<DecodedPixels | DecodeFailure> {
  const refusal = await nativeAddon().judgeJpeg(file, maxPixels);
  // unlimited: else many warnings of a progressive file count as an error.
  const forgiving: SharpOptions = { ...options, failOn: "none", unlimited: true };
  if (refusal === null) return readAnyColours(sharp(file, forgiving));
  const { code, message } = refusal;
  if (code === "DECLINED") return readAnyColours(sharp(file, { ...options, failOn: "warning" }));
  return { code: code as PixtokErrorCode, message, cause: undefined };
}

async function readAnyColours(picture: Sharp): Promise<DecodedPixels> {
  const { space } = await picture.metadata();
  if (space === "cmyk") return readCmyk(picture);
  return space === "grey16" ? readGrey16(picture) : readRgb(picture);
}

async function readRgb(picture: Sharp): Promise<DecodedPixels> {
  const { data, info } = await picture
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, format: "rgb" };
}

async function readGif(file: Buffer, options: SharpOptions): Promise<DecodedPixels> {
  const first = gifFirstFrame(file);
  const pixels = await readRgb(sharp(first.opaque, options));
  fillAroundFrame(pixels.data, pixels.width, pixels.height, first);
  return pixels;
}

/** Pillow turns a TIFF picture as its orientation tag says, whatever it does about EXIF's. */
async function readTiff(file: Buffer, options: SharpOptions): Promise<DecodedPixels> {
  requireReadableTiff(file);
  return readAnyColours(sharp(file, options).autoOrient());
}

async function readAvif(file: Buffer, options: SharpOptions): Promise<DecodedPixels> {
  const planes = avifPlanes(file);
  if (planes === null) return readRgb(sharp(file, options));
  const picture = sharp(planes.file, options);
  const { data, info } =
    planes.bits === 8
      ? await picture.toColourspace("srgb").raw().toBuffer({ resolveWithObject: true })
      : await picture
          .pipelineColourspace("rgb16")
          .toColourspace("rgb16")
          .raw({ depth: "ushort" })
          .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const rgb = Buffer.allocUnsafe(3 * width * height);
  await nativeAddon().convertYcc(data, rgb, { ...planes, width, height, channels });
  return { data: rgb, width, height, format: "rgb" };
}

async function readCmyk(picture: Sharp): Promise<DecodedPixels> {
  const { data, info } = await picture
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, format: "cmyk" };
}

async function readGrey16(picture: Sharp): Promise<DecodedPixels> {
  const { data, info } = await picture
    .removeAlpha()
    .pipelineColourspace("grey16")
    .toColourspace("grey16")
    .raw({ depth: "ushort" })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, format: "grey16" };
}

// A PNG file starts with its signature, then the IHDR chunk: length, name, 13 bytes, checksum.
const PNG_HEADER_BYTES = 33;

/** Grey without alpha; a transparent grey level, which sharp would make an alpha of, is no alpha. */
function isGrey16Png(header: Buffer): boolean {
  return header[24] === 16 && header[25] === 0;
}

/** As Pillow, which checks this checksum; libpng is told not to be strict about others. */
function requireIntactHeader(header: Buffer): void {
  if (header.length < PNG_HEADER_BYTES) throw new RangeError("the PNG header ends early");
  if (crc32(header.subarray(12, 29)) !== header.readUInt32BE(29)) {
    throw new Error("the PNG header's checksum is wrong");
  }
}

/** The first bytes of a file, or all of them where there are fewer. */
async function readStart(image: string | Uint8Array, bytes: number): Promise<Buffer> {
  if (typeof image !== "string") {
    return Buffer.from(image.buffer, image.byteOffset, Math.min(bytes, image.length));
  }
  const file = await open(image);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function explain(
  cause: unknown,
  image: string | Uint8Array,
  maxPixels: number,
): Promise<DecodeFailure> {
  const message = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
  const failure = (code: PixtokErrorCode, text: string) => ({ code, message: text, cause });
  if (cause instanceof UnsupportedPicture) return failure("UNSUPPORTED_FORMAT", message);
  if (/pixel limit/i.test(message)) {
    return failure(
      "TOO_MANY_PIXELS",
      `the file declares more pixels than maxPixels = ${maxPixels}`,
    );
  }
  if (
    cause instanceof RangeError ||
    /premature end|unexpected end/i.test(message) ||
    (await endsEarly(image))
  ) {
    return failure("TRUNCATED_IMAGE", `the file is truncated: ${message}`);
  }
  return failure("CORRUPT_IMAGE", `the file is corrupt: ${message}`);
}

/** Whether a PNG or WebP file is shorter than it says. Asked only after decoding has failed. */
async function endsEarly(image: string | Uint8Array): Promise<boolean> {
  try {
    const size = typeof image === "string" ? (await stat(image)).size : image.length;
    const file = await readStart(image, size);
    if (pictureFormat(file) === "png")
      return !file.subarray(-12, -4).equals(Buffer.from("\0\0\0\0IEND"));
    return pictureFormat(file) === "webp" && file.readUInt32LE(4) + 8 > file.length;
  } catch {
    return false;
  }
}
