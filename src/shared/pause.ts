import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits for so many milliseconds.
 *
 * @throws the signal's reason, once it is aborted: Node's own wait throws another error, which has that as its cause.
 */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { ...(signal && { signal }) }).catch(() => {});
  signal?.throwIfAborted();
}
