import { PixtokError } from "../../../shared/errors.js";
import type { Size } from "../../output-size.js";
import { roundHalfEven } from "../resized-size.js";
import { inSetOrder } from "./python-set.js";

/** Fewest and most pixels of a resized image. */
export interface PixelBudget {
  readonly least: number;
  readonly most: number;
}

const MOST_ASPECT = 200;

/** @throws {PixtokError} DOES_NOT_FIT */
function requireAspect({ width, height }: Size, most = MOST_ASPECT): void {
  const aspect = Math.max(width, height) / Math.min(width, height);
  if (aspect <= most) return;
  throw new PixtokError(
    "DOES_NOT_FIT",
    `its longer side is ${aspect.toFixed(1)} times the shorter one; this class takes at most ${most}`,
  );
}

/**
 * Both sides to the nearest multiples of a factor, within a budget of pixels.
 *
 * @throws {PixtokError} DOES_NOT_FIT for an image that is too long.
 */
export function smartSize(image: Size, factor: number, budget: PixelBudget): Size {
  requireAspect(image);
  const to = (side: number) => roundHalfEven(side / factor) * factor;
  return withinBudget(image, { width: to(image.width), height: to(image.height) }, factor, budget);
}

/** As smartSize, of an image that is first made as large as the factor, as Glm4v does it, counted as several frames. */
export function smartFrameSize(
  image: Size,
  factor: number,
  frames: number,
  budget: PixelBudget,
): Size {
  const scale = Math.max(factor / image.height, factor / image.width);
  const isSmall = image.height < factor || image.width < factor;
  const { width, height } = isSmall
    ? { width: Math.trunc(image.width * scale), height: Math.trunc(image.height * scale) }
    : image;
  requireAspect({ width, height });
  const to = (side: number) => roundHalfEven(side / factor) * factor;
  const rounded = { width: to(width), height: to(height) };
  return withinBudget({ width, height }, rounded, factor, budget, frames);
}

/** As smartSize, of an image that is first made as large as the factor, as PaddleOCRVL does it. */
export function smartPageSize(image: Size, factor: number, budget: PixelBudget): Size {
  let { width, height } = image;
  if (height < factor) {
    width = roundHalfEven((width * factor) / height);
    height = factor;
  }
  if (width < factor) {
    height = roundHalfEven((height * factor) / width);
    width = factor;
  }
  return smartSize({ width, height }, factor, budget);
}

/** GlmImage takes no longer images. */
const MOST_HALVED_ASPECT = 4;

/**
 * GlmImage's: half of what both sides are where they keep between the edges of squares, to the nearest multiples.
 *
 * @throws {PixtokError} DOES_NOT_FIT for an image that is too long, or too small.
 */
export function halvedSize(image: Size, factor: number, { least, most }: PixelBudget): Size {
  const short = Math.min(image.width, image.height);
  const long = Math.max(image.width, image.height);
  if (short < factor) {
    throw new PixtokError(
      "DOES_NOT_FIT",
      `a side of it is ${short}; this class takes no side below ${factor}`,
    );
  }
  requireAspect(image, MOST_HALVED_ASPECT);
  const shortest = roundHalfEven(Math.sqrt(least));
  const longest = roundHalfEven(Math.sqrt(most));
  let scale = short < shortest ? shortest / short : 1;
  if (long * scale > longest) scale = longest / long;
  const half = (side: number) =>
    Math.max(factor, roundHalfEven((Math.floor(side / 2) * scale) / factor) * factor);
  const size = { width: half(image.width), height: half(image.height) };
  const longer = Math.max(size.width, size.height);
  if (longer <= longest) return size;
  const shrink = longer / longest;
  const to = (side: number) => Math.max(factor, Math.floor(side / shrink / factor) * factor);
  return { width: to(size.width), height: to(size.height) };
}

/** What NeoMME keeps an image within. */
export interface SizeLimits extends PixelBudget {
  /** Longest side. */
  readonly longest: number;
}

/** NeoMME's: the same, or as many pixels as there have to be, no more than there may be. */
export function limitedSize(image: Size, { longest, least, most }: SizeLimits): Size {
  const { width, height } = image;
  const pixels = height * width;
  const isSmall = pixels < least;
  const grown = isSmall ? Math.sqrt(least / pixels) : 1;
  const scale = Math.min(grown, longest / Math.max(height, width), Math.sqrt(most / pixels));
  if (scale === 1) return image;
  const scaled = (rounded: (side: number) => number): Size => ({
    width: Math.max(1, rounded(width * scale)),
    height: Math.max(1, rounded(height * scale)),
  });
  const exceeds = (size: Size) =>
    Math.max(size.width, size.height) > longest || size.width * size.height > most;
  const size = scaled(roundHalfEven);
  if (!exceeds(size)) {
    if (!isSmall || size.width * size.height >= least) return size;
    const larger = scaled(Math.ceil);
    return exceeds(larger) ? size : larger;
  }
  const smaller = scaled(Math.floor);
  if (smaller.width * smaller.height <= most) return smaller;
  return smaller.height >= smaller.width
    ? { ...smaller, height: Math.max(1, Math.floor(most / smaller.width)) }
    : { ...smaller, width: Math.max(1, Math.floor(most / smaller.height)) };
}

