import { imageLabel } from "../image/image-input.js";
import { keyOf, type Pair } from "../sources/pair-source.js";

/** What a pair is called, in a batch and in errors. */
export function namesOf(pair: Pair, index: number): { key: string; source: string } {
  const key = keyOf(pair, index);
  const { image, origin } = pair;
  if (origin !== undefined) return { key, source: origin };
  if (typeof image === "string") return { key, source: image };
  const file = imageLabel(image);
  if (pair.key === undefined) return { key, source: file };
  // several images are in one file, or images are in memory: only the pair's own name distinguishes them
  const inFile = typeof image === "object" && "path" in image;
  return { key, source: inFile ? `${file}: ${key}` : key };
}
