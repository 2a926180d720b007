import { setTimeout as sleep } from "node:timers/promises";
import { PixtokError } from "../shared/errors.js";
import { waitOf } from "./remote-errors.js";

/** Before the first time that something is asked again; each later wait is three times the one before. */
const FIRST_WAIT_MS = 200;
const MOST_WAIT_MS = 20_000;
/** Longer than this no server is waited for. */
const MOST_ASKED_WAIT_MS = 120_000;

/** A name that no server has is that of none a moment later, either. */
function isUnknownHost({ cause }: PixtokError): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === "ENOTFOUND";
}

/**
 * Asks again where an answer did not come or was not whole, with waits that grow, and as long as the server
 * wants. Nothing of it keeps the process alive.
 *
 * @param ask is told how often it has been called. Progress that it notes makes the count start anew.
 */
export async function withRetries<T>(
  retries: number,
  signal: AbortSignal,
  ask: (progress: () => void) => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask(() => {
        tries = 0;
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PixtokError) || tries >= retries) throw error;
      if (error.code !== "REMOTE_UNREACHABLE" && error.code !== "REMOTE_CORRUPT_FILE") throw error;
      if (isUnknownHost(error)) throw error;
      const asked = waitOf(error) ?? 0;
      if (asked > MOST_ASKED_WAIT_MS) throw error;
      const own = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 3 ** tries) * (0.75 + 0.5 * Math.random());
      await sleep(Math.max(asked, own), undefined, { signal, ref: false });
    }
  }
}
