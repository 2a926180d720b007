import { PixtokError } from "../shared/errors.js";
import type { PackPlace } from "../sources/packed/pack-place.js";

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
