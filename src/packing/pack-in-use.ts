import { PixtokError } from "../shared/errors.js";
import type { FoundClaim } from "../shared/found-claims.js";

/** The error for what another process has claimed. */
export function inUse(folder: string, { text }: FoundClaim): PixtokError {
  const who = text === null ? "another process" : `process ${text.pid} on ${text.host}`;
  return new PixtokError("PACK_IN_USE", `${who} is packing the same files`, { source: folder });
}

/** The error for files whose claim another process has taken over. */
export function takenOver(folder: string): PixtokError {
  const message = "another process has taken its work over";
  return new PixtokError("PACK_IN_USE", message, { source: folder });
}
