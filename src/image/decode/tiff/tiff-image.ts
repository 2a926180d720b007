import sharp from "sharp";
import { type DecodedPixels, nativeAddon } from "../../../native/addon.js";
import { corrupt, requireSize, truncated, unsupported } from "../image-fault.js";
import { machineFaultOfSharp, readCmyk, readRgb } from "../sharp-pixels.js";
import { turnPixels } from "../turn-pixels.js";
import { jpegSize } from "./jpeg-size.js";
import { faxCodec, type TiffCodec, tiffCodecs } from "./tiff-codecs.js";
import { readTiffDirectory, type TiffDirectory, tagList, tagNumber } from "./tiff-directory.js";
import { isPlanarTiff, TAG, type TiffFormat, tiffFormat } from "./tiff-format.js";
import { readTiffLayout, type TiffLayout } from "./tiff-layout.js";
import { mirror, rowBytes, type TiffCanvas, tiffCanvas } from "./tiff-pixels.js";
import { plainTiff } from "./tiff-writer.js";

const NONE = 1;
const CCITT: readonly number[] = [2, 3, 4];
const PACKBITS = 32773;
const JPEG = 7;
const compressionNames: ReadonlyMap<number, string> = new Map([
  [6, "old-style JPEG"],
  [32771, "padded"],
  [32809, "ThunderScan"],
  [34676, "SGI LogLuv"],
  [34677, "SGI LogLuv"],
  [34925, "LZMA"],
  [50000, "ZSTD"],
  [50001, "WebP"],
]);

/** A TIFF image, and where its parts are. */
interface TiffImage {
  file: Buffer;
  directory: TiffDirectory;
  format: TiffFormat;
  width: number;
  height: number;
  compression: number;
  /** Each plane of samples lies by itself. */
  isPlanar: boolean;
}

/** A strip or a tile. */
interface Block {
  left: number;
  top: number;
  /** Of the pixels in it that are of the image. */
  width: number;
  height: number;
  /** Rows and columns that are stored. */
  rows: number;
  columns: number;
  plane: number | null;
  offset: number;
  bytes: number;
}

/**
 * The first image of a TIFF file as Pillow opens it, which turns it as its orientation tag says. Strips
 * and tiles are put together here, as libvips does not say which of them it could not read.
 *
 * @throws {ImageFault}
 * @throws {RangeError} where the file ends before its directory.
 */
