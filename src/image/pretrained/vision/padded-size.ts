import type { Size } from "../../output-size.js";
import type { PixelBudget } from "./target-size.js";

/** What an image is resized to, and the larger image in whose corner it lies. */
export interface PaddedSize {
  readonly to: Size;
  readonly within: Size;
}

/** Both sides up to the next multiples. */
export function nextMultiples({ width, height }: Size, factor: number): Size {
  const up = (side: number) => Math.ceil(side / factor) * factor;
  return { width: up(width), height: up(height) };
}

/** Kimi's: never larger, within numbers of patches in all and along a side, in the next multiples of a factor. */
export function shrunkSize(
  { width, height }: Size,
  factor: number,
  patch: number,
  most: number,
  longest: number,
): PaddedSize {
  const count = (side: number) => Math.max(1, Math.floor(side / patch));
  const limit = longest * patch;
  const scale = Math.min(
    1,
    Math.sqrt(most / (count(height) * count(width))),
    limit / height,
    limit / width,
  );
  const to = (side: number) => Math.min(Math.max(1, Math.trunc(side * scale)), limit);
  const size = { width: to(width), height: to(height) };
  return { to: size, within: nextMultiples(size, factor) };
}

/** Glm5Next's: the image in the next multiples of a factor, within numbers of tokens, each a factor's square of all frames. */
export function tokenBudgetSize(
  image: Size,
  factor: number,
  frames: number,
  tokens: PixelBudget,
): PaddedSize {
  const pixelsOfToken = frames * factor ** 2;
  const least = tokens.least * pixelsOfToken;
  const within = canvasSize(image, factor, frames, { least, most: tokens.most * pixelsOfToken });
  const { width, height } = image;
  const fitting = Math.min(within.height / height, within.width / width);
  const scale = frames * height * width >= least ? Math.min(1, fitting) : fitting;
  const to = (side: number, most: number) => Math.max(1, Math.min(most, Math.floor(side * scale)));
  return { to: { width: to(width, within.width), height: to(height, within.height) }, within };
}

function canvasSize(
  { width, height }: Size,
  factor: number,
  frames: number,
  { least, most }: PixelBudget,
): Size {
  const pixels = (size: Size) => frames * size.height * size.width;
  let size = nextMultiples({ width, height }, factor);
  if (pixels(size) < least) {
    const grow = Math.sqrt(least / pixels({ width, height }));
    const to = (side: number) => Math.max(1, Math.ceil(side * grow));
    size = nextMultiples({ width: to(width), height: to(height) }, factor);
  }
  if (pixels(size) <= most) return size;
  // the highest that fits, found by halving a range of heights
  size = { width: factor, height: factor };
  let [low, high] = [1, height];
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const across = Math.max(1, Math.floor((width * middle) / height));
    const candidate = nextMultiples({ width: across, height: middle }, factor);
    if (pixels(candidate) <= most) {
      size = candidate;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return size;
}
