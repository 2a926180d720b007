import { whenLoaded } from "../../shared/when-loaded.js";
import type { PairSource } from "../pair-source.js";
import type { ParquetOptions } from "./parquet-options.js";

/**
 * Pairs of Parquet files as the Hugging Face hub has them. Of each file the footer is read, and row groups
 * when something in them is asked for. What the footers of many files say is kept beside the first of them, as `PATH.idx`, else
 * in `cacheDir`. What is wrong with a row, or with all of a row group, is an error of those rows'.
 *
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} FILE_NOT_FOUND, NOT_A_FILE, FILE_UNREADABLE; INVALID_PARQUET where a file is no Parquet file,
 *   is cut short, or has no such columns, or where there are no rows. Rows that are read where an index proves to be of other
 *   files throw SOURCE_CHANGED.
 */
export async function openParquet(
  files: string | URL | readonly (string | URL)[],
  options: ParquetOptions = {},
): Promise<PairSource> {
  // its readers are only loaded when they are needed
  const { openParquetSource } = await whenLoaded(import("./parquet-source.js"));
  return openParquetSource(files, options);
}
