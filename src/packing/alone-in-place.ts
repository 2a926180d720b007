import { writing } from "../shared/unwritable-file.js";
import { exclusively } from "./exclusive-work.js";
import { takenOver } from "./pack-in-use.js";
import type { PackTarget } from "./pack-target.js";

/** Claimed for the moment in which the place is looked at and files of the set are claimed. */
export const PLACE_CLAIM = "pack";

/**
 * Does what only one process may do in a place at a time: others take unfinished files without a claim for what was left.
 *
 * @throws {PixtokError} FILE_UNWRITABLE, or a fault of the machine or of a server; PACK_IN_USE where another one does not finish.
 * @param work is to require that the place is still claimed before it replaces or removes what others may have written.
 */
export function aloneIn<T>(
  { name, claims }: Pick<PackTarget, "name" | "claims">,
  signal: AbortSignal | undefined,
  work: (requireHeld: () => Promise<void>) => Promise<T>,
): Promise<T> {
  return writing(name, () =>
    exclusively(claims, PLACE_CLAIM, name, signal, (claim) =>
      work(async () => {
        if (!(await claim.isHeld())) throw takenOver(name);
      }),
    ),
  );
}
