import { PixtokError, type PixtokErrorCode } from "pixtok";

/** What the same job may do better later. "pixtok pack" ends with code 75 for these. */
const mayPass = new Set<PixtokErrorCode>([
  "PACK_IN_USE",
  "STORAGE_FAILED",
  "OUT_OF_MEMORY",
  "OUT_OF_FILE_DESCRIPTORS",
  "REMOTE_UNREACHABLE",
  "REMOTE_CORRUPT_FILE",
  "HUB_UNREACHABLE",
  "HUB_CORRUPT_FILE",
]);

/** A file could not be written, for a reason of the system that the error has as its cause. */
const unwritable = new Set<PixtokErrorCode>(["FILE_UNWRITABLE", "HUB_CACHE_UNWRITABLE"]);

/** Reasons of the system that may pass: the disk is full, storage fails, or the process has too much open. */
const mayPassForSystem = new Set([
  ...["ENOSPC", "EDQUOT", "EIO", "ESTALE", "ENXIO", "ENODEV", "ENOLINK", "ENOTCONN", "EREMOTEIO"],
  ...["ETIMEDOUT", "EHOSTDOWN", "EAGAIN", "EINTR", "EMFILE", "ENFILE", "ENOMEM"],
]);

export function isTemporary(error: unknown): boolean {
  if (!(error instanceof PixtokError)) return false;
  if (mayPass.has(error.code)) return true;
  const { code = "" } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return unwritable.has(error.code) && mayPassForSystem.has(code);
}
