import { createRequire } from "node:module";
import type { Sharp, SharpInput, SharpOptions } from "sharp";
import { PixtokError } from "../shared/errors.js";
import { requireDescriptors } from "../shared/when-loaded.js";

type SharpLibrary = typeof import("sharp").default;

let loaded: SharpLibrary | undefined;

/**
 * Loaded when it is first wanted: that takes long, and most data sets never want it.
 *
 * @throws {PixtokError} DECODER_NOT_FOUND, OUT_OF_FILE_DESCRIPTORS
 */
function library(): SharpLibrary {
  if (loaded !== undefined) return loaded;
  try {
    loaded = createRequire(import.meta.url)("sharp") as SharpLibrary;
  } catch (cause) {
    requireDescriptors(cause);
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new PixtokError(
      "DECODER_NOT_FOUND",
      `sharp, which pixtok depends on, cannot be loaded (${reason}); install pixtok again`,
      { cause },
    );
  }
  return loaded;
}

/**
 * An image that sharp reads or makes.
 *
 * @throws {PixtokError} DECODER_NOT_FOUND where sharp cannot be loaded.
 */
export function sharp(options: SharpOptions): Sharp;
export function sharp(input: SharpInput, options: SharpOptions): Sharp;
export function sharp(...parameters: [SharpOptions] | [SharpInput, SharpOptions]): Sharp {
  return library()(...(parameters as [SharpInput, SharpOptions]));
}

/** "not found" where it cannot be loaded. */
export function sharpVersion(): string {
  try {
    return library().versions.sharp ?? "unknown";
  } catch (error) {
    if (error instanceof PixtokError && error.code === "DECODER_NOT_FOUND") return "not found";
    throw error;
  }
}
