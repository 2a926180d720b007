import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { PixtokError } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import { isMissing, unreadableFile } from "../shared/unreadable-file.js";
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

/** Files that are looked at at the same time. */
const LOOKED_AT_ONCE = 16;

const GONE = { ino: -1, mtimeMs: -1, size: -1 };

/** Tells files from those that are in their places later. */
async function stampsOf(
  folder: string,
  found: readonly { name: string }[],
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const stamps = new Float64Array(3 * found.length);
  for (let first = 0; first < found.length; first += LOOKED_AT_ONCE) {
    signal?.throwIfAborted();
    const some = found.slice(first, first + LOOKED_AT_ONCE).map(({ name }) => join(folder, name));
    const looks = some.map((path) =>
      stat(path).catch((cause) => {
        if (isMissing(cause)) return GONE;
        throw unreadableFile(path, cause);
      }),
    );
    for (const [i, { ino, mtimeMs, size }] of (await Promise.all(looks)).entries()) {
      stamps.set([ino, mtimeMs, size], 3 * (first + i));
    }
  }
  return stamps;
}

/**
 * Writes the index of a set of many files where all are there, and it is not, or is damaged. Of several processes that end at
 * the same time each may make it: it is the same. Where a file has been replaced since it was looked at, nothing is written: who
 * replaces one makes the index. A folder that may not be written to stays without one.
 *
 * @throws {PixtokError} a fault of the machine; and where the files are not those of one set.
 * @throws the signal's reason, once it is aborted.
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
    return found.length === files && (await isIndexWanted(folder)) ? found : undefined;
  };
  const found = await whole();
  if (found === undefined) return;
  const stamps = await stampsOf(folder, found, signal);
  const index = await indexOfFiles(folder, found, signal);
  const isStill = async () => {
    const now = await whole();
    return now !== undefined && isDeepStrictEqual(await stampsOf(folder, now, signal), stamps);
  };
  try {
    await aloneIn(folder, signal, async () => {
      if (await isStill()) await savePackIndex(folder, index);
    });
  } catch (error) {
    if (!(error instanceof PixtokError) || error.code !== "FILE_UNWRITABLE") throw error;
  }
}
