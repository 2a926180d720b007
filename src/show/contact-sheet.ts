import type { OverlayOptions } from "sharp";
import { type AnyDataset, pipelineOf } from "../dataset/dataset.js";
import { requireIndexedDataset, walkOrder } from "../dataset/dataset-walk.js";
import { requireStackedImages } from "../dataset/stacked-only.js";
import type { Size } from "../image/output-size.js";
import { outputSize } from "../image/output-size.js";
import { sharp } from "../native/sharp.js";
import { PixtokError } from "../shared/errors.js";
import { readOptions } from "../shared/options.js";
import { pngOf } from "./data-url.js";
import type { RgbImage } from "./image-bytes.js";
import { type DrawnCaption, drawCaption, hasFonts } from "./sheet-caption.js";
import { type ShowDatasetOptions, showReaders } from "./show-options.js";
import { badSamples, type ImageEncoder, isShownPair, type ShownPair } from "./shown-pairs.js";
import { shownSamples } from "./shown-samples.js";

const MARGIN = 20;
const GAP = 6;
const BACKGROUND = "#ffffff";
/** Of images side by side, where there is no augmentation. */
const SHEET_WIDTH = 1400;
/** Larger ones are read by no viewer. */
const MOST_PIXELS = 2 ** 28;

/** Pixels as they are: nothing is shown on the way. */
const pixels: ImageEncoder<RgbImage> = {
  exact: async (image) => image,
  small: async (image) => image,
};

/** A pair on the sheet: images side by side, of one size, and a caption below them. */
interface Cell {
  readonly images: readonly RgbImage[];
  readonly caption: DrawnCaption | null;
}

/** Of several images of one size side by side. */
const widthOf = (images: number, { width }: Size) => images * (width + GAP) - GAP;

/** How many cells stand side by side, and how large the sheet is. */
function layoutOf(cells: number, { width, height }: Size) {
  const across = Math.max(1, Math.floor((SHEET_WIDTH - MARGIN) / (width + MARGIN)));
  const columns = Math.min(cells, across);
  const rows = Math.ceil(cells / columns);
  return {
    columns,
    width: MARGIN + columns * (width + MARGIN),
    height: MARGIN + rows * (height + MARGIN),
  };
}

/** @throws {RangeError} before anything is read. */
function requireDrawable(cells: number, cell: Size): void {
  const { width, height } = layoutOf(cells, cell);
  if (width * height <= MOST_PIXELS) return;
  throw new RangeError(
    `samples: expected fewer, as a sheet of ${width} x ${height} pixels is too large for viewers, got ${cells}`,
  );
}

/** The images of a pair that the model gets, with draws of each behind it. */
function imagesOf({ images }: ShownPair<RgbImage>): RgbImage[] {
  return images.flatMap(({ model, draws }) => [
    ...(model === null ? [] : [model]),
    ...draws.flatMap(({ epochs }) => epochs.map(({ image }) => image)),
  ]);
}

/**
 * Some pairs of a dataset on one image, a PNG file: what the model gets, pixel for pixel, and its text below it; with
 * augmentations the draws are beside it. Pairs that cannot be read are not on it. Texts are left out where the machine has
 * no fonts.
 *
 * ```ts
 * await writeFile("sheet.png", await contactSheet(dataset, { samples: 40 }));
 * ```
 *
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value, and for more images than fit on
 *   a sheet.
 * @throws {PixtokError} NO_READABLE_SAMPLE where there is nothing to show; a fault of the machine.
 */
export async function contactSheet(
  dataset: AnyDataset,
  options: ShowDatasetOptions = {},
): Promise<Uint8Array> {
  requireIndexedDataset(dataset);
  const config = readOptions("contactSheet", options, showReaders);
  const { samples, random, seed, draws } = config;
  requireStackedImages(pipelineOf(dataset));
  const { image } = pipelineOf(dataset);
  const order = walkOrder(dataset.length, samples, random ? seed : undefined);
  const size = outputSize(image.processor.config);
  const augmentations = config.augmentations?.length ?? (image.augmentation === null ? 0 : 1);
  const width = widthOf(image.rowImages * (1 + augmentations * draws), size);
  requireDrawable(order.count, { width, height: size.height });

  const shown = await shownSamples(pipelineOf(dataset), order, pixels, config);
  const pairs = shown.filter(isShownPair).filter(({ images }) => images.length > 0);
  const [bad] = badSamples(shown);
  if (pairs.length === 0) {
    const what =
      bad === undefined
        ? `none of ${order.count} pairs has an image`
        : `none of ${order.count} pairs can be read; the first: ${bad.message}`;
    throw new PixtokError("NO_READABLE_SAMPLE", what);
  }
  const isCaptioned = hasFonts();
  const cells = pairs.map(async (pair): Promise<Cell> => {
    const images = imagesOf(pair);
    const text = pair.text?.original || pair.key;
    const across = widthOf(images.length, size);
    return { images, caption: isCaptioned ? await drawCaption(pair.index, text, across) : null };
  });
  return drawSheet(await Promise.all(cells), size);
}

async function drawSheet(cells: readonly Cell[], size: Size): Promise<Uint8Array> {
  const captionHeight = Math.max(
    0,
    ...cells.map(({ caption }) => (caption === null ? 0 : caption.height + GAP)),
  );
  const cell = {
    width: Math.max(...cells.map(({ images }) => widthOf(images.length, size))),
    height: size.height + captionHeight,
  };
  const { columns, width, height } = layoutOf(cells.length, cell);
  const overlays = cells.map(async ({ images, caption }, place): Promise<OverlayOptions[]> => {
    const left = MARGIN + (place % columns) * (cell.width + MARGIN);
    const top = MARGIN + Math.floor(place / columns) * (cell.height + MARGIN);
    const drawn = images.map(async (image, i) => ({
      input: await pngOf(image),
      left: left + i * (size.width + GAP),
      top,
    }));
    const below = caption && { input: caption.file, left, top: top + size.height + GAP };
    return [...(await Promise.all(drawn)), ...(below === null ? [] : [below])];
  });
  const sheet = sharp({ create: { width, height, channels: 3, background: BACKGROUND } });
  return sheet
    .composite((await Promise.all(overlays)).flat())
    .removeAlpha()
    .png()
    .toBuffer();
}
