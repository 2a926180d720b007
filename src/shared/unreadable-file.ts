import { PixtokError, type SampleOrigin } from "./errors.js";
import { machineFault } from "./machine-fault.js";

/**
 * Of what the file system says: a fault of the machine (STORAGE_FAILED, …), FILE_NOT_FOUND or
 * FILE_UNREADABLE.
 */
export function unreadableFile(
  path: string,
  cause: unknown,
  origin: Pick<SampleOrigin, "index"> = {},
): PixtokError {
  const fault = machineFault(cause, { ...origin, source: path });
  if (fault !== null) return fault;
  const { code } = cause as NodeJS.ErrnoException;
  const missing = code === "ENOENT" || code === "ENOTDIR";
  return new PixtokError(
    missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE",
    missing ? "no such file" : `the file cannot be read: ${(cause as Error).message}`,
    { ...origin, source: path, cause },
  );
}

/** Whether it is the file system that does not read, and not what was read that is wrong. */
export function isOfFileSystem(cause: unknown): boolean {
  return cause instanceof Error && "syscall" in cause;
}
