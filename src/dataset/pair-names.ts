import { type ImageInput, imageLabel } from "../image/image-input.js";
import { locationKind } from "../shared/location.js";
import { firstImageOf, keyOf, type Pair } from "../sources/pair-source.js";

/** What a pair is called, in a batch and in errors. */
export function namesOf(pair: Pair, index: number): { key: string; source: string } {
  const key = keyOf(pair, index);
  const image = firstImageOf(pair);
  if (pair.origin !== undefined) return { key, source: pair.origin };
  if (typeof image === "string") return { key, source: image };
  if (typeof image !== "object") return { key, source: key };
  const file = imageLabel(image);
  if (pair.key === undefined) return { key, source: file };
  // several images are in one file, or images are in memory: only the pair's own name distinguishes them
  const inFile = typeof image === "object" && "path" in image;
  return { key, source: inFile ? `${file}: ${key}` : key };
}

/**
 * What an image of a pair is called in errors: a file by its path, whatever row names it, and what is in the row or in memory
 * as the pair.
 */
export function imageSource(pair: Pair, image: ImageInput, index: number): string {
  const isFile =
    typeof image === "string" && (pair.origin === undefined || locationKind(image) === "path");
  return isFile ? image : namesOf({ ...pair, image }, index).source;
}

/** What the image that a pair has in a column is called in errors. */
export function columnImageSource(
  pair: Pair,
  image: unknown,
  column: string,
  index: number,
): string {
  const isOne = image !== undefined && image !== null && !Array.isArray(image);
  const source = isOne
    ? imageSource(pair, image as ImageInput, index)
    : namesOf(pair, index).source;
  return `${source}, column ${column}`;
}

/**
 * What an image of a pair's list is called in errors: a path, or the pair and the image's number from 1.
 *
 * @param number of the image in the list, from 0.
 */
export function imageSourceOf(pair: Pair, index: number, number: number): string {
  const image = (pair.image as readonly ImageInput[])[number] as ImageInput;
  const source = imageSource(pair, image, index);
  return source === image ? source : `${source}, image ${number + 1}`;
}
