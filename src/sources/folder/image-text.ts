import { shownPath } from "../../shared/byte-name.js";
import { PixtokError } from "../../shared/errors.js";
import { IS_LFS_POINTER, isGitLfsPointer } from "../../shared/git-lfs-pointer.js";
import { readRegularFile } from "../../shared/regular-file.js";
import { decodeTextFile, NotText } from "../text-encoding.js";

/** A longer one is no text of an image. */
const MOST_BYTES = 2 ** 26;

/**
 * The text in a file beside an image, without white space around it.
 *
 * @throws {PixtokError} FILE_NOT_FOUND, NOT_A_FILE, FILE_UNREADABLE, FILE_TOO_LARGE, a fault of the machine;
 *   INVALID_TEXT where it is none.
 */
export async function readImageText(path: string | Buffer, index: number): Promise<string> {
  const bytes = await readRegularFile(path, MOST_BYTES, { index });
  const invalid = (message: string, cause?: unknown) =>
    new PixtokError("INVALID_TEXT", message, { index, source: shownPath(path), cause });
  if (isGitLfsPointer(bytes)) throw invalid(IS_LFS_POINTER);
  try {
    return decodeTextFile(bytes).trim();
  } catch (cause) {
    throw cause instanceof NotText ? invalid(cause.message, cause) : cause;
  }
}
