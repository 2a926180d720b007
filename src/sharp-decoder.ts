import { open, readFile, stat } from "node:fs/promises";
import { crc32 } from "node:zlib";
import sharp, { type Sharp, type SharpOptions } from "sharp";
import type { PixtokErrorCode } from "./errors.js";
import { fillAroundFrame, gifFirstFrame, isGif } from "./gif-first-frame.js";
import type { DecodedPixels } from "./native-addon.js";

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

/**
 * A picture file of any format to the pixels that Pillow's `convert("RGB")` starts from: no EXIF
 * turning, no colour management.
 */
export async function decodeWithSharp(
  image: string | Uint8Array,
  maxPixels: number,
): Promise<DecodedPixels | DecodeFailure> {
  return inTurn(async () => {
    try {
      return await decode(image, maxPixels);
    } catch (cause) {
      return explain(cause, image, maxPixels);
    }
  });
}

/** EXIF's orientation of a picture, 1 to 8; 1 where there is none. */
export async function readOrientation(image: string | Uint8Array): Promise<number> {
  return (await sharp(image).metadata()).orientation ?? 1;
}

async function decode(image: string | Uint8Array, maxPixels: number): Promise<DecodedPixels> {
  const options: SharpOptions = {
    ignoreIcc: true,
    // Pillow forgives what decoders warn of, but not a file that ends early.
    failOn: "truncated",
    limitInputPixels: maxPixels,
  };
  const header = await readStart(image, PNG_HEADER_BYTES);
  const picture = sharp(image, options);
  if (isPng(header)) {
    requireIntactHeader(header);
    return isGrey16Png(header) ? readGrey16(picture) : readRgb(picture);
  }
  if (isGif(header)) return readGif(image, options);
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

async function readGif(image: string | Uint8Array, options: SharpOptions): Promise<DecodedPixels> {
  const file = typeof image === "string" ? await readFile(image) : Buffer.from(image);
  const first = gifFirstFrame(file);
  const pixels = await readRgb(sharp(first.opaque, options));
  fillAroundFrame(pixels.data, pixels.width, pixels.height, first);
  return pixels;
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
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const PNG_HEADER_BYTES = 33;

function isPng(start: Buffer): boolean {
  return start.length >= PNG_HEADER_BYTES && start.subarray(0, 8).equals(PNG_SIGNATURE);
}

/** Grey without alpha; a transparent grey level, which sharp would make an alpha of, is no alpha. */
function isGrey16Png(header: Buffer): boolean {
  return header[24] === 16 && header[25] === 0;
}

/** As Pillow, which checks this checksum; libpng is told not to be strict about others. */
function requireIntactHeader(header: Buffer): void {
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
  if (/unsupported image format/i.test(message)) {
    return failure("UNSUPPORTED_FORMAT", "this is not a picture of a format that can be read");
  }
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
    if (isPng(file)) return !file.subarray(-12, -4).equals(Buffer.from("\0\0\0\0IEND"));
    const isRiff = file.length >= 12 && file.toString("latin1", 0, 4) === "RIFF";
    return isRiff && file.readUInt32LE(4) + 8 > file.length;
  } catch {
    return false;
  }
}
