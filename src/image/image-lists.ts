import type { ImageInput } from "./image-input.js";
import type { PictureGeometry } from "./picture-geometry.js";

/** What `ImageProcessor.process` takes: an image, several, or several lists of them. */
export type ImagesGiven = ImageInput | readonly ImageInput[] | readonly (readonly ImageInput[])[];

/** Images one after the other. */
export interface ImageLists {
  readonly images: readonly ImageInput[];
  /** How many of them each list has. */
  readonly lists: readonly number[];
}

/** As transformers reads images: several that are in no lists are one for classes that give a row for each list. */
export function listsOf(given: ImagesGiven, geometry?: PictureGeometry): ImageLists {
  if (!Array.isArray(given)) return { images: [given as ImageInput], lists: [1] };
  if (given.length > 0 && given.every((one) => Array.isArray(one))) {
    const lists = given as (readonly ImageInput[])[];
    const lengths = lists.map(({ length }) => length);
    return { images: lists.flat(), lists: countedLists(lengths, geometry) };
  }
  const images = given as readonly ImageInput[];
  return { images, lists: geometry?.rows === "list" ? [images.length] : images.map(() => 1) };
}

/** Lists without images are rows of the output for some classes, and nothing for others. */
export function countedLists(
  lengths: readonly number[],
  geometry?: PictureGeometry,
): readonly number[] {
  return geometry?.rows === "list" ? lengths : lengths.filter((length) => length > 0);
}
