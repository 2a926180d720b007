import { createRequire } from "node:module";
import { PixtokError } from "../shared/errors.js";
import type { NativeAddon } from "./addon.js";
import { findAddon, missingAddon } from "./platform-package.js";

const require = createRequire(import.meta.url);

let loaded: NativeAddon | undefined;

/** @throws {PixtokError} ADDON_NOT_FOUND */
export function nativeAddon(): NativeAddon {
  if (loaded !== undefined) return loaded;
  const path = findAddon();
  if (path === undefined) throw new PixtokError("ADDON_NOT_FOUND", missingAddon());
  try {
    loaded = require(path) as NativeAddon;
  } catch (cause) {
    throw new PixtokError(
      "ADDON_NOT_FOUND",
      `the native addon cannot be loaded: ${String(cause)}`,
      { source: path, cause },
    );
  }
  return loaded;
}
