import { drawnFrom } from "../image/augmentation.js";
import { clearDrawn, drawnPart } from "../image/drawn.js";
import { type FailedImage, type ImagePlan, prepareImages } from "../image/image-batch.js";
import type { ImageTimes } from "../image/image-times.js";
import type { NativeRandom } from "../native/addon.js";
import { isMachineFault } from "../shared/machine-fault.js";
import { isOneImage, listOfImages, type PairImage } from "./multiple-images.js";
import type { ReadPair } from "./pair-reader.js";

/** Where the images of pairs go, and how. */
export interface PairImagesOptions {
  plan: ImagePlan;
  /** Slots of rows; those that an image is missing for become zeros. */
  memory: Uint8Array;
  /** Slots of a row. */
  rowImages: number;
  /** Row of the first pair. Default 0. */
  firstRow?: number;
  /** For a plan with augmentation; what is drawn has room for all slots of the memory. */
  random?: Omit<NativeRandom, "indices"> | null;
  /** The place in a row whose numbers are drawn for each image. Default: the image's own. */
  drawnAs?: number | undefined;
  threads: number | undefined;
  signal: AbortSignal;
  /** What the images take is added to these. Default: to none. */
  times?: ImageTimes | undefined;
}

/** An image on its way to its slot. */
interface PlacedImage extends PairImage {
  /** Of the pair, among those that are prepared. */
  readonly row: number;
  readonly index: number;
  readonly slot: number;
}

/** Images whose slots follow one another, as one native call takes them. */
function runsOf(images: readonly PlacedImage[]): PlacedImage[][] {
  const runs: PlacedImage[][] = [];
  let next = -1;
  for (const image of images) {
    if (image.slot === next) runs.at(-1)?.push(image);
    else runs.push([image]);
    next = image.slot + 1;
  }
  return runs;
}

/** What preparePairImages() takes: pairs with their own images, or with those of a column of images. */
export type PairsOfImages = readonly Pick<ReadPair, "images" | "index">[];

/** @param column of images, by its place; undefined: the pairs' own images. */
export function imagesOfPairs(
  pairs: readonly Pick<ReadPair, "images" | "columnImages" | "index">[],
  column: number | undefined,
): PairsOfImages {
  if (column === undefined) return pairs;
  return pairs.map(({ index, columnImages }) => ({
    index,
    images: columnImages[column] as ReadPair["columnImages"][number],
  }));
}

/**
 * One error for each row that has any, by row: a fault of the machine, else its first one.
 *
 * @param failures in the order of the images.
 */
export function firstErrors(failures: readonly FailedImage[]): FailedImage[] {
  const found = new Map<number, FailedImage>();
  for (const failure of failures) {
    const { row, error } = failure;
    if (!found.has(row) || isMachineFault(error)) found.set(row, failure);
  }
  return [...found.values()].sort((a, b) => a.row - b.row);
}

/**
 * Prepares the images of pairs, those of a pair in the slots of its row; gives the rows that failed, each once.
 *
 * Settles when nothing writes into the memory any more.
 */
export async function preparePairImages(
  pairs: PairsOfImages,
  options: PairImagesOptions,
): Promise<FailedImage[]> {
  const { plan, memory, rowImages, firstRow = 0, random = null, drawnAs, ...how } = options;
  if (rowImages === 1 && pairs.every(({ images }) => isOneImage(images))) {
    return prepareOneEach(pairs as readonly PairOfOne[], options);
  }
  const placed: PlacedImage[] = [];
  /** Makes the slots from `first` to before `end` zeros. */
  const clear = (first: number, end: number) => {
    if (first === end) return;
    memory.fill(0, first * plan.slotBytes, end * plan.slotBytes);
    if (random !== null) clearDrawn(drawnPart(random, first, end));
  };
  for (const [row, { images, index }] of pairs.entries()) {
    const first = (firstRow + row) * rowImages;
    let next = first;
    for (const { image, source, place } of listOfImages(images)) {
      const slot = first + place;
      placed.push({ image, source, place, row, index, slot });
      clear(next, slot);
      next = slot + 1;
    }
    clear(next, first + rowImages);
  }

  const prepareRun = async (run: readonly PlacedImage[]) => {
    const { slot: firstSlot } = run[0] as PlacedImage;
    const end = firstSlot + run.length;
    const request = {
      images: run.map(({ image }) => image),
      indices: run.map(({ index }) => index),
      sources: run.map(({ source }) => source),
      random: random && {
        ...random,
        indices: run.map(({ index, place }) => drawnFrom(index, drawnAs ?? place)),
        ...drawnPart(random, firstSlot, end),
      },
      firstSlot,
    };
    const failed = await prepareImages(plan, request, memory, how);
    return failed.map((failure) => ({ image: run[failure.row] as PlacedImage, failure }));
  };

  const settled = await Promise.allSettled(runsOf(placed).map(prepareRun));
  const failures = settled.flatMap((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
  return firstErrors(
    failures.map(({ image: { row }, failure }) => ({ row, error: failure.error })),
  );
}

type PairOfOne = Pick<ReadPair, "index"> & { readonly images: PairImage };

/** As preparePairImages(), of pairs that have one image each, for as many slots: one native call. */
async function prepareOneEach(
  pairs: readonly PairOfOne[],
  { plan, memory, firstRow = 0, random = null, drawnAs = 0, ...how }: PairImagesOptions,
): Promise<FailedImage[]> {
  const request = {
    images: pairs.map(({ images }) => images.image),
    indices: pairs.map(({ index }) => index),
    sources: pairs.map(({ images }) => images.source),
    random: random && {
      ...random,
      indices: pairs.map(({ index }) => drawnFrom(index, drawnAs)),
      ...drawnPart(random, firstRow, firstRow + pairs.length),
    },
    firstSlot: firstRow,
  };
  return firstErrors(await prepareImages(plan, request, memory, how));
}

/**
 * Images that are being prepared, and what is made of their texts at the same time. Both are waited for,
 * whatever becomes of the other: nothing may write into the images' memory after its release.
 *
 * @param refuse throws where one of the images that failed ends the work.
 */
export async function imagesWithTexts<T>(
  images: Promise<FailedImage[]>,
  texts: Promise<T>,
  signal: AbortSignal,
  refuse: (failed: readonly FailedImage[]) => void,
): Promise<{ failed: FailedImage[]; texts: T }> {
  const [prepared, made] = await Promise.allSettled([images, texts]);
  signal.throwIfAborted();
  if (prepared.status === "rejected") throw prepared.reason;
  refuse(prepared.value);
  if (made.status === "rejected") throw made.reason;
  return { failed: prepared.value, texts: made.value };
}
