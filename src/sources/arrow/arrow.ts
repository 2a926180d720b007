import { whenLoaded } from "../../shared/when-loaded.js";
import type { PairSource } from "../pair-source.js";
import type { ArrowOptions } from "./arrow-options.js";

/**
 * Pairs of Arrow files, as `Dataset.save_to_disk()` of Hugging Face's `datasets` and its cache have them. They are mapped
 * into memory: they must not be made shorter while they are in use. Rows and images are read where they are.
 *
 * @param files paths or URLs, of tables with the same columns, or patterns of these.
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE, EMPTY_FILE, FILE_TOO_LARGE; INVALID_ARROW; those of servers,
 *   which begin with REMOTE_ and HUB_.
 */
export async function openArrow(
  files: string | URL | readonly (string | URL)[],
  options: ArrowOptions = {},
): Promise<PairSource> {
  // its readers are only loaded when they are needed
  const { openArrowSource } = await whenLoaded(import("./arrow-source.js"));
  return openArrowSource(files, options);
}
