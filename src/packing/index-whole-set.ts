import { join } from "node:path";
import { PixtokError } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import { indexOfFiles } from "../sources/packed/index-of-files.js";
import { FEW_FILES, INDEX_NAME } from "../sources/packed/pack-format.js";
import { readPackIndex, savePackIndex } from "../sources/packed/pack-index.js";
import { packedFilesIn } from "../sources/packed/packed-folder.js";
import { aloneIn } from "./pack-folder.js";

/** Whether there is none, or one that is not what was written. */
async function isIndexWanted(folder: string): Promise<boolean> {
  if (!(await fileExists(join(folder, INDEX_NAME)))) return true;
  try {
    await readPackIndex(folder);
    return false;
  } catch (error) {
    if (error instanceof PixtokError && error.code === "INVALID_PACK") return true;
    throw error;
  }
}

/**
 * Writes the index of a set of many files where all are there, and it is not, or is damaged. Of several processes that end at the same time
 * each may make it: it is the same. A folder that may not be written to stays without one.
 *
 * @throws {PixtokError} a fault of the machine; and where the files are not those of one set.
 */
export async function indexWholeSet(
  folder: string,
  files: number,
  signal?: AbortSignal,
): Promise<void> {
  if (files <= FEW_FILES) return;
  /** The files where an index is wanted. */
  const whole = async () => {
    const found = await packedFilesIn(folder);
    const isWanted = found.length === files && (await isIndexWanted(folder));
    return isWanted ? found : undefined;
  };
  const found = await whole();
  if (found === undefined) return;
  const index = await indexOfFiles(folder, found);
  try {
    await aloneIn(folder, signal, async () => {
      if ((await whole()) !== undefined) await savePackIndex(folder, index);
    });
  } catch (error) {
    if (!(error instanceof PixtokError) || error.code !== "FILE_UNWRITABLE") throw error;
  }
}
