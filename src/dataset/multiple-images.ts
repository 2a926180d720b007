import { type CheckedImage, requireImage } from "../image/image-input.js";
import { unitFraction } from "../order/permutation.js";
import { PixtokError } from "../shared/errors.js";
import type { SourceContext } from "../shared/sample-context.js";
import { isList, type Pair } from "../sources/pair-source.js";
import { imageSourceOf } from "./pair-names.js";

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
): readonly PairImage[] {
  const { image, origin } = pair;
  if (!isList(image)) {
    return [{ image: requireImage(image, index, origin), source: pairSource, place: 0 }];
  }
  const there = [...image.keys()].filter((number) => image[number] !== null);
  const at = (number: number, place: number): PairImage => {
    const source = imageSourceOf(pair, index, number);
    return { image: requireImage(image[number], index, source), source, place };
  };
  if (maxImages !== undefined) {
    return there.filter((number) => number < maxImages).map((number) => at(number, number));
  }
  const choice =
    onMultipleImages === "first"
      ? 0
      : Math.floor(unitFraction(seed, epoch, index, OF_IMAGES) * there.length);
  const chosen = there[choice];
  if (chosen !== undefined) return [at(chosen, 0)];
  const what = "image: expected at least one, got none; maxImages allows rows without images";
  throw new PixtokError("INVALID_IMAGE", what, { index, source: pairSource });
}
