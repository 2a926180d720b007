import { existsSync } from "node:fs";
import { PixtokError, type SampleOrigin } from "./errors.js";
import { FileRefusal } from "./file-refusal.js";
import { machineFault } from "./machine-fault.js";
import { isNoRegularFile } from "./no-regular-file.js";

/**
 * The error for what the file system says: a fault of the machine (STORAGE_FAILED, …), FILE_NOT_FOUND, NOT_A_FILE
 * or FILE_UNREADABLE.
 */
export function unreadableFile(
  path: string,
  cause: unknown,
  origin: Pick<SampleOrigin, "index"> = {},
): PixtokError {
  if (cause instanceof FileRefusal) {
    return new PixtokError(cause.code, cause.message, { ...origin, source: path, cause });
  }
  if (isNoRegularFile(cause)) return notRegularFile(path, cause, origin);
  const fault = machineFault(cause, { ...origin, source: path });
  if (fault !== null) return fault;
  if (isListedFile(path, cause)) {
    const advice = "give a folder, such as the one that it is in";
    const message = "this is a file, and a folder was expected";
    return new PixtokError("FILE_NOT_FOUND", message, { ...origin, source: path, cause, advice });
  }
  const missing = isMissing(cause);
  return new PixtokError(
    missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE",
    missing ? "no such file" : `the file cannot be read: ${(cause as Error).message}`,
    { ...origin, source: path, cause },
  );
}

function notRegularFile(path: string, cause: unknown, origin: Pick<SampleOrigin, "index">) {
  return new PixtokError("NOT_A_FILE", "this is not a regular file", {
    ...origin,
    source: path,
    cause,
  });
}

/** Whether a file was listed as a folder is. Below a file there is nothing, which is the same error. */
function isListedFile(path: string, cause: unknown): boolean {
  const { code, syscall } = cause as NodeJS.ErrnoException;
  return code === "ENOTDIR" && (syscall === "scandir" || syscall === "opendir") && existsSync(path);
}

/** Whether an error of the file system says that there is nothing at a path. */
export function isMissing(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Whether it is the file system that does not read, and not what was read that is wrong. */
export function isOfFileSystem(cause: unknown): boolean {
  return cause instanceof FileRefusal || (cause instanceof Error && "syscall" in cause);
}
