import type { PixtokError } from "../shared/errors.js";
import { isTransientFault } from "../shared/machine-fault.js";
import { pause } from "../shared/pause.js";

/** Before the first time that something is tried again; each later wait is four times the one before. */
const FIRST_WAIT_MS = 250;

/**
 * Does work on samples, and again on those that a fault of the machine has kept from being read, with
 * waits that grow.
 *
 * @param attempt gives the failures among the samples that it is called with.
 * @returns failures of samples, and faults of the machine that have stayed.
 * @throws the signal's reason, once it is aborted.
 */
export async function retryFailures<T, F extends { readonly error: PixtokError }>(
  samples: readonly T[],
  { retries, signal }: { retries: number; signal: AbortSignal },
  attempt: (some: readonly T[]) => Promise<readonly F[]>,
  sampleOf: (failure: F) => T,
): Promise<F[]> {
  const failures = [...(await attempt(samples))];
  for (let tries = 0; tries < retries; tries += 1) {
    const again = failures.filter(({ error }) => isTransientFault(error));
    if (again.length === 0) break;
    await pause(FIRST_WAIT_MS * 4 ** tries, signal);
    const left = failures.filter(({ error }) => !isTransientFault(error));
    failures.splice(0, failures.length, ...left, ...(await attempt(again.map(sampleOf))));
  }
  return failures;
}
