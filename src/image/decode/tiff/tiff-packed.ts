import type { DecodedPixels } from "../../../native/addon.js";
import { corrupt } from "../image-fault.js";
import { type Block, packedBlocks, type TiffImage } from "./tiff-blocks.js";
import { faxCodec, type TiffCodec, type TiffUnpack, tiffCodecs } from "./tiff-codecs.js";
import type { TiffLayout } from "./tiff-layout.js";
import { canvasOf, mirror, rowBytes, type TiffCanvas } from "./tiff-pixels.js";
import { undoPredictor } from "./tiff-predictor.js";

/** Strips and tiles are unpacked together up to so many bytes. */
const GROUP_BYTES = 1 << 22;

export async function decodePacked(image: TiffImage, layout: TiffLayout): Promise<DecodedPixels> {
  const blocks = packedBlocks(image, layout);
  const sizeOf = (block: Block) => unpackedBytes(block, image, layout);
  const { unpack, mostRatio } = tiffCodecs.get(layout.compression) as TiffCodec;
  if (!blocks.every((block) => sizeOf(block) <= mostRatio * block.bytes)) {
    throw corrupt("its pixels end early");
  }
  const canvas = canvasOf(image);
  for (const group of grouped(blocks, sizeOf)) {
    await unpackInto(canvas, group, { image, layout, unpack });
  }
  return canvas;
}

/** All strips at once: what one of them lacks is of the one before it. */
export async function decodeFax(image: TiffImage, layout: TiffLayout): Promise<DecodedPixels> {
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
  { image, layout, unpack }: { image: TiffImage; layout: TiffLayout; unpack: TiffUnpack },
): Promise<void> {
  const { file, directory } = image;
  const packed = blocks.map((block) => bytesOf(file, block, layout));
  const sizes = blocks.map((block) => unpackedBytes(block, image, layout));
  const most = rowBytes(image.format, layout.columns, layout.isPlanar) * layout.rows;
  const unpacked = await unpack(packed, sizes, most);
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
