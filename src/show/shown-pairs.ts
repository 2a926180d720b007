import type { BatchOrigin } from "../dataset/batch-origin.js";
import type { ImageColumnPipeline } from "../dataset/dataset-pipeline.js";
import type { ImagePipeline } from "../dataset/image-pipeline.js";
import { listOfImages, type PairImage } from "../dataset/multiple-images.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import type { MixedRow } from "../image/row-mixing.js";
import { allDone } from "../shared/all-done.js";
import { PixtokError } from "../shared/errors.js";
import { isMachineFault } from "../shared/machine-fault.js";
import { type SignalledContext, whileKept } from "../shared/sample-context.js";
import type { SampleError } from "../shared/sample-error.js";
import type { ImageTensor } from "../shared/tensor.js";
import { isStream } from "../sources/pair-stream.js";
import { boxesOfRow, type RawBoxes } from "./boxes.js";
import { imageBytes, type RgbImage } from "./image-bytes.js";
import { type OriginalImage, originalImage } from "./original-image.js";
import type { RowsToShow } from "./rows-to-show.js";
import { rowValues, type ShownColumn, shownColumns } from "./shown-columns.js";
import { type ShownMix, shownMix, softLabelsOf } from "./shown-mix.js";
import { type ShownText, shownTexts } from "./shown-text.js";

/** What images become on their way to a page or a sheet. */
export interface ImageEncoder<T> {
  /** Of what the model gets: every pixel is right. */
  exact(image: RgbImage): Promise<T>;
  /** Of what is beside it. */
  small(image: RgbImage): Promise<T>;
}

/** An image as it came from its source. */
export interface ShownOriginal<T> extends Omit<OriginalImage, "pixels"> {
  readonly image: T;
}

/** What an augmentation has made of an image in one epoch. */
export interface ShownDraw<T> {
  readonly image: T;
  /** What it was mixed with; null where it was not. */
  readonly mixed: MixedRow | null;
}

/** What an augmentation has made of an image, in one epoch after the other. */
export interface ShownDraws<T> {
  readonly augmentation: string;
  readonly epochs: readonly ShownDraw<T>[];
  /** Why there are none, or less. */
  readonly problem: string | null;
}

/** An image of a pair. */
export interface ShownImage<T> {
  /** What is wrong with it, where it cannot be read again; undefined where nobody has tried. */
  readonly original: ShownOriginal<T> | PixtokError | undefined;
  /** What the model gets; null where its processor takes images apart. */
  readonly model: T | null;
  readonly draws: readonly ShownDraws<T>[];
}

/** An image that a pair has in a column. */
export interface ShownColumnImage<T> extends ShownImage<T> {
  readonly column: string;
}

/** A pair as it is shown. */
export interface ShownPair<T> {
  readonly index: number;
  readonly key: string;
  /** Index of the bad pair that this one stands in for. */
  readonly replaces: number | null;
  readonly images: readonly ShownImage<T>[];
  readonly columnImages: readonly ShownColumnImage<T>[];
  /** What its row was mixed with; null where it was not. */
  readonly mixed: ShownMix | null;
  readonly text: ShownText | null;
  /** Those of images are apart. */
  readonly columns: readonly ShownColumn[];
  /** Of its first image. */
  readonly boxes: readonly RawBoxes[];
}

/** A pair, or what is wrong with it. */
export type ShownSample<T> = ShownPair<T> | SampleError;

export function isShownPair<T>(sample: ShownSample<T>): sample is ShownPair<T> {
  return !("code" in sample);
}

/** Those that could not be read. */
export function badSamples(samples: readonly ShownSample<unknown>[]): SampleError[] {
  return samples.flatMap((sample) => (isShownPair(sample) ? [] : [sample]));
}

/** What has been drawn for the images of a row: a list for each of its slots, and for each column of images. */
export interface RowDraws<T> {
  readonly slots: readonly (readonly ShownDraws<T>[])[];
  readonly columns: readonly (readonly ShownDraws<T>[])[];
}

/** How pairs are shown. */
export interface ShowPairsOptions<T> {
  readonly encode: ImageEncoder<T>;
  /** Columns that have boxes, whatever they are called. */
  readonly boxColumns: readonly string[];
  /** What has been drawn for the images of each row. */
  readonly drawsOf?: (row: number) => RowDraws<T>;
  readonly signal: AbortSignal;
}

/** The error where a sample is at fault. Everything else is thrown. */
async function orFault<R>(work: Promise<R>): Promise<R | PixtokError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PixtokError && !isMachineFault(error)) return error;
    throw error;
  }
}

