import { constants, type StatsBase } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { shownPath } from "./byte-name.js";
import { PixtokError, type SampleOrigin } from "./errors.js";
import { unreadableFile } from "./unreadable-file.js";

/** A pipe must not hold a thread before it is known not to be a file. Windows has no such flag. */
export const OPEN_FOR_READING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** @throws {PixtokError} NOT_A_FILE */
export function requireRegular(
  information: Pick<StatsBase<unknown>, "isFile" | "isDirectory">,
  path: string | Buffer,
  origin: Pick<SampleOrigin, "index"> = {},
): void {
  if (information.isFile()) return;
  throw new PixtokError(
    "NOT_A_FILE",
    information.isDirectory() ? "this is a folder, not a file" : "this is not a regular file",
    { ...origin, source: shownPath(path) },
  );
}

/**
 * Opens a file for reading; the caller closes it. What is no regular file is refused, as reading a pipe
 * or a device may never end.
 *
 * @throws {PixtokError} FILE_NOT_FOUND, NOT_A_FILE, FILE_UNREADABLE, or a fault of the machine.
 */
export async function openRegularFile(
  path: string | Buffer,
  origin: Pick<SampleOrigin, "index"> = {},
): Promise<{ file: FileHandle; size: number }> {
  const file = await open(path, OPEN_FOR_READING).catch((cause) => {
    throw unreadableFile(shownPath(path), cause, origin);
  });
  try {
    const information = await file.stat();
    requireRegular(information, path, origin);
    return { file, size: information.size };
  } catch (cause) {
    await file.close();
    throw cause instanceof PixtokError ? cause : unreadableFile(shownPath(path), cause, origin);
  }
}

/**
 * All bytes of a file.
 *
 * @throws {PixtokError} as openRegularFile(), and FILE_TOO_LARGE above `maxBytes`.
 */
export async function readRegularFile(
  path: string | Buffer,
  maxBytes: number,
  origin: Pick<SampleOrigin, "index"> = {},
): Promise<Buffer> {
  const { file, size } = await openRegularFile(path, origin);
  try {
    if (size > maxBytes) {
      throw new PixtokError(
        "FILE_TOO_LARGE",
        `the file has ${size} bytes; at most ${maxBytes} are read`,
        {
          ...origin,
          source: shownPath(path),
        },
      );
    }
    return await file.readFile();
  } catch (cause) {
    throw cause instanceof PixtokError ? cause : unreadableFile(shownPath(path), cause, origin);
  } finally {
    await file.close();
  }
}
