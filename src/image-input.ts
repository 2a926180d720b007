import { PixtokError, type SampleOrigin } from "./errors.js";
import type { ImageLayout } from "./image-processor-options.js";
import type { ImageRange } from "./image-range.js";
import type { NativePixels, NativeSample } from "./native-addon.js";
import { describe, isObject } from "./validation.js";

/** Decoded 8-bit pixels: rows from top to bottom, without gaps. */
export interface RawPixels {
  /** One byte a channel. */
  data: Uint8Array | Uint8ClampedArray;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** 1: grey; 2: grey and alpha; 3: RGB; 4: RGB and alpha. Alpha is dropped. */
  channels: 1 | 2 | 3 | 4;
  /** "hwc": channels interleaved. "chw": one plane after the other, of RGB alone. Default "hwc". */
  layout?: ImageLayout;
}

/**
 * A picture: the path of a file, a file within another file, the bytes of a file, or decoded pixels.
 * Bytes are read while the call runs: they must not be changed or transferred until it is done.
 */
export type ImageInput = string | ImageRange | Uint8Array | RawPixels;

const MAX_SIDE = 1 << 20;

type PixelFormat = NativePixels["format"];
const pixelFormats: readonly PixelFormat[] = ["grey", "grey-alpha", "rgb", "rgba"];

/** How a picture is named in errors. */
export function imageSource(image: unknown): string {
  if (typeof image === "string") return image;
  if (image instanceof Uint8Array) return "buffer";
  return isObject(image) && typeof image.path === "string" ? image.path : "pixels";
}

/** @throws {PixtokError} INVALID_IMAGE */
export function requireImage(image: unknown, index: number): NativeSample {
  if (typeof image === "string" || image instanceof Uint8Array) return image;
  const origin: SampleOrigin = { index };
  if (!isObject(image)) {
    throw new PixtokError(
      "INVALID_IMAGE",
      `image: expected a path, { path, offset, length }, a Uint8Array or { data, width, height, channels }, got ${describe(image)}`,
      origin,
    );
  }
  return "path" in image ? requireRange(image, origin) : requirePixels(image, origin);
}

function requireRange(image: Record<string, unknown>, origin: SampleOrigin): ImageRange {
  const { path } = image;
  if (typeof path !== "string") {
    throw new PixtokError(
      "INVALID_IMAGE",
      `image.path: expected a string, got ${describe(path)}`,
      origin,
    );
  }
  const bytes = (name: "offset" | "length"): number => {
    const value = image[name];
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw new PixtokError(
      "INVALID_IMAGE",
      `image.${name}: expected an integer of at least 0, got ${describe(value)}`,
      { ...origin, source: path },
    );
  };
  return { path, offset: bytes("offset"), length: bytes("length") };
}

function requirePixels(image: Record<string, unknown>, origin: SampleOrigin): NativePixels {
  const { data } = image;
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    throw new PixtokError(
      "INVALID_IMAGE",
      `image.data: expected a Uint8Array, got ${describe(data)}`,
      origin,
    );
  }
  const side = (name: "width" | "height" | "channels", most: number): number => {
    const value = image[name];
    if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) {
      return value;
    }
    throw new PixtokError(
      "INVALID_IMAGE",
      `image.${name}: expected an integer from 1 to ${most}, got ${describe(value)}`,
      origin,
    );
  };
  const width = side("width", MAX_SIDE);
  const height = side("height", MAX_SIDE);
  const channels = side("channels", 4);
  const { layout = "hwc" } = image;
  if (layout !== "hwc" && (layout !== "chw" || channels !== 3)) {
    throw new PixtokError(
      "INVALID_IMAGE",
      `image.layout: expected "hwc", or "chw" with three channels, got ${describe(layout)}`,
      origin,
    );
  }
  const expected = width * height * channels;
  if (data.length !== expected) {
    throw new PixtokError(
      "INVALID_IMAGE",
      `image.data: expected ${expected} bytes (${width} x ${height} x ${channels}), got ${data.length}`,
      origin,
    );
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return {
    data: bytes,
    width,
    height,
    format: layout === "chw" ? "planar-rgb" : (pixelFormats[channels - 1] as PixelFormat),
    orientation: 1,
  };
}