/** What a batch's rows are, each beside what it was made of. */
export function shownPairs<T>(
  batch: RowsToShow,
  { pipeline, seed, epoch }: BatchOrigin,
  options: ShowPairsOptions<T>,
): Promise<ShownPair<T>[]> {
  const context: SignalledContext = { seed, epoch, signal: options.signal };
  return whileKept(context, async (kept) => {
    const { pairs } = pipeline;
    const again = isStream(pipeline.source)
      ? batch.indices.map(() => null)
      : await Promise.all(batch.indices.map((index) => orFault(pairs.read(index, kept))));
    return showRead(batch, again, pipeline, options);
  });
}

async function showRead<T>(
  batch: RowsToShow,
  again: readonly (ReadPair | PixtokError | null)[],
  pipeline: BatchOrigin["pipeline"],
  { encode, boxColumns, drawsOf, signal }: ShowPairsOptions<T>,
): Promise<ShownPair<T>[]> {
  const { image, imageColumns, source } = pipeline;
  const { rowImages } = image;
  const pairs = again.map((pair) => (pair instanceof PixtokError ? null : pair));
  const texts = await shownTexts(pipeline, batch, pairs);

  /** An original of a row, decoded as its processor does. */
  const originalOf = async (
    row: number,
    imageOf: (pair: ReadPair) => PairImage | undefined,
    { applied }: ImagePipeline,
  ) => {
    const pair = again[row];
    if (pair == null || pair instanceof PixtokError) return pair ?? undefined;
    const found = imageOf(pair);
    if (found === undefined) return undefined;
    const origin = { index: pair.index, source: found.source };
    const original = await orFault(originalImage(found.image, origin, applied.config, signal));
    return shownOriginal(original, encode);
  };
  const imageAt = async (row: number, place: number): Promise<ShownImage<T>> => {
    const slot = row * rowImages + place;
    const atPlace = ({ images }: ReadPair) =>
      listOfImages(images).find((one) => one.place === place);
    return {
      original: await originalOf(row, atPlace, image),
      model:
        batch.image === undefined || image.pictures !== null
          ? null
          : await encode.exact(imageBytes(batch.image, slot, image.processor.config)),
      draws: drawsOf?.(row).slots[place] ?? [],
    };
  };
  const imageInColumn = async (
    row: number,
    { name, image: ofColumn }: ImageColumnPipeline,
    column: number,
  ): Promise<ShownColumnImage<T>> => {
    const tensor = batch.columns[name] as ImageTensor;
    return {
      column: name,
      original: await originalOf(row, (pair) => pair.columnImages[column], ofColumn),
      model: await encode.exact(imageBytes(tensor, row, ofColumn.processor.config)),
      draws: drawsOf?.(row).columns[column] ?? [],
    };
  };
  const ofValues = Object.fromEntries(
    Object.entries(batch.columns).filter(
      ([column]) => !imageColumns.some(({ name }) => name === column),
    ),
  );
  const showRow = async (index: number, row: number): Promise<ShownPair<T>> => {
    const pair = pairs[row];
    const places =
      pair == null || image.pictures === null
        ? [...Array(rowImages).keys()].filter((place) => hasImage(batch, row, rowImages, place))
        : listOfImages(pair.images).map(({ place }) => place);
    const values = rowValues(ofValues, row);
    return {
      index,
      key: batch.keys[row] as string,
      replaces: batch.replaced?.find((one) => one.row === row)?.index ?? null,
      images: await allDone(places.map((place) => imageAt(row, place))),
      columnImages: await allDone(
        imageColumns.map((column, place) => imageInColumn(row, column, place)),
      ),
      mixed: shownMix(batch, row),
      text: texts[row] ?? null,
      columns: [...shownColumns(values, source.classNames), ...softLabelsOf(batch, row, pipeline)],
      boxes: boxesOfRow(values, boxColumns),
    };
  };
  const rows = [...batch.indices.entries()];
  const shown: ShownPair<T>[] = [];
  for (let first = 0; first < rows.length; first += ROWS_AT_ONCE) {
    const some = rows.slice(first, first + ROWS_AT_ONCE);
    shown.push(...(await allDone(some.map(([row, index]) => showRow(index, row)))));
  }
  return shown;
}

/** Whether a row has an image at one of its places. */
function hasImage(
  { image_mask, num_images }: RowsToShow,
  row: number,
  rowImages: number,
  place: number,
): boolean {
  if (num_images !== undefined) return place < Number(num_images.data[row]);
  return image_mask?.data[row * rowImages + place] !== 0;
}

/** Their original images are in memory, decoded. */
const ROWS_AT_ONCE = 8;

async function shownOriginal<T>(
  original: OriginalImage | PixtokError | undefined,
  encode: ImageEncoder<T>,
): Promise<ShownOriginal<T> | PixtokError | undefined> {
  if (original === undefined || original instanceof PixtokError) return original;
  const { pixels, ...facts } = original;
  return { ...facts, image: await encode.small(pixels) };
}