/** MuseGlimmer's: of the numbers of rows and columns around those that fit into so many tokens the closest aspect. */
export function tokenGridSize({ width, height }: Size, factor: number, most: number): Size {
  let down = height / factor;
  let across = width / factor;
  const aspect = across / down;
  if (down * across > most) {
    down = Math.sqrt(most / aspect);
    across = down * aspect;
  }
  const grids = [Math.floor(down), Math.ceil(down)].flatMap((rows) =>
    [Math.floor(across), Math.ceil(across)].map((columns) => [rows, columns] as const),
  );
  const possible = inSetOrder(grids).filter(
    ([rows, columns]) => rows >= 1 && columns >= 1 && rows * columns <= most,
  );
  const one = (side: number) => Math.max(1, roundHalfEven(side));
  const candidates = possible.length > 0 ? possible : [[one(down), one(across)] as const];
  const distance = ([rows, columns]: readonly [number, number]) =>
    Math.abs(rows / columns - height / width);
  // of two as close the first one
  const [rows, columns] = candidates.reduce((best, grid) =>
    distance(grid) < distance(best) ? grid : best,
  );
  return { width: columns * factor, height: rows * factor };
}

/** Sides to multiples that keep within the budget, where the rounded ones do not. */
export function withinBudget(
  { width, height }: Size,
  rounded: Size,
  factor: number,
  { least, most }: PixelBudget,
  frames = 1,
): Size {
  const pixels = frames * rounded.height * rounded.width;
  if (pixels > most) {
    const shrink = Math.sqrt((frames * height * width) / most);
    const to = (side: number) => Math.max(factor, Math.floor(side / shrink / factor) * factor);
    return { width: to(width), height: to(height) };
  }
  if (pixels < least) {
    const grow = Math.sqrt(least / (frames * height * width));
    const to = (side: number) => Math.ceil((side * grow) / factor) * factor;
    return { width: to(width), height: to(height) };
  }
  return rounded;
}

/** No side longer than its limit, then both up to the next multiples. */
export function patchedSize({ width, height }: Size, limit: Size, patch: Size): Size {
  const ratio = Math.max(height / limit.height, width / limit.width);
  const to = (side: number, multiple: number) => {
    const shrunk = ratio > 1 ? Math.floor(side / ratio) : side;
    return (Math.floor((shrunk - 1) / multiple) + 1) * multiple;
  };
  return { width: to(width, patch.width), height: to(height, patch.height) };
}

/** How close Siglip2 comes to its number of patches. */
const SEARCH_ENDS = 1e-5;

/** As many whole patches as there may be, found by halving a range of scales. */
export function mostPatchesSize(image: Size, patch: number, most: number): Size {
  const at = (scale: number): Size => {
    const to = (side: number) => Math.max(patch, Math.ceil((side * scale) / patch) * patch);
    return { width: to(image.width), height: to(image.height) };
  };
  let small = SEARCH_ENDS / 10;
  let large = 100;
  while (large - small >= SEARCH_ENDS) {
    const scale = (small + large) / 2;
    const { width, height } = at(scale);
    if ((height / patch) * (width / patch) <= most) small = scale;
    else large = scale;
  }
  return at(small);
}

/**
 * As large as patches may be many, both sides down to multiples of so many patches.
 *
 * @throws {PixtokError} DOES_NOT_FIT for an image that would be nothing afterwards.
 */
export function patchBudgetSize(
  { width, height }: Size,
  patch: number,
  most: number,
  pooled: number,
): Size {
  const target = most * patch ** 2;
  const scale = Math.sqrt(target / (height * width));
  const multiple = pooled * patch;
  const to = (side: number) => Math.floor((scale * side) / multiple) * multiple;
  const size = { width: to(width), height: to(height) };
  const longest = Math.floor(most / pooled ** 2) * multiple;
  if (size.height === 0 && size.width === 0) {
    throw new PixtokError("DOES_NOT_FIT", "it would be resized to 0 x 0");
  }
  if (size.height === 0) {
    size.height = multiple;
    size.width = Math.min(Math.floor(width / height) * multiple, longest);
  } else if (size.width === 0) {
    size.width = multiple;
    size.height = Math.min(Math.floor(height / width) * multiple, longest);
  }
  if (size.height * size.width <= target) return size;
  throw new PixtokError(
    "DOES_NOT_FIT",
    `${size.width} x ${size.height} pixels are more than ${most} patches of ${patch}`,
  );
}

/** The longer side at most so long, and none shorter than the least. */
export function betweenEdges({ width, height }: Size, least: number, most: number): Size {
  const aspect = width / height;
  const size = { width, height };
  if (width >= height && width > most) {
    size.width = most;
    size.height = Math.trunc(most / aspect);
  } else if (height > width && height > most) {
    size.height = most;
    size.width = Math.trunc(most * aspect);
  }
  return { width: Math.max(size.width, least), height: Math.max(size.height, least) };
}

/** More than that no side of Idefics3 has. */
const IDEFICS_MOST = 4096;

/** The longer side of a length, the shorter one even. */
export function longestEdgeSize({ width, height }: Size, longest: number): Size {
  const aspect = width / height;
  const even = (side: number) => Math.max(side % 2 === 0 ? side : side + 1, 1);
  const size =
    width >= height
      ? { width: Math.max(longest, 1), height: even(Math.trunc(longest / aspect)) }
      : { width: even(Math.trunc(longest * aspect)), height: Math.max(longest, 1) };
  return betweenEdges(size, 1, IDEFICS_MOST);
}

/** Both sides up to the next multiples, the shorter one of what the longer one's makes it. */
export function tiledSize({ width, height }: Size, tile: number): Size {
  const aspect = width / height;
  const up = (side: number) => Math.ceil(side / tile) * tile;
  if (width >= height) {
    const wide = up(width);
    return { width: wide, height: up(Math.trunc(wide / aspect)) };
  }
  const high = up(height);
  return { width: up(Math.trunc(high * aspect)), height: high };
}

/** The longer side of a length, no side shorter than the least. */
export function squaredSize({ width, height }: Size, longest: number, least: number): Size {
  const scale = longest / Math.max(height, width);
  const to = (side: number) => Math.max(roundHalfEven(side * scale), least);
  return { width: to(width), height: to(height) };
}
