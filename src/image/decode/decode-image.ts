import type { Sharp, SharpOptions } from "sharp";
import type { DecodedPixels, NativePixels } from "../../native/addon.js";
import { nativeAddon } from "../../native/load-addon.js";
import { sharp } from "../../native/sharp.js";
import { untilAborted } from "../../shared/abort.js";
import { machineFault } from "../../shared/machine-fault.js";
import { readRegularFile } from "../../shared/regular-file.js";
import type { ImageRange } from "../image-range.js";
import { avifPlanes } from "./avif/avif-planes.js";
import { requireAvifSize } from "./avif/avif-size.js";
import { inTurn } from "./decode-queue.js";
import { alphaOf, withAlpha } from "./image-alpha.js";
import {
  corrupt,
  type FaultCode,
  ImageFault,
  requireSize,
  truncated,
  unsupported,
} from "./image-fault.js";
import { type ImageFormat, imageFormat } from "./image-format.js";
import { imageOrientation } from "./image-orientation.js";
import { isOrdinaryPng, pngData, readPngHead, readPngTail } from "./png/png-chunks.js";
import { decodePng } from "./png/png-pixels.js";
import { readImageRange } from "./read-image-range.js";
import { readCmyk, readGrey16, readRgb } from "./sharp-pixels.js";
import { decodeTiff } from "./tiff/tiff-image.js";
import { foreignFormat } from "./unsupported-format.js";
import { webpImage } from "./webp-image.js";

/** An image file, wherever it is. */
export type EncodedImage = string | ImageRange | Uint8Array;

export interface DecodeOptions {
  maxPixels: number;
  /** Whether the orientation that the file declares is asked for. */
  exifOrientation: boolean;
  /** Whether transparency is left out, or given with the pixels, to be put on white. */
  alpha: "drop" | "white";
  /** For errors. */
  index: number | undefined;
  /** Gives the image up, at once where it waits for its turn or its file is read. */
  signal?: AbortSignal | undefined;
}

/** A file with more bytes holds no image that may be read. */
const MOST_BYTES_PER_PIXEL = 8;
const LEAST_LIMIT = 1 << 28;

/**
 * An image file that the addon's threads have declined to the pixels that Pillow's `convert("RGB")` starts from: no EXIF
 * turning, no colour management.
 *
 * Settles when nothing reads the image's bytes any more: they may be its user's, who may give their memory away then.
 *
 * @throws {ImageFault} of the file.
 * @throws {PixtokError} where its bytes cannot be had, or the machine is at fault.
 * @throws the signal's reason.
 */
export function decodeImage(image: EncodedImage, options: DecodeOptions): Promise<NativePixels> {
  const { signal = new AbortController().signal } = options;
  return inTurn(async () => {
    const file = await untilAborted(imageBytes(image, options), signal);
    const format = imageFormat(file);
    try {
      const decoded = await decode(file, format, options.maxPixels);
      const alpha =
        options.alpha === "white" && format !== null
          ? await alphaOf(file, format, decoded, options.maxPixels)
          : null;
      const pixels = alpha === null ? decoded : withAlpha(decoded, alpha);
      const isTurned = options.exifOrientation && format !== null;
      return { ...pixels, orientation: isTurned ? imageOrientation(file, format) : 1 };
    } catch (cause) {
      throw explain(cause, file, format, options.maxPixels);
    }
  }, signal);
}

/** All bytes of an image's file. @throws {PixtokError} */
export async function imageBytes(
  image: EncodedImage,
  { maxPixels, index }: Pick<DecodeOptions, "maxPixels" | "index">,
): Promise<Buffer> {
  const mostBytes = Math.max(LEAST_LIMIT, MOST_BYTES_PER_PIXEL * maxPixels);
  if (typeof image === "string") return readRegularFile(image, mostBytes, { index });
  if (!(image instanceof Uint8Array)) return readImageRange(image, mostBytes, { index });
  return Buffer.from(image.buffer, image.byteOffset, image.byteLength);
}

async function decode(
  file: Buffer,
  format: ImageFormat | null,
  maxPixels: number,
): Promise<DecodedPixels> {
  const options: SharpOptions = {
    ignoreIcc: true,
    // Pillow forgives what decoders warn of, but not a file that ends early.
    failOn: "truncated",
    limitInputPixels: maxPixels,
  };
  switch (format) {
    case "png":
      return readPng(file, options, maxPixels);
    case "gif":
    case "bmp":
    case "netpbm":
    case "qoi":
    case "tga":
      // threads of the addon decode these
      throw corrupt("it was another one when it was opened");
    case "avif":
      return readAvif(file, options);
    case "tiff":
      return decodeTiff(file, maxPixels);
    case "jpeg":
      return readJpeg(file, options, maxPixels);
    case "webp":
      return readWebp(file, options, maxPixels);
    case null:
      throw unsupported(`this is ${foreignFormat(file)}`);
  }
}

