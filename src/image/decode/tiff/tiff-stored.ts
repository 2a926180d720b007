import type { DecodedPixels } from "../../../native/addon.js";
import { truncated, unsupported } from "../image-fault.js";
import { storedBlocks, type TiffImage } from "./tiff-blocks.js";
import { isPlanarTiff, type TiffFormat } from "./tiff-format.js";
import { canvasOf, machineIsLittle, rowBytes } from "./tiff-pixels.js";

/**
 * Uncompressed samples are read from where each strip begins, whatever its length is said to be; the
 * strips that are missing stay black.
 */
export function decodeStored(image: TiffImage): DecodedPixels {
  const { file, directory, isPlanar } = image;
  const inPlanes = isPlanarTiff(directory);
  const format = inPlanes ? formatOfPlanes(image.format) : image.format;
  const canvas = canvasOf({ ...image, format });
  for (const block of storedBlocks(image)) {
    // of a tile that goes beyond the image's edge, rows are as long as the file's samples make them
    const isWhole = block.width === block.columns;
    const stride = rowBytes(isWhole ? format : image.format, block.columns, isPlanar);
    const last = rowBytes(format, block.width, isPlanar);
    const end = block.offset + (block.height - 1) * stride + last;
    if (end > file.length) throw truncated("it ends within its pixels");
    canvas.place({
      samples: file.subarray(block.offset),
      littleEndian: inPlanes ? machineIsLittle : directory.littleEndian,
      stride,
      ...block,
    });
  }
  return canvas;
}

/**
 * As Pillow reads samples that are said to lie in planes: of its name for their kind it takes the first letter. So
 * planes of 16 bits are read as planes of 8, and white is 255 always.
 */
function formatOfPlanes(format: TiffFormat): TiffFormat {
  const { kind, bits, samples } = format;
  const plain = { ...format, inverted: false, reversed: false };
  if (kind === "rgb" || kind === "cmyk" || kind === "alpha") return { ...plain, bits: 8 };
  if (samples === 1) {
    if (kind === "grey") return { ...plain, bits: bits === 1 ? 1 : 8 };
    if (kind === "palette") return { ...plain, bits: 8 };
    if (kind === "integer" || kind === "float") return { ...plain, bits: 32 };
  }
  throw unsupported(
    `this is an uncompressed TIFF file with planes of ${samples} samples of ${bits} bits: convert it`,
  );
}
