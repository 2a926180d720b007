import type { ClaimPlace } from "../shared/claim-place.js";
import { type Claim, tryClaimAt } from "../shared/claims.js";
import { pause } from "../shared/pause.js";
import { inUse } from "./pack-in-use.js";

/** How long one process may do what is only a moment's work. */
const MOST_WAIT_MS = 60_000;

/**
 * Does work that only one process may do at a time.
 *
 * @param name that is claimed for as long.
 * @param where the work is done, for people.
 * @throws {PixtokError} PACK_IN_USE where another one does not finish.
 * @throws the signal's reason, once it is aborted.
 */
export async function exclusively<T>(
  claims: ClaimPlace,
  name: string,
  where: string,
  signal: AbortSignal | undefined,
  work: (claim: Claim) => Promise<T>,
): Promise<T> {
  let waitingFor: { token: string | undefined; since: number } | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const got = await tryClaimAt(claims, name, "", signal);
    if ("claim" in got) {
      const { claim } = got;
      const result = await work(claim).catch(async (error: unknown) => {
        await claim.release().catch(() => {}); // what was wrong first is what is said
        throw error;
      });
      await claim.release();
      return result;
    }
    const now = performance.now();
    const token = got.other.text?.token;
    if (waitingFor?.token !== token) waitingFor = { token, since: now };
    if (waitingFor !== undefined && now - waitingFor.since > MOST_WAIT_MS) {
      throw inUse(where, got.other);
    }
    await pause(claims.pollMs * (1 + 3 * Math.random()), signal);
  }
}
