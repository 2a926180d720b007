import type { ResizeTarget, Size } from "../output-size.js";

/** Python's `int(shortest * long / short)`. */
export function byShortestEdge({ width, height }: Size, shortest: number): Size {
  return width <= height
    ? { width: shortest, height: Math.trunc((shortest * height) / width) }
    : { width: Math.trunc((shortest * width) / height), height: shortest };
}

export function resizedSize(image: Size, target: ResizeTarget | null): Size {
  if (target === null) return image;
  if ("width" in target) return target;
  if ("maxWidth" in target) {
    const scale = Math.min(target.maxHeight / image.height, target.maxWidth / image.width);
    return { width: Math.trunc(image.width * scale), height: Math.trunc(image.height * scale) };
  }
  if (!("shortestEdge" in target)) throw new RangeError("transformers has no longest edge alone");
  const { shortestEdge, longestEdge } = target;
  return longestEdge === undefined
    ? byShortestEdge(image, shortestEdge)
    : byBothEdges(image, shortestEdge, longestEdge);
}

/** transformers.image_transforms.get_size_with_aspect_ratio */
function byBothEdges(image: Size, shortest: number, longest: number): Size {
  const { exact, side } = shortSide(image, shortest, longest);
  return Math.min(image.width, image.height) === side ? image : bySide(image, exact, side);
}

/** get_size_with_aspect_ratio_yolos: multiples of 16, and high images go another way. */
export function yolosSize(image: Size, shortest: number, longest: number): Size {
  const { exact, side } = shortSide(image, shortest, longest);
  const isKept = image.height <= image.width && image.height === side;
  const { width, height } = isKept ? image : bySide(image, exact, side);
  return { width: width - (width % 16), height: height - (height % 16) };
}

/** The shorter side that keeps the longer one within its limit, before and after it is rounded. */
function shortSide(
  { width, height }: Size,
  shortest: number,
  longest: number,
): { exact: number; side: number } {
  const [short, long] = width < height ? [width, height] : [height, width];
  if ((long / short) * shortest <= longest) return { exact: shortest, side: shortest };
  const exact = (longest * short) / long;
  return { exact, side: roundHalfEven(exact) };
}

function bySide({ width, height }: Size, exact: number, side: number): Size {
  return width < height
    ? { width: side, height: Math.trunc((exact * height) / width) }
    : { width: Math.trunc((exact * width) / height), height: side };
}

/** Python's round(). */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
