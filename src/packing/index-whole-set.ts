import { join } from "node:path";
import { fileExists } from "../shared/file-exists.js";
import { indexOfFiles } from "../sources/packed/index-of-files.js";
import { FEW_FILES, INDEX_NAME } from "../sources/packed/pack-format.js";
import { savePackIndex } from "../sources/packed/pack-index.js";
import { packedFilesIn } from "../sources/packed/packed-folder.js";

/**
 * Writes the index of a set of many files where all are there, and it is not. Of several processes that end at the same time
 * each may write it: it is the same.
 *
 * @throws {PixtokError} FILE_UNWRITABLE, a fault of the machine; and where the files are not those of one set.
 */
export async function indexWholeSet(folder: string, files: number): Promise<void> {
  if (files <= FEW_FILES) return;
  const found = await packedFilesIn(folder);
  if (found.length < files || (await fileExists(join(folder, INDEX_NAME)))) return;
  await savePackIndex(folder, await indexOfFiles(folder, found));
}
