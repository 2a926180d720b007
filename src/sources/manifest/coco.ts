import { whenLoaded } from "../../shared/when-loaded.js";
import type { PairSource } from "../pair-source.js";
import type { CocoOptions } from "./coco-options.js";

/**
 * Images of a COCO captions file (`images` and `annotations` with captions), or of Karpathy's (`images` with `sentences`
 * and `split`), each with all of its captions in their order. File names and captions are kept in memory, as bytes; nothing else is. What is
 * wrong with an image is an error of its pair; captions of images that are not there are pairs that
 * cannot be read, after all others.
 *
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; INVALID_MANIFEST where it is no such file.
 */
export async function openCocoCaptions(
  path: string | URL,
  options: CocoOptions = {},
): Promise<PairSource> {
  // its readers are only loaded when they are needed
  const { openCocoSource } = await whenLoaded(import("./coco-source.js"));
  return openCocoSource(path, options);
}
