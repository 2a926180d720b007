import sharp from "sharp";
import type { DecodedPixels } from "../../../native/addon.js";
import { corrupt, unsupported } from "../image-fault.js";
import { machineFaultOfSharp, readCmyk, readRgb } from "../sharp-pixels.js";
import { jpegSize } from "./jpeg-size.js";
import { type Block, packedBlocks, type TiffImage } from "./tiff-blocks.js";
import type { TiffDirectory } from "./tiff-directory.js";
import { TAG, type TiffFormat } from "./tiff-format.js";
import type { TiffLayout } from "./tiff-layout.js";
import { bytesOf } from "./tiff-packed.js";
import { tiffCanvas } from "./tiff-pixels.js";
import { plainTiff } from "./tiff-writer.js";

/** JPEG: sharp gets the strips in a file that has nothing else, or each tile by itself. */
export async function decodeJpegTiff(image: TiffImage, layout: TiffLayout): Promise<DecodedPixels> {
  const { file, directory, format, width, height } = image;
  const { compression } = layout;
  if (layout.isPlanar) throw unsupported("this is a TIFF file with planes of JPEG: convert it");
  if (!["grey", "rgb", "ycc", "cmyk"].includes(format.kind)) {
    throw corrupt("its compression is not one of its samples");
  }
  const blocks = packedBlocks(image, layout);
  requireTables(directory, layout);
  const strips = (
    packed: readonly Buffer[],
    size: { width: number; height: number; rows: number },
  ) =>
    readPlain(
      plainTiff(directory, {
        width: size.width,
        height: size.height,
        rowsPerStrip: size.rows,
        bits: format.bits,
        samples: format.samples,
        compression,
        fillOrder: 1,
        strips: packed,
      }),
      format,
    );
  const packed = blocks.map((block) => {
    const bytes = bytesOf(file, block, layout);
    requireJpegSize(bytes, block);
    return bytes;
  });
  if (!layout.isTiled) return strips(packed, { width, height, rows: layout.rows });
  const isCmyk = format.kind === "cmyk";
  const decoded: TiffFormat = {
    kind: isCmyk ? "cmyk" : "rgb",
    bits: 8,
    samples: isCmyk ? 4 : 3,
    inverted: false,
    reversed: false,
    premultiplied: false,
  };
  const canvas = tiffCanvas(decoded, width, height, []);
  for (const [i, block] of blocks.entries()) {
    const { columns, rows } = block;
    const { data } = await strips([packed[i] as Buffer], { width: columns, height: rows, rows });
    const samples = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    canvas.place({ ...block, samples, littleEndian: true, stride: decoded.samples * columns });
  }
  return canvas;
}

/** The JPEG data of all strips have these tables in front of them. */
function requireTables({ tags }: TiffDirectory, { jpegTables }: TiffLayout): void {
  const isJpeg = jpegTables?.toString("latin1", 0, 2) === "\xff\xd8";
  if (jpegTables !== undefined && !(isJpeg && tags.get(TAG.jpegTables)?.data.equals(jpegTables))) {
    throw corrupt("its JPEG tables are none");
  }
}

/** libtiff reads JPEG data of another size, too, and leaves undecoded what is missing. */
function requireJpegSize(bytes: Buffer, { columns, rows }: Block): void {
  const size = jpegSize(bytes);
  if (size !== null && (size.width !== columns || size.height < rows)) {
    throw corrupt("its strips or tiles have another size than it declares");
  }
}

async function readPlain(file: Buffer, format: TiffFormat): Promise<DecodedPixels> {
  const image = sharp(file, { ignoreIcc: true, failOn: "error", limitInputPixels: false });
  try {
    return await (format.kind === "cmyk" ? readCmyk(image) : readRgb(image));
  } catch (cause) {
    throw machineFaultOfSharp(cause) ?? corrupt("its pixels cannot be decoded", cause);
  }
}
