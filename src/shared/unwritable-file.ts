import { PixtokError } from "./errors.js";
import { machineFault } from "./machine-fault.js";
import { isOfFileSystem } from "./unreadable-file.js";

/** What the system says against writing a file: FILE_UNWRITABLE, or a fault of the machine. */
export function unwritableFile(path: string, cause: unknown): PixtokError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const full = code === "ENOSPC" || code === "EDQUOT";
  const fault = full ? null : machineFault(cause, { source: path });
  if (fault !== null) return fault;
  const reason = full ? "there is no room left on the disk" : message;
  return new PixtokError("FILE_UNWRITABLE", reason, {
    ...{ source: path, cause },
    ...(full && { advice: "free some, or write to another disk" }),
  });
}

/** Does work that writes a file. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw isOfFileSystem(cause) ? unwritableFile(path, cause) : cause;
  }
}
