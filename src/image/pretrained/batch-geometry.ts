import { isObject } from "../../shared/validation.js";
import type { ResizeTarget, Size } from "../output-size.js";
import type { ConfigReader } from "./config-reader.js";
import type { ProcessorGeometry } from "./image-steps.js";
import { resizedSize, yolosSize } from "./resized-size.js";

/** The longer edge is at most so many times the shorter one. */
const LONGER_TO_SHORTER = 1333 / 800;

/** What `do_resize` and `size` say; both edges of a size are needed. */
export function edgesOf(reader: ConfigReader): ResizeTarget | null {
  const resize = reader.flag("do_resize") ? reader.resizeTarget() : null;
  if (resize !== null && "shortestEdge" in resize && resize.longestEdge === undefined) {
    throw reader.expected("size", "shortest_edge with longest_edge");
  }
  return resize;
}

/** Padded to the largest of a batch, or to pad_size. */
function paddedTo(
  reader: ConfigReader,
  pads: boolean,
  size: (image: Size) => Size,
  centerCrop: Size | null = null,
): ProcessorGeometry {
  const to = reader.get("pad_size") === undefined ? "batch" : reader.frame("pad_size");
  return {
    options: { resize: null, centerCrop, pad: null },
    steps: (image) => ({ resizes: [{ to: size(image) }] }),
    padding: pads ? { to, hasMask: true } : null,
  };
}

export function detector(reader: ConfigReader): ProcessorGeometry {
  if (reader.flag("do_center_crop")) throw reader.expected("do_center_crop", "false");
  const resize = edgesOf(reader);
  if (!reader.flag("do_pad") && resize !== null && "width" in resize) {
    return { options: { resize, centerCrop: null, pad: null }, steps: null };
  }
  return paddedTo(reader, reader.flag("do_pad"), (image) => resizedSize(image, resize));
}

export function yolos(reader: ConfigReader): ProcessorGeometry {
  const resize = edgesOf(reader);
  return paddedTo(reader, reader.flag("do_pad"), (image) => {
    if (resize === null || !("shortestEdge" in resize)) return resizedSize(image, resize);
    return yolosSize(image, resize.shortestEdge, resize.longestEdge as number);
  });
}

/** Both sides rounded up to multiples. */
export function maskFormer(reader: ConfigReader): ProcessorGeometry {
  const resize = edgesOf(reader);
  const divisor = reader.number("size_divisor");
  const rounded = (side: number) =>
    divisor > 0 && resize !== null ? Math.ceil(side / divisor) * divisor : side;
  return paddedTo(reader, true, (image) => {
    const { width, height } = resizedSize(image, resize);
    return { width: rounded(width), height: rounded(height) };
  });
}

/** By the shorter edge, the longer one within its limit, both rounded down to multiples. */
export function vilt(reader: ConfigReader): ProcessorGeometry {
  const shortest = reader.shortestEdge();
  const longest = Math.trunc(LONGER_TO_SHORTER * shortest);
  const resizes = reader.flag("do_resize");
  const divisor = resizes ? reader.divisor("size_divisor") : 1;
  const rounded = (side: number) => Math.floor(Math.trunc(side + 0.5) / divisor) * divisor;
  const size = (image: Size): Size => {
    if (!resizes) return image;
    const scale = shortest / Math.min(image.width, image.height);
    const isWide = image.height < image.width;
    const width = isWide ? image.width * scale : shortest;
    const height = isWide ? shortest : image.height * scale;
    const long = Math.max(width, height);
    const shrink = long > longest ? longest / long : 1;
    return { width: rounded(width * shrink), height: rounded(height * shrink) };
  };
  return paddedTo(reader, reader.flag("do_pad"), size, squareCrop(reader));
}

/** BridgeTower's `crop_size` is { shortest_edge }. */
function squareCrop(reader: ConfigReader): Size | null {
  if (!reader.flag("do_center_crop")) return null;
  const size = reader.get("crop_size");
  const side = isObject(size) ? size.shortest_edge : undefined;
  if (typeof side !== "number") throw reader.expected("crop_size", "{ shortest_edge }");
  return { width: side, height: side };
}
