import { type CheckedImage, requireImage } from "../image/image-input.js";
import { unitFraction } from "../order/permutation.js";
import { PixtokError } from "../shared/errors.js";
import type { SourceContext } from "../shared/sample-context.js";
import { isList, type Pair } from "../sources/pair-source.js";
import { imageSource, imageSourceOf } from "./pair-names.js";

/** Which of a pair's images is taken: the first, or one that seed, epoch and index decide. */
export type OnMultipleImages = "first" | "random";

export const imageChoices = ["first", "random"] as const satisfies OnMultipleImages[];

/** Images of a row, stacked; undefined: a row has one. */
export type MaxImages = number | undefined;

/** Which of a pair's images go into its row. */
export interface ImageChoice {
  /** Of several images, where `maxImages` is undefined. */
  readonly onMultipleImages: OnMultipleImages;
  readonly maxImages: MaxImages;
}

/** An image of a pair, checked. */
export interface PairImage {
  readonly image: CheckedImage;
  /** What it is called in errors. */
  readonly source: string;
  /** Among the images of its row, from 0. */
  readonly place: number;
}

/** What goes into a row: most often one image, which is in no list; or several, in the order of their places. */
export type PairImages = PairImage | readonly PairImage[];

export function isOneImage(images: PairImages): images is PairImage {
  return !Array.isArray(images);
}

export function listOfImages(images: PairImages): readonly PairImage[] {
  return isOneImage(images) ? [images] : images;
}

/** Sets the choice of an image apart from that of a text, of the same seed, epoch and index. */
const OF_IMAGES = 1;

/**
 * The images of a pair that go into its row: one, or from none to `maxImages`.
 *
 * @param pairSource what the pair is called in errors.
 * @throws {PixtokError} INVALID_IMAGE
 */
export function chosenImages(
  pair: Pair,
  pairSource: string,
  index: number,
  { onMultipleImages, maxImages }: ImageChoice,
  { seed, epoch }: SourceContext,
): PairImages {
  const { image, origin } = pair;
  if (!isList(image)) {
    const source = typeof image === "string" ? imageSource(pair, image, index) : pairSource;
    return { image: requireImage(image, index, origin), source, place: 0 };
  }
  const at = (number: number, place: number): PairImage => {
    const source = imageSourceOf(pair, index, number);
    return { image: requireImage(image[number], index, source), source, place };
  };
  if (maxImages !== undefined) {
    const stacked: PairImage[] = [];
    for (let number = 0; number < Math.min(image.length, maxImages); number += 1) {
      if (image[number] !== null) stacked.push(at(number, number));
    }
    return stacked;
  }
  const there = image.reduce((count, one) => (one === null ? count : count + 1), 0);
  if (there === 0) {
    const what = "image: expected at least one, got none; maxImages allows rows without images";
    throw new PixtokError("INVALID_IMAGE", what, { index, source: pairSource });
  }
  let others =
    onMultipleImages === "first"
      ? 0
      : Math.floor(unitFraction(seed, epoch, index, OF_IMAGES) * there);
  const chosen = image.findIndex((one) => {
    if (one === null) return false;
    others -= 1;
    return others < 0;
  });
  return at(chosen, 0);
}
