import { PixtokError } from "../shared/errors.js";
import type { PackPlace } from "../sources/packed/pack-place.js";

/**
 * As textIfThere(), and undefined where a folder has a file that cannot be read: it is written anew. A server that does not give one is
 * another matter, as it may be there.
 */
export async function textIfReadable(
  place: Pick<PackPlace, "text">,
  file: string,
): Promise<string | undefined> {
  try {
    return await textIfThere(place, file);
  } catch (error) {
    if (error instanceof PixtokError && error.code.startsWith("REMOTE_")) throw error;
    return undefined;
  }
}

/** The text of a small file; undefined where there is none. */
export async function textIfThere(
  place: Pick<PackPlace, "text">,
  file: string,
): Promise<string | undefined> {
  try {
    return await place.text(file);
  } catch (error) {
    const isAway = error instanceof PixtokError && /^(FILE|REMOTE)_NOT_FOUND$/.test(error.code);
    if (isAway) return undefined;
    throw error;
  }
}
