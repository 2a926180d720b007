import { group, integer, type OptionReaders } from "../shared/options.js";
import { isObject, outOfRange, wrongType } from "../shared/validation.js";
import { MAX_OUTPUT_SIDE } from "./image-side.js";

/** In pixels. */
export interface Size {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/**
 * The size of an image after the resize, in pixels: a fixed one; the shorter edge (the longer one
 * follows, at most to longestEdge); the longer edge; or as large as fits into a frame.
 */
export type ResizeTarget =
  | Size
  | {
      /** Length of the shorter edge. */
      readonly shortestEdge: number;
      /** Most of the longer edge; the shorter one then follows it. Default: no limit. */
      readonly longestEdge?: number;
    }
  | {
      /** Length of the longer edge. */
      readonly longestEdge: number;
    }
  | {
      /** Most columns. */
      readonly maxWidth: number;
      /** Most rows. */
      readonly maxHeight: number;
    };

/** What the size of the output follows from. */
interface SizeOptions {
  readonly resize: ResizeTarget | null;
  readonly centerCrop: Size | null;
  readonly pad: Size | null;
}

const side = integer(1, MAX_OUTPUT_SIDE);
const readSize = group({ width: side, height: side } satisfies OptionReaders<Size>);

/**
 * Size of the output.
 *
 * @throws {TypeError} where it would depend on the image.
 */
export function outputSize({ resize, centerCrop, pad }: SizeOptions): Size {
  const size = pad ?? centerCrop ?? resize;
  if (size !== null && "width" in size) return size;
  throw wrongType(
    "resize",
    "one size for all images ({ width, height }), or centerCrop or pad beside it",
    resize,
  );
}

/**
 * Size of what is cut out of the resized image, or else of the resized image.
 *
 * @param option what cannot do without it.
 * @throws {TypeError} where it would depend on the image.
 */
export function contentSize(
  option: string,
  { resize, centerCrop }: Pick<SizeOptions, "resize" | "centerCrop">,
): Size {
  const size = centerCrop ?? resize;
  if (size !== null && "width" in size) return size;
  throw wrongType(
    option,
    "an ImageProcessor with centerCrop or with resize: { width, height }",
    resize,
  );
}

/** One number is the side of a square. */
export function readOptionalSize(option: string, value: unknown): Size | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "number") return Object.freeze(readSize(option, value));
  const length = side(option, value);
  return Object.freeze({ width: length, height: length });
}

/** Left out, it is the standard preset's. */
export function readResize(option: string, value: unknown): ResizeTarget | null {
  return value === null ? null : requireTarget(option, value ?? { width: 224, height: 224 });
}

function requireTarget(option: string, value: unknown): ResizeTarget {
  const keys = isObject(value) ? Object.keys(value).sort().join(" ") : "";
  const kinds = [
    "height width",
    "shortestEdge",
    "longestEdge shortestEdge",
    "longestEdge",
    "maxHeight maxWidth",
  ];
  if (!isObject(value) || !kinds.includes(keys)) {
    throw wrongType(
      option,
      "{ width, height }, { shortestEdge }, { shortestEdge, longestEdge }, { longestEdge }, { maxWidth, maxHeight } or null",
      isObject(value) ? Object.keys(value) : value,
    );
  }
  const sides = Object.entries(value).map(([key, length]) => [
    key,
    side(`${option}.${key}`, length),
  ]);
  const target = Object.freeze(Object.fromEntries(sides)) as ResizeTarget;
  if ("shortestEdge" in target && (target.longestEdge ?? Infinity) <= target.shortestEdge) {
    throw outOfRange(`${option}.longestEdge`, "more than shortestEdge", target.longestEdge);
  }
  return target;
}
