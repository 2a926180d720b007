import { createRequire } from "node:module";
import type { Resampler } from "../native/resampler.js";
import { packageVersion, runtimeInfo } from "../native/runtime-info.js";

/** Versions of what prepares images and texts here, by name. */
export function versionsInUse(): Record<string, string> {
  const { decoder, sharp } = runtimeInfo();
  const { version } = createRequire(import.meta.url)("tokenizers/package.json");
  return { pixtok: packageVersion(), [decoder.name]: decoder.version, sharp, tokenizers: version };
}

/** Versions of the Python packages whose numbers are matched. */
export function matchedVersions(resampler: Resampler): Record<string, string> {
  return {
    transformers: "5.24",
    torchvision: "0.29",
    torch: "2.15",
    pillow: resampler === "pillow12" ? "12.3" : "13.0",
    tokenizers: "0.23",
  };
}
