import { stat } from "node:fs/promises";
import { PixtokError } from "./errors.js";
import { isMachineFault } from "./machine-fault.js";
import { unreadableFile } from "./unreadable-file.js";

/** What is another one when a file has been written again. */
export interface FileVersion {
  /** In bytes. */
  readonly size: number;
  /** When it was written last, in nanoseconds since 1970. */
  readonly modified: bigint;
}

export function versionOf({
  size,
  mtimeNs,
}: {
  readonly size: bigint;
  readonly mtimeNs: bigint;
}): FileVersion {
  return { size: Number(size), modified: mtimeNs };
}

export function sameVersion(a: FileVersion, b: FileVersion): boolean {
  return a.size === b.size && a.modified === b.modified;
}

/** The error for a file that is not what it was when it was opened. */
export function changedFile(path: string): PixtokError {
  return new PixtokError("SOURCE_CHANGED", "the file has been changed since it was opened", {
    source: path,
  });
}

/** What is wrong with a file that was there, and therefore no fault of a row's: it has the index that `cause` has. */
export function goneFile(path: string, cause: PixtokError): PixtokError {
  if (isMachineFault(cause)) return cause;
  const what = "the file was there and can no longer be read";
  return new PixtokError("SOURCE_CHANGED", what, { source: path, index: cause.index, cause });
}

/**
 * Looks at a file, whose content may be kept in memory or be read by native threads.
 *
 * @throws {PixtokError} SOURCE_CHANGED where it is not what it was when it was opened; a fault of the machine.
 */
export async function requireVersion(path: string, version: FileVersion): Promise<void> {
  const found = await stat(path, { bigint: true }).catch((cause) => {
    throw goneFile(path, unreadableFile(path, cause));
  });
  if (!sameVersion(versionOf(found), version)) throw changedFile(path);
}
