import { isObject } from "../../../shared/validation.js";
import type { ConfigReader } from "../config-reader.js";
import type { PixelBudget } from "./target-size.js";

/** Numbers of pixels as `size` has them, in place of edges. */
export function pixelBudget(reader: ConfigReader): PixelBudget {
  const size = reader.get("size");
  const { shortest_edge: least, longest_edge: most } = isObject(size) ? size : {};
  if (typeof least !== "number" || typeof most !== "number" || !(least > 0 && most > 0)) {
    throw reader.expected("size", "{ shortest_edge, longest_edge }, numbers of pixels");
  }
  return { least, most };
}

/** Numbers of pixels as `size` has them by their own names. */
export function areaBudget(reader: ConfigReader): PixelBudget {
  const size = reader.get("size");
  const { min_pixels: least, max_pixels: most } = isObject(size) ? size : {};
  if (typeof least !== "number" || typeof most !== "number" || !(least > 0 && most > 0)) {
    throw reader.expected("size", "{ min_pixels, max_pixels }");
  }
  return { least, most };
}
