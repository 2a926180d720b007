import { whenLoaded } from "../../shared/when-loaded.js";
import type { PairSource } from "../pair-source.js";
import type { WebDatasetOptions } from "./webdataset-options.js";

/**
 * Pairs of a WebDataset: tar shards, given as a path or URL, as a pattern such as `data/{000..099}.tar`, or as an
 * array of these. Files that follow each other and have one name up to the first dot are a sample, as in
 * the webdataset library; its image is read by the native threads from within the shard. Where files
 * are is found once and kept beside each shard in an index that DALI reads as well (`000.idx`), unless
 * the folder cannot be written to. What is wrong with a single sample is an error of that sample's, as is
 * a shard that ends early: INVALID_ARCHIVE.
 *
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; INVALID_ARCHIVE where a shard is no tar, or is a
 *   compressed one, or there are no samples in all; of shards that are elsewhere those of servers, which begin
 *   with REMOTE_ and HUB_.
 */
export async function openWebDataset(
  shards: string | URL | readonly (string | URL)[],
  options: WebDatasetOptions = {},
): Promise<PairSource> {
  // its readers are only loaded when they are needed
  const { openWebDatasetSource } = await whenLoaded(import("./webdataset-source.js"));
  return openWebDatasetSource(shards, options);
}
