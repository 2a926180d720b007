import type { NativePixels, NativeSample } from "../native/addon.js";
import { PixtokError, type SampleOrigin } from "../shared/errors.js";
import type { FileVersion } from "../shared/file-version.js";
import { describe, isObject } from "../shared/validation.js";
import type { ImageLayout } from "./image-choices.js";
import { imageLocation, shownLocation } from "./image-location.js";
import type { ImageRange } from "./image-range.js";
import { MAX_SIDE } from "./image-side.js";

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
 * An image: the path of a file, a `file:` URL, a file within another file, the bytes of a file, or decoded
 * pixels. A string may be a `data:` URL of base64 as well. Bytes are read while the call runs: they must not
 * be changed or transferred until it is done. Those of memory that is shared or can shrink are copied.
 */
export type ImageInput = string | URL | ImageRange | Uint8Array | RawPixels;

type PixelFormat = NativePixels["format"];
const pixelFormats: readonly PixelFormat[] = ["grey", "grey-alpha", "rgb", "rgba"];

/** How an image is named in errors. */
export function imageLabel(image: unknown): string {
  if (typeof image === "string") return shownLocation(image);
  if (image instanceof URL) return shownLocation(image.href);
  if (image instanceof Uint8Array) return "buffer";
  return isObject(image) && typeof image.path === "string" ? image.path : "pixels";
}

/** An image that has been checked, as the addon takes it. */
export type CheckedImage = NativeSample;

/** @throws {PixtokError} INVALID_IMAGE */
export function requireImage(
  image: unknown,
  index: number | undefined,
  source?: string | undefined,
): CheckedImage {
  if (typeof image === "string" || image instanceof URL) {
    const location = imageLocation(String(image));
    if ("path" in location) return location.path;
    if ("bytes" in location) return location.bytes;
    const origin = { index, source: source ?? imageLabel(image) };
    throw new PixtokError("INVALID_IMAGE", `image: ${location.refusal}`, origin);
  }
  const origin: SampleOrigin = { index, source };
  if (image instanceof Uint8Array) return ownBytes(image, "image", origin);
  if (!isObject(image) || image instanceof Promise || otherBytes(image) !== null) {
    const bytes = isObject(image) ? otherBytes(image) : null;
    const advice = bytes === null ? "" : `: pass ${bytes}`;
    throw new PixtokError(
      "INVALID_IMAGE",
      `image: expected a path, { path, offset, length }, a Uint8Array or { data, width, height, channels }, got ${describe(image)}${advice}`,
      origin,
    );
  }
  return "path" in image ? requireRange(image, origin) : requirePixels(image, origin);
}

/** How the bytes of an object can be had that is none of those that are read; null: it holds none. */
function otherBytes(image: object): string | null {
  if (image instanceof Blob) return "new Uint8Array(await blob.arrayBuffer())";
  if (image instanceof ArrayBuffer || image instanceof SharedArrayBuffer) {
    return "new Uint8Array(buffer)";
  }
  if (ArrayBuffer.isView(image)) return "the file's bytes as a Uint8Array";
  return image instanceof Response ? "new Uint8Array(await response.arrayBuffer())" : null;
}

/** The same bytes, in memory that no other thread changes and that does not shrink. */
function ownBytes(
  bytes: Uint8Array | Uint8ClampedArray,
  name: string,
  origin: SampleOrigin,
): Uint8Array {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof SharedArrayBuffer || isResizable(buffer)) return new Uint8Array(bytes);
  if (byteLength === 0 && isDetached(buffer)) {
    throw new PixtokError(
      "INVALID_IMAGE",
      `${name}: its memory is gone: it was transferred to somebody else`,
      origin,
    );
  }
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(buffer, byteOffset, byteLength);
}

function isResizable(buffer: ArrayBuffer): boolean {
  return "resizable" in buffer && buffer.resizable === true;
}

/** Node 20 has no property that says so. */
function isDetached(buffer: ArrayBuffer): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
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
      { ...origin, source: origin.source ?? path },
    );
  };
  const range = { path, offset: bytes("offset"), length: bytes("length") };
  const { version } = image;
  if (version === undefined) return range;
  if (isVersion(version)) return { ...range, version };
  throw new PixtokError(
    "INVALID_IMAGE",
    `image.version: expected { size, modified }, a number and a bigint, got ${describe(version)}`,
    { ...origin, source: origin.source ?? path },
  );
}

function isVersion(value: unknown): value is FileVersion {
  if (!isObject(value) || typeof value.modified !== "bigint") return false;
  return Number.isSafeInteger(value.size) && (value.size as number) >= 0;
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
  const bytes = ownBytes(data, "image.data", origin);
  const expected = width * height * channels;
  if (data.length !== expected) {
    throw new PixtokError(
      "INVALID_IMAGE",
      `image.data: expected ${expected} bytes (${width} x ${height} x ${channels}), got ${data.length}`,
      origin,
    );
  }
  return {
    data: bytes,
    width,
    height,
    format: layout === "chw" ? "planar-rgb" : (pixelFormats[channels - 1] as PixelFormat),
    orientation: 1,
  };
}
