import { PixtokError, type PixtokErrorCode } from "../shared/errors.js";
import { isTransientFault, machineFault } from "../shared/machine-fault.js";

/** EX_TEMPFAIL of sysexits.h. */
export const TRY_AGAIN = 75;

const temporary: ReadonlySet<PixtokErrorCode> = new Set<PixtokErrorCode>([
  "PACK_IN_USE",
  "HUB_UNREACHABLE",
]);

/** Exit code of `attest` where this machine gives other numbers than the lock. */
export const DIFFERS = 3;

/** 1 for what will fail again; another code for what may do better later, for scripts to tell them apart. */
export function exitCodeOf(error: unknown): number {
  const fault = error instanceof PixtokError ? error : machineFault(error);
  if (fault === null) return 1;
  return isTransientFault(fault) || temporary.has(fault.code) ? TRY_AGAIN : 1;
}
