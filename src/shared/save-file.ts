import { writeFile } from "node:fs/promises";
import { writeAtomically } from "./atomic-file.js";
import { writing } from "./unwritable-file.js";

/**
 * Writes a file that a user asked for, whole or not at all. Its folder is made where there is none.
 *
 * @param flush whether it is on the disk before it has its name: else a machine that fails may leave one of no bytes. Default
 *   false.
 * @throws {PixtokError} FILE_UNWRITABLE, or a fault of the machine.
 */
export function saveFile(
  path: string,
  content: string | Uint8Array,
  { flush = false }: { flush?: boolean } = {},
): Promise<void> {
  const write = (temporary: string) => writeFile(temporary, content, { flush });
  return writing(path, () => writeAtomically(path, write));
}
