import { setTimeout as sleep } from "node:timers/promises";
import { PixtokError, type PixtokErrorCode } from "../shared/errors.js";

const RETRY_DELAYS_MS = [200, 600];

const worthRetrying: readonly PixtokErrorCode[] = ["HUB_UNREACHABLE", "HUB_CORRUPT_FILE"];

export async function withRetries<T>(ask: () => Promise<T>): Promise<T> {
  for (const delay of RETRY_DELAYS_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof PixtokError) || !worthRetrying.includes(error.code)) throw error;
    }
    await sleep(delay);
  }
  return ask();
}
