import { PixtokError } from "../shared/errors.js";
import type { FoundClaim } from "../shared/found-claims.js";

/**
 * The error for what another process has claimed.
 *
 * @param what it does.
 */
export function inUse(
  folder: string,
  { text }: FoundClaim,
  what = "packing the same files",
): PixtokError {
  const who = text === null ? "another process" : `process ${text.pid} on ${text.host}`;
  return new PixtokError("PACK_IN_USE", `${who} is ${what}`, { source: folder });
}

/** The error for files whose claim another process has taken over. */
export function takenOver(folder: string): PixtokError {
  const message = "another process has taken its work over";
  return new PixtokError("PACK_IN_USE", message, { source: folder });
}
