import { PixtokError, type PixtokErrorCode } from "../shared/errors.js";
import { isTransientFault, machineFault } from "../shared/machine-fault.js";

/** EX_TEMPFAIL of sysexits.h. */
export const TRY_AGAIN = 75;

const temporary: ReadonlySet<PixtokErrorCode> = new Set<PixtokErrorCode>([
  "PACK_IN_USE",
  "HUB_UNREACHABLE",
  "HUB_CORRUPT_FILE",
  "REMOTE_CORRUPT_FILE",
]);

/** A file cannot be written. Its cause says why: a full disk may pass, a folder without permission will not. */
const ofWriting: ReadonlySet<PixtokErrorCode> = new Set<PixtokErrorCode>([
  "FILE_UNWRITABLE",
  "HUB_CACHE_UNWRITABLE",
]);

/** Exit code of `attest` where this machine gives other numbers than the lock. */
export const DIFFERS = 3;

/** Whether there may be another outcome without another command or other data. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof PixtokError)) {
    // it may be one of pixtok's behind another error, which need not pass
    const fault = machineFault(error);
    return fault !== null && mayPass(fault);
  }
  if (isTransientFault(error) || temporary.has(error.code)) return true;
  return ofWriting.has(error.code) && mayPass(error.cause);
}

/** 1 for what will fail again; another code for what may do better later, for scripts to tell them apart. */
export function exitCodeOf(error: unknown): number {
  return mayPass(error) ? TRY_AGAIN : 1;
}
