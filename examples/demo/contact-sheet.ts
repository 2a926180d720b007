import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Batch, Tensor, Tokenizer } from "pixtok";
import sharp, { type OverlayOptions } from "sharp";
import { drawCaption } from "./caption.js";

/** How a batch is laid out on the sheet. */
export interface ContactSheetOptions {
  /** Images side by side. */
  columns?: number;
  /** Rows of images; what the batch holds beyond them is left out. */
  rows?: number;
}

/** The standard preset's, one a channel. */
const mean = [0.485, 0.456, 0.406];
const std = [0.229, 0.224, 0.225];

const margin = 16;
const gap = 6;

/**
 * Draws the first rows of a batch as a PNG: each image turned back from its normalized tensor,
 * under it its dataset index and its tokens turned back to text.
 */
export async function writeContactSheet(
  file: string,
  batch: Pick<Batch, "image" | "input_ids" | "indices">,
  tokenizer: Pick<Tokenizer, "decode">,
  { columns = 4, rows = 4 }: ContactSheetOptions = {},
): Promise<void> {
  const [, , imageHeight = 0, imageWidth = 0] = batch.image.dims;
  const cells = await Promise.all(
    batch.indices.slice(0, columns * rows).map(async (index, row) => {
      const ids = rowOf(batch.input_ids, row);
      const text = await tokenizer.decode(ids, { skip_special_tokens: true });
      return {
        image: await drawImage(batch.image, row),
        caption: await drawCaption(index, text, imageWidth),
      };
    }),
  );

  const captionHeight = Math.max(...cells.map(({ caption }) => caption.height));
  const cellHeight = imageHeight + gap + captionHeight;
  const columnsUsed = Math.min(columns, cells.length);
  const rowsUsed = Math.ceil(cells.length / columns);
  const overlays = cells.flatMap(({ image, caption }, position): OverlayOptions[] => {
    const left = margin + (position % columns) * (imageWidth + margin);
    const top = margin + Math.floor(position / columns) * (cellHeight + margin);
    return [
      { input: image, left, top },
      { input: caption.image, left, top: top + imageHeight + gap },
    ];
  });

  await mkdir(dirname(file), { recursive: true });
  await sharp({
    create: {
      width: margin + columnsUsed * (imageWidth + margin),
      height: margin + rowsUsed * (cellHeight + margin),
      channels: 3,
      background: "white",
    },
  })
    .composite(overlays)
    .png()
    .toFile(file);
}

/** Undoes normalization and the CHW layout for one row of the batch, as an encoded image. */
function drawImage(images: Tensor, row: number): Promise<Buffer> {
  const [, , height = 0, width = 0] = images.dims;
  const values = rowOf(images, row);
  const plane = width * height;
  const rgb = new Uint8ClampedArray(plane * 3);
  for (const [channel, channelMean] of mean.entries()) {
    const channelStd = std[channel] ?? 1;
    for (let pixel = 0; pixel < plane; pixel += 1) {
      const value = Number(values[channel * plane + pixel]);
      rgb[pixel * 3 + channel] = (value * channelStd + channelMean) * 255;
    }
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** The part of a tensor that belongs to one row of the batch, not copied. */
function rowOf({ data, dims }: Tensor, row: number): Tensor["data"] {
  const length = data.length / (dims[0] ?? 1);
  return data.subarray(row * length, (row + 1) * length);
}