/**
 * A file whose checksums are all right is what its encoder wrote, and sharp decodes it. What it refuses,
 * and damaged and unusual files, are judged as Pillow judges them.
 */
async function readPng(
  file: Buffer,
  options: SharpOptions,
  maxPixels: number,
): Promise<DecodedPixels> {
  const head = readPngHead(file);
  requireSize(head.width, head.height, maxPixels);
  if (head.palette !== null && head.palette.length >= 3 * 257) {
    throw corrupt("its palette has more than 256 colours");
  }
  if (isOrdinaryPng(file, head)) {
    const { end, sequence } = pngData(file, head);
    readPngTail(file, { ...head, sequence }, end);
    const isGrey16 = head.depth === 16 && head.colour === 0;
    const pixels = await (isGrey16 ? readGrey16 : readRgb)(sharp(file, options)).catch(unlessFault);
    if (pixels !== null) return pixels;
  }
  return decodePng(file, head);
}

/** Null for what sharp says of a file, which another decoder is to judge. */
function unlessFault(cause: unknown): null {
  const fault = machineFault(cause);
  if (fault !== null) throw fault;
  return null;
}

/**
 * The verdict is that of the native decoder; what Pillow opens is then decoded whatever sharp has to say
 * against it. So its codes are read twice, of every file: sharp also decodes, and reports nothing, files that
 * Pillow refuses (4 of 1298 damaged ones that it does not warn of), so that its silence is no verdict.
 */
async function readJpeg(
  file: Buffer,
  options: SharpOptions,
  maxPixels: number,
): Promise<DecodedPixels> {
  const refusal = await nativeAddon().jpegVerdict(file, maxPixels);
  // unlimited: otherwise libvips takes many warnings of a progressive file for an error. The verdict has
  // compared the size with maxPixels.
  const forgiving: SharpOptions = { ...options, failOn: "none", unlimited: true };
  if (refusal === null) return readJpegPixels(sharp(file, forgiving));
  throw new ImageFault(refusal.code as FaultCode, refusal.message);
}

async function readJpegPixels(image: Sharp): Promise<DecodedPixels> {
  const { space } = await image.metadata();
  return space === "cmyk" ? readCmyk(image) : readRgb(image);
}

/** sharp also opens files whose chunks Pillow refuses. */
async function readWebp(
  file: Buffer,
  options: SharpOptions,
  maxPixels: number,
): Promise<DecodedPixels> {
  const { width, height } = webpImage(file);
  requireSize(width, height, maxPixels);
  return readRgb(sharp(file, options));
}

async function readAvif(file: Buffer, options: SharpOptions): Promise<DecodedPixels> {
  requireAvifSize(file);
  const planes = avifPlanes(file);
  if (planes === null) return readRgb(sharp(file, options));
  const image = sharp(planes.file, options);
  const { data, info } =
    planes.bits === 8
      ? await image.toColourspace("srgb").raw().toBuffer({ resolveWithObject: true })
      : await image
          .pipelineColourspace("rgb16")
          .toColourspace("rgb16")
          .raw({ depth: "ushort" })
          .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const rgb = Buffer.allocUnsafe(3 * width * height);
  await nativeAddon().convertYcc(data, rgb, { ...planes, width, height, channels });
  return { data: rgb, width, height, format: "rgb" };
}

/**
 * Of what decoding threw: a fault of the machine, or of the file. Which one the file has is read from
 * the file: libvips keeps its messages in one place for all images, and gives one the other's.
 */
function explain(
  cause: unknown,
  file: Buffer,
  format: ImageFormat | null,
  maxPixels: number,
): Error {
  if (cause instanceof ImageFault) return cause;
  const fault = machineFault(cause);
  if (fault !== null) return fault;
  if (cause instanceof Error && /exceeds pixel limit/.test(cause.message)) {
    const what = `the file declares more pixels than maxPixels = ${maxPixels}`;
    return new ImageFault("TOO_MANY_PIXELS", what, cause);
  }
  return cause instanceof RangeError || endsEarly(file, format)
    ? truncated("it ends early", cause)
    : corrupt("its pixels cannot be decoded", cause);
}

/** Whether a file is shorter than it says. Asked only after decoding has failed. */
function endsEarly(file: Buffer, format: ImageFormat | null): boolean {
  if (format === "jpeg") return !file.subarray(-2).equals(Buffer.from([0xff, 0xd9]));
  return format === "webp" && (file.length < 12 || file.readUInt32LE(4) + 8 > file.length);
}
