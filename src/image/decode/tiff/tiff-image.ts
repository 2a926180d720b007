import type { DecodedPixels } from "../../../native/addon.js";
import { nativeAddon } from "../../../native/load-addon.js";
import { corrupt, requireSize, unsupported } from "../image-fault.js";
import { turnPixels } from "../turn-pixels.js";
import type { TiffImage } from "./tiff-blocks.js";
import { tiffCodecs } from "./tiff-codecs.js";
import { readTiffDirectory, type TiffDirectory, tagNumber } from "./tiff-directory.js";
import { isPlanarTiff, TAG, tiffFormat } from "./tiff-format.js";
import { decodeJpegTiff } from "./tiff-jpeg.js";
import { readTiffLayout } from "./tiff-layout.js";
import { decodeFax, decodePacked } from "./tiff-packed.js";
import { decodeStored } from "./tiff-stored.js";

const NONE = 1;
const CCITT: readonly number[] = [2, 3, 4];
const JPEG = 7;
const compressionNames: ReadonlyMap<number, string> = new Map([
  [6, "old-style JPEG"],
  [32771, "padded"],
  [32809, "ThunderScan"],
  [34676, "SGI LogLuv"],
  [34677, "SGI LogLuv"],
  [34925, "LZMA"],
  [50001, "WebP"],
]);

/**
 * The first image of a TIFF file as Pillow opens it, which turns it as its orientation tag says. Strips
 * and tiles are put together here, as libvips does not say which of them it could not read.
 *
 * @throws {ImageFault}
 * @throws {RangeError} where the file ends before its directory.
 */
export async function decodeTiff(file: Buffer, maxPixels: number): Promise<DecodedPixels> {
  return decodeImage(readTiffImage(file, maxPixels), maxPixels);
}

/** The alpha of an image that decodeTiff() decodes, a byte for each pixel, turned as it is; null where it has none. */
export async function decodeTiffAlpha(
  file: Buffer,
  maxPixels: number,
): Promise<DecodedPixels | null> {
  const image = readTiffImage(file, maxPixels);
  if (image.format.alpha === null) return null;
  const format = { ...image.format, kind: "alpha", premultiplied: false } as const;
  return decodeImage({ ...image, format }, maxPixels);
}

async function decodeImage(image: TiffImage, maxPixels: number): Promise<DecodedPixels> {
  const pixels = await decodeBlocks(image, maxPixels);
  return turnPixels(pixels, tiffOrientation(image.file, image.directory));
}

function readTiffImage(file: Buffer, maxPixels: number): TiffImage {
  const directory = readTiffDirectory(file);
  const compression = tagNumber(directory, TAG.compression, NONE);
  const isRead = [NONE, JPEG, ...CCITT].includes(compression) || tiffCodecs.has(compression);
  if (!isRead) {
    const name = compressionNames.get(compression);
    throw unsupported(
      `this is a TIFF file of compression ${compression}${name === undefined ? "" : ` (${name})`}: ` +
        "convert it to one of deflate, LZW, ZSTD, PackBits, JPEG, CCITT or none",
    );
  }
  const { width, height } = tiffSize(directory);
  requireSize(width, height, maxPixels);
  const format = tiffFormat(directory);
  if (format.kind === "ycc" && compression !== JPEG && compression !== NONE) {
    throw unsupported(
      `this is a TIFF file of YCbCr samples of compression ${compression}: convert it to RGB`,
    );
  }
  const isPlanar = isPlanarTiff(directory) && format.samples > 1;
  if (isPlanar && (format.premultiplied || format.samples > 4)) {
    throw unsupported(
      "this is a TIFF file with planes of colours multiplied by alpha, or of more than four samples: " +
        "convert it",
    );
  }
  return { file, directory, format, width, height, compression, isPlanar };
}

/** As it is stored. @throws {ImageFault} */
export function tiffSize(directory: TiffDirectory): { width: number; height: number } {
  const width = tagNumber(directory, TAG.width, 0);
  const height = tagNumber(directory, TAG.height, 0);
  if (width < 1 || height < 1) throw corrupt("it declares no size");
  return { width, height };
}

/** By the tag, or else by XMP data. */
export function tiffOrientation(file: Buffer, directory: TiffDirectory): number {
  if (file[2] === 43) return tagNumber(directory, TAG.orientation, 1);
  return nativeAddon().exifOrientation(file, directory.tags.get(TAG.xmp)?.data ?? null);
}

function decodeBlocks(image: TiffImage, maxPixels: number): Promise<DecodedPixels> | DecodedPixels {
  if (image.compression === NONE) return decodeStored(image);
  const layout = readTiffLayout(image.file, image.format.samples);
  // Pillow leaves the rest to libtiff, which takes the first of two tags even where it has no value
  const { compression } = layout;
  if (tiffCodecs.has(compression)) return decodePacked(image, layout);
  if (CCITT.includes(compression)) return decodeFax(image, layout);
  if (compression === JPEG) return decodeJpegTiff(image, layout, maxPixels);
  throw unsupported(`this is a TIFF file of two compressions, one of them ${compression}`);
}
