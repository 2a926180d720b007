import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tryClaim } from "../shared/claims.js";
import { inUse } from "./pack-in-use.js";

/** How long one process may do what is only a moment's work. */
const MOST_WAIT_MS = 60_000;

/**
 * Does work that only one process may do at a time.
 *
 * @throws {PixtokError} PACK_IN_USE where another one does not finish.
 */
export async function exclusively<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  let waitingFor: { token: string | undefined; since: number } | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const got = await tryClaim(path, "");
    if ("claim" in got) {
      try {
        return await work();
      } finally {
        await got.claim.release();
      }
    }
    const now = performance.now();
    const token = got.other.text?.token;
    if (waitingFor?.token !== token) waitingFor = { token, since: now };
    if (waitingFor !== undefined && now - waitingFor.since > MOST_WAIT_MS) {
      throw inUse(dirname(path), got.other);
    }
    await sleep(20 + 60 * Math.random(), undefined, { ...(signal && { signal }) });
  }
}
