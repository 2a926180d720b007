import { join } from "node:path";
import { writing } from "../shared/unwritable-file.js";
import { exclusively } from "./exclusive-work.js";

/** Claimed for the moment in which the folder is looked at and files of the set are claimed. */
export const FOLDER_CLAIM = "pack";

/**
 * Does what only one process may do in a folder at a time: others take unfinished files without a claim for what was left.
 *
 * @throws {PixtokError} FILE_UNWRITABLE, or a fault of the machine; PACK_IN_USE where another one does not finish.
 */
export function aloneIn<T>(
  folder: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  return writing(folder, () => exclusively(join(folder, FOLDER_CLAIM), signal, work));
}
