import type { Sharp } from "sharp";
import type { DecodedPixels } from "../../../native/addon.js";
import { nativeAddon } from "../../../native/load-addon.js";
import { sharp } from "../../../native/sharp.js";
import { machineFault } from "../../../shared/machine-fault.js";
import { corrupt, unlessRefused, unsupported } from "../image-fault.js";
import { readCmyk, readGrey, readGreyAlpha, readRgb } from "../sharp-pixels.js";
import { samplingOfJpeg, type YccSampling } from "./jpeg-sampling.js";
import { type Block, packedBlocks, type TiffImage } from "./tiff-blocks.js";
import { tagNumber } from "./tiff-directory.js";
import { TAG, type TiffFormat } from "./tiff-format.js";
import type { TiffLayout } from "./tiff-layout.js";
import { canvasOf, isShownAsStored, type TiffCanvas } from "./tiff-pixels.js";
import { jpegStripsTiff } from "./tiff-writer.js";

/** How sharp is to read strips so that it gives their samples as they are, but YCbCr as RGB. */
interface Reading {
  photometric: number;
  samples: number;
  sampling: YccSampling | null;
  read: (image: Sharp) => Promise<DecodedPixels>;
  /** Of what it gives. */
  format: TiffFormat;
}

interface Strips {
  width: number;
  height: number;
  rows: number;
  tables: Uint8Array;
  strips: readonly Buffer[];
}

const GREY = 1;
const RGB = 2;
const CMYK = 5;
const YCC = 6;
/** What TIFF says where nothing else does. */
const DEFAULT_SAMPLING: YccSampling = { across: 2, down: 2 };
const UNSAMPLED: YccSampling = { across: 1, down: 1 };

/**
 * JPEG, decoded by sharp once it is known that libtiff does so: sharp does not say what it could not read, and shows black
 * there. sharp gets all strips in one file where they are as large as the file declares, else, and of tiles, each by itself.
 */
export async function decodeJpegTiff(
  image: TiffImage,
  layout: TiffLayout,
  maxPixels: number,
): Promise<DecodedPixels> {
  const { file, width, height } = image;
  if (layout.isPlanar) throw unsupported("this is a TIFF file with planes of JPEG: convert it");
  const blocks = packedBlocks(image, layout);
  const strips = blocks.map(({ offset, bytes }) => file.subarray(offset, offset + bytes));
  const reading = readingOf(image.format, layout, strips[0] as Buffer);
  const jpegs = unlessRefused(
    await nativeAddon().tiffJpegVerdict(
      strips.map((jpeg, i) => {
        const { top, rows } = blocks[i] as Block;
        return { jpeg, rows, mayBeTaller: !layout.isTiled && top + rows === height };
      }),
      layout.jpegTables ?? null,
      {
        ...(reading.sampling ?? UNSAMPLED),
        columns: layout.columns,
        components: reading.samples,
        isYcc: tagNumber(image.directory, TAG.photometric, 0) === YCC, // of one sample, too
        maxPixels,
      },
    ),
  );
  const isWhole = jpegs.every((jpeg, i) => {
    const { columns, rows } = blocks[i] as Block;
    return jpeg.width === columns && jpeg.height >= rows;
  });
  if (isWhole && !layout.isTiled) {
    const { tables } = jpegs[0] as { tables: Uint8Array };
    const pixels = await readStrips(reading, { width, height, rows: layout.rows, tables, strips });
    if (isShownAsStored(reading.format)) return pixels;
    const samples = bytesOfPixels(pixels);
    const stride = width * reading.format.samples;
    const canvas = canvasOf({ ...image, format: reading.format });
    const place = { left: 0, top: 0, width, height, plane: null };
    canvas.place({ samples, stride, littleEndian: true, ...place });
    return canvas;
  }
  const canvas = canvasOf({ ...image, format: reading.format });
  await placeEach(canvas, reading, { blocks, strips, jpegs });
  return canvas;
}

/** @throws {ImageFault} where libtiff decodes no JPEG to such samples. */
function readingOf(format: TiffFormat, { subsampling }: TiffLayout, firstStrip: Buffer): Reading {
  const { kind, bits, samples } = format;
  if (bits !== 8) throw corrupt("its compression is not one of its samples");
  if (kind === "ycc") {
    const sampling = subsampling ?? samplingOfJpeg(firstStrip) ?? DEFAULT_SAMPLING;
    const given = { ...format, kind: "rgb" } as const;
    return { photometric: YCC, samples, sampling, read: readRgb, format: given };
  }
  if (samples <= 2) {
    const read = samples === 1 ? readGrey : readGreyAlpha;
    return { photometric: GREY, samples, sampling: null, read, format };
  }
  if (samples > 4) {
    throw unsupported(
      `this is a TIFF file of JPEG with ${samples} samples of a pixel: convert it to RGB`,
    );
  }
  const [photometric, read] = samples === 3 ? [RGB, readRgb] : [CMYK, readCmyk];
  return { photometric, samples, sampling: null, read, format };
}

interface Parts {
  blocks: readonly Block[];
  strips: readonly Buffer[];
  jpegs: readonly { width: number; height: number; tables: Uint8Array }[];
}

/** Where JPEG data are smaller than they should be, samples beside and below them are zero, as libtiff leaves them. */
async function placeEach(
  canvas: TiffCanvas,
  reading: Reading,
  { blocks, strips, jpegs }: Parts,
): Promise<void> {
  const pixelBytes = reading.format.samples;
  for (const [i, block] of blocks.entries()) {
    const { width, height, tables } = jpegs[i] as Parts["jpegs"][number];
    const rows = Math.min(height, block.rows);
    const decoded = bytesOfPixels(
      await readStrips(reading, {
        width,
        height: rows,
        rows,
        tables,
        strips: [strips[i] as Buffer],
      }),
    );
    // only what is shown: a file may declare tiles that no memory holds
    const stride = block.width * pixelBytes;
    const samples = Buffer.alloc(block.height * stride);
    const rowBytes = Math.min(width * pixelBytes, stride);
    for (let y = 0; y < Math.min(rows, block.height); y += 1) {
      const from = y * width * pixelBytes;
      decoded.copy(samples, y * stride, from, from + rowBytes);
    }
    canvas.place({ ...block, samples, stride, littleEndian: true });
  }
}

function bytesOfPixels({ data }: DecodedPixels): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

async function readStrips(
  { photometric, samples, sampling, read }: Reading,
  strips: Strips,
): Promise<DecodedPixels> {
  const tiff = jpegStripsTiff({ ...strips, photometric, samples, sampling });
  const image = sharp(tiff, { ignoreIcc: true, failOn: "none", limitInputPixels: false });
  try {
    return await read(image);
  } catch (cause) {
    throw machineFault(cause) ?? corrupt("its pixels cannot be decoded", cause);
  }
}