export async function decodeTiff(file: Buffer, maxPixels: number): Promise<DecodedPixels> {
  const directory = readTiffDirectory(file);
  const compression = tagNumber(directory, TAG.compression, NONE);
  const isRead = [NONE, JPEG, ...CCITT].includes(compression) || tiffCodecs.has(compression);
  if (!isRead) {
    const name = compressionNames.get(compression);
    throw unsupported(
      `this is a TIFF file of compression ${compression}${name === undefined ? "" : ` (${name})`}: ` +
        "convert it to one of deflate, LZW, PackBits, JPEG, CCITT or none",
    );
  }
  const { width, height } = tiffSize(directory);
  requireSize(width, height, maxPixels);
  const format = tiffFormat(directory);
  if (format.kind === "ycc" && compression !== JPEG) {
    throw unsupported(
      "this is a TIFF file of YCbCr samples without JPEG compression: convert it to RGB",
    );
  }
  const isPlanar = isPlanarTiff(directory) && format.samples > 1;
  if (isPlanar && (format.premultiplied || format.samples > 4)) {
    throw unsupported(
      "this is a TIFF file with planes of colours multiplied by alpha, or of more than four samples: " +
        "convert it",
    );
  }
  const image = { file, directory, format, width, height, compression, isPlanar };
  const pixels = await decodeBlocks(image);
  return turnPixels(pixels, tiffOrientation(file, directory));
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

function decodeBlocks(image: TiffImage): Promise<DecodedPixels> | DecodedPixels {
  if (image.compression === NONE) return decodeStored(image);
  const layout = readTiffLayout(image.file, image.format.samples);
  // of two tags Pillow takes the last, and leaves the rest to libtiff, which takes the first
  const { compression } = layout;
  if (tiffCodecs.has(compression)) return decodePacked(image, layout);
  if (CCITT.includes(compression)) return decodeFax(image, layout);
  if (compression === JPEG) return decodeBySharp(image, layout);
  throw unsupported(`this is a TIFF file of two compressions, one of them ${compression}`);
}

function canvasOf({ directory, format, width, height }: TiffImage): TiffCanvas {
  const palette = format.kind === "palette" ? tagList(directory, TAG.colourMap) : [];
  if (palette === undefined) throw corrupt("it has no palette");
  if (palette.length >= 3 * 257) throw corrupt("its palette has more than 256 colours");
  return tiffCanvas(format, width, height, palette);
}

/**
 * Uncompressed samples are read from where each strip begins, whatever its length is said to be; the
 * strips that are missing stay black.
 */
function decodeStored(image: TiffImage): DecodedPixels {
  const { file, directory, format, isPlanar } = image;
  const isByteLevel = format.bits === 8 && !format.inverted && !format.reversed;
  if (isPlanar ? format.bits !== 8 : isPlanarTiff(directory) && !isByteLevel) {
    throw unsupported(
      `this is an uncompressed TIFF file with planes of ${format.bits} bits: convert it`,
    );
  }
  const canvas = canvasOf(image);
  for (const block of storedBlocks(image)) {
    const stride = rowBytes(format, block.columns, isPlanar);
    const last = rowBytes(format, block.width, isPlanar);
    const end = block.offset + (block.height - 1) * stride + last;
    if (end > file.length) throw truncated("it ends within its pixels");
    canvas.place({
      samples: file.subarray(block.offset),
      littleEndian: directory.littleEndian,
      stride,
      ...block,
    });
  }
  return canvas;
}

/** Pillow's order: by place in the file, and of blocks of one place the last. */
function storedBlocks(image: TiffImage): Block[] {
  const { directory, format, width, height, isPlanar } = image;
  const strips = tagList(directory, TAG.stripOffsets);
  const columns = strips === undefined ? tagNumber(directory, TAG.tileWidth, 0) : width;
  const rows =
    strips === undefined
      ? tagNumber(directory, TAG.tileLength, 0)
      : tagNumber(directory, TAG.rowsPerStrip, height);
  let offsets = strips ?? tagList(directory, TAG.tileOffsets);
  if (offsets === undefined) throw corrupt("it says nowhere where its pixels are");
  if (columns < 1 || rows < 1) throw corrupt("its strips or tiles have no pixels");
  if (columns === width && rows === height && !isPlanar) offsets = offsets.slice(-1);
  const across = Math.ceil(width / columns);
  const perPlane = across * Math.ceil(height / rows);
  if (isPlanar && offsets.length > perPlane * format.samples) {
    throw corrupt("it has more planes than samples");
  }
  const blocks = offsets.map((offset, i) => {
    const place = i % perPlane;
    const [left, top] = [(place % across) * columns, Math.floor(place / across) * rows];
    return {
      left,
      top,
      columns,
      rows,
      width: Math.min(columns, width - left),
      height: Math.min(rows, height - top),
      plane: isPlanar ? Math.floor(i / perPlane) : null,
      offset,
      bytes: 0,
    };
  });
  blocks.sort((a, b) => a.offset - b.offset);
  return blocks.filter((block, i) => {
    const next = blocks[i + 1];
    return next?.left !== block.left || next.top !== block.top || next.plane !== block.plane;
  });
}

/** Blocks of compressed samples, of which none may be missing. */
function packedBlocks({ file, format, width, height }: TiffImage, layout: TiffLayout): Block[] {
  const { isTiled, isPlanar, columns, rows, offsets, byteCounts } = layout;
  if (layout.width !== width || layout.height !== height) throw corrupt("it declares two sizes");
  const isSame =
    rowBytes(format, columns, isPlanar) === Math.ceil((columns * layout.pixelBits) / 8);
  if (!isSame) throw corrupt("it declares two kinds of samples");
  const across = Math.ceil(width / columns);
  const perPlane = across * Math.ceil(height / rows);
  const count = isPlanar ? perPlane * layout.planes : perPlane;
  // libtiff believes no greater lengths
  const unpackedBytes = rowBytes(format, columns, isPlanar) * rows;
  const mostBytes = 10 * unpackedBytes + 4096;
  return Array.from({ length: count }, (_, i) => {
    const place = i % perPlane;
    const [left, top] = [(place % across) * columns, Math.floor(place / across) * rows];
    const offset = offsets[i] ?? 0;
    // the length of a single strip may be unknown
    const isAlone = count === 1 && (!isTiled || byteCounts.length === 0);
    const declared =
      byteCounts[i] || (isAlone ? Math.min(layout.unknownBytes, file.length - offset) : 0);
    const bytes = declared > 1 << 20 ? Math.min(declared, mostBytes) : declared;
    if (!(bytes >= 1)) throw corrupt("a strip or tile of it has no bytes");
    if (offset + bytes > file.length) throw truncated("it ends within its pixels");
    return {
      left,
      top,
      columns,
      rows: isTiled ? rows : Math.min(rows, height - top),
      width: Math.min(columns, width - left),
      height: Math.min(rows, height - top),
      plane: isPlanar ? Math.floor(i / perPlane) : null,
      offset,
      bytes,
    };
  });
}

/** Deflate makes at most 1032 bytes of one, and LZW, with the longest of strings, some 3500. */
const MOST_RATIO = 4096;

/** Strips and tiles are unpacked together up to so many bytes. */
const GROUP_BYTES = 1 << 22;

async function decodePacked(image: TiffImage, layout: TiffLayout): Promise<DecodedPixels> {
  const blocks = packedBlocks(image, layout);
  const sizeOf = (block: Block) => unpackedBytes(block, image, layout);
  if (!blocks.every((block) => sizeOf(block) <= MOST_RATIO * block.bytes)) {
    throw corrupt("its pixels end early");
  }
  const canvas = canvasOf(image);
  const unpack = tiffCodecs.get(layout.compression) as TiffCodec;
  for (const group of grouped(blocks, sizeOf)) {
    await unpackInto(canvas, group, { image, layout, unpack });
  }
  return canvas;
}

/** All strips at once: what one of them lacks is of the one before it. */
async function decodeFax(image: TiffImage, layout: TiffLayout): Promise<DecodedPixels> {
  if (image.format.bits !== 1 || layout.isPlanar) {
    throw corrupt("its compression is not one of its samples");
  }
  const canvas = canvasOf(image);
  const unpack = faxCodec(layout);
  await unpackInto(canvas, packedBlocks(image, layout), { image, layout, unpack });
  return canvas;
}

function unpackedBytes({ columns, rows }: Block, { format }: TiffImage, layout: TiffLayout) {
  return rowBytes(format, columns, layout.isPlanar) * rows;
}

async function unpackInto(
  canvas: TiffCanvas,
  blocks: readonly Block[],
  { image, layout, unpack }: { image: TiffImage; layout: TiffLayout; unpack: TiffCodec },
): Promise<void> {
  const { file, directory } = image;
  const packed = blocks.map((block) => bytesOf(file, block, layout));
  const sizes = blocks.map((block) => unpackedBytes(block, image, layout));
  const unpacked = await unpack(packed, sizes);
  for (const [i, block] of blocks.entries()) {
    const samples = unpacked[i] as Buffer;
    const stride = rowBytes(image.format, block.columns, layout.isPlanar);
    undoPredictor(samples, stride, image, layout);
    canvas.place({ samples, littleEndian: directory.littleEndian, stride, ...block });
  }
}

function* grouped(blocks: readonly Block[], sizeOf: (block: Block) => number): Generator<Block[]> {
  let group: Block[] = [];
  let bytes = 0;
  for (const block of blocks) {
    if (group.length > 0 && bytes + sizeOf(block) > GROUP_BYTES) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(block);
    bytes += sizeOf(block);
  }
  if (group.length > 0) yield group;
}

function bytesOf(file: Buffer, { offset, bytes }: Block, { fillOrder }: TiffLayout): Buffer {
  const stored = file.subarray(offset, offset + bytes);
  if (fillOrder !== 2) return stored;
  return Buffer.from(stored.map(mirror));
}

/** Samples that are differences to the pixel before (TIFF 6.0, section 14, and Adobe's note 3 on floats). */
function undoPredictor(
  samples: Buffer,
  stride: number,
  { directory, format }: TiffImage,
  { predictor, isPlanar, compression }: TiffLayout,
): void {
  if (predictor === 1 || compression === PACKBITS || CCITT.includes(compression)) return;
  const { bits } = format;
  const step = isPlanar ? 1 : format.samples;
  const isFloat = predictor === 3;
  const isKnown = isFloat ? format.kind === "float" : predictor === 2 && [8, 16, 32].includes(bits);
  if (!isKnown) throw corrupt(`its predictor ${predictor} is not one of its samples`);
  for (let row = 0; row < samples.length; row += stride) {
    const part = samples.subarray(row, row + stride);
    if (isFloat) undoFloats(part, step, directory.littleEndian);
    else undoDifferences(part, step, bits >> 3, directory.littleEndian);
  }
}

function undoDifferences(row: Buffer, step: number, bytes: number, littleEndian: boolean): void {
  const first = step * bytes;
  if (bytes === 1) {
    for (let i = first; i < row.length; i += 1)
      row[i] = (row[i] as number) + (row[i - first] as number);
    return;
  }
  const most = 2 ** (8 * bytes);
  for (let i = first; i + bytes <= row.length; i += bytes) {
    const sum = littleEndian
      ? row.readUIntLE(i, bytes) + row.readUIntLE(i - first, bytes)
      : row.readUIntBE(i, bytes) + row.readUIntBE(i - first, bytes);
    if (littleEndian) row.writeUIntLE(sum % most, i, bytes);
    else row.writeUIntBE(sum % most, i, bytes);
  }
}

/** The highest bytes of all floats come first, then the next ones. */
function undoFloats(row: Buffer, step: number, littleEndian: boolean): void {
  for (let i = step; i < row.length; i += 1)
    row[i] = (row[i] as number) + (row[i - step] as number);
  const planes = Buffer.from(row);
  const floats = row.length / 4;
  for (let i = 0; i < floats; i += 1) {
    for (let byte = 0; byte < 4; byte += 1) {
      row[4 * i + (littleEndian ? 3 - byte : byte)] = planes[byte * floats + i] as number;
    }
  }
}

/** JPEG: sharp gets the strips in a file that has nothing else, or each tile by itself. */
async function decodeBySharp(image: TiffImage, layout: TiffLayout): Promise<DecodedPixels> {
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
