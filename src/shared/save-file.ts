import { writeFile } from "node:fs/promises";
import { writeAtomically } from "./atomic-file.js";
import { writing } from "./unwritable-file.js";

/**
 * Writes a file that a user asked for, whole or not at all. Its folder is made where there is none.
 *
 * @throws {PixtokError} FILE_UNWRITABLE, or a fault of the machine.
 */
export function saveFile(path: string, content: string | Uint8Array): Promise<void> {
  return writing(path, () => writeAtomically(path, (temporary) => writeFile(temporary, content)));
}
