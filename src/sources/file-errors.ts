import { PixtokError } from "../errors.js";

/** A file or folder of a data set that the system does not read. */
export function unreadable(path: string, cause: unknown): PixtokError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const missing = code === "ENOENT" || code === "ENOTDIR";
  return new PixtokError(
    missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE",
    missing ? "no such file" : `the file cannot be read: ${message}`,
    { source: path, cause },
  );
}

/** Whether it is the system that does not read, and not what was read that is wrong. */
export function isSystemError(cause: unknown): boolean {
  return cause instanceof Error && "syscall" in cause;
}
