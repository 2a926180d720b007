import { whenLoaded } from "../../shared/when-loaded.js";
import type { PairSource } from "../pair-source.js";
import type { ManifestOptions } from "./manifest-options.js";

/**
 * Pairs of a file with a row for each: JSON Lines, or CSV or TSV with a header, quoted as RFC 4180 has
 * it. Where rows begin is kept beside a file of 4 MiB and more, as `PATH.idx`, else in `cacheDir`; rows
 * are read when they are asked for.
 * JSON that is one array, or one object of texts by image, is kept in memory. What is wrong with a single
 * row is an error of that row's. Images may be URLs.
 *
 * @param path of the manifest, or its URL.
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} FILE_NOT_FOUND, NOT_A_FILE, FILE_UNREADABLE; INVALID_MANIFEST where there are no rows
 *   or no such columns. Rows that are read after the file has been changed throw SOURCE_CHANGED.
 */
export async function openManifest(
  path: string | URL,
  options: ManifestOptions = {},
): Promise<PairSource> {
  // its readers are only loaded when they are needed
  const { openManifestSource } = await whenLoaded(import("./manifest-source.js"));
  return openManifestSource(path, options);
}
