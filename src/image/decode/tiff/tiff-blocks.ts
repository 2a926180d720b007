import { corrupt, truncated } from "../image-fault.js";
import { type TiffDirectory, tagList, tagNumber } from "./tiff-directory.js";
import { isPlanarTiff, TAG, type TiffFormat } from "./tiff-format.js";
import type { TiffLayout } from "./tiff-layout.js";
import { rowBytes } from "./tiff-pixels.js";

/** A TIFF image, and where its parts are. */
export interface TiffImage {
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
export interface Block {
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

/** Pillow's order: by place in the file, and of blocks of one place the last. */
export function storedBlocks(image: TiffImage): Block[] {
  const { directory, format, width, height, isPlanar } = image;
  const strips = tagList(directory, TAG.stripOffsets);
  const columns = strips === undefined ? tagNumber(directory, TAG.tileWidth, 0) : width;
  const rows =
    strips === undefined
      ? tagNumber(directory, TAG.tileLength, 0)
      : tagNumber(directory, TAG.rowsPerStrip, height);
  let offsets = strips ?? tagList(directory, TAG.tileOffsets);
  if (offsets === undefined) throw corrupt("it says nowhere where its pixels are");
  if (offsets.some((offset) => offset < 0)) throw corrupt("its pixels are in front of the file");
  if (columns < 1 || rows < 1) throw corrupt("its strips or tiles have no pixels");
  if (columns === width && rows === height && !isPlanarTiff(directory)) offsets = offsets.slice(-1);
  const across = Math.ceil(width / columns);
  const perPlane = across * Math.ceil(height / rows);
  if (isPlanarTiff(directory) && offsets.length > perPlane * format.samples) {
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

/** Blocks of compressed samples; none may be missing. */
export function packedBlocks(
  { file, format, width, height }: TiffImage,
  layout: TiffLayout,
): Block[] {
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
