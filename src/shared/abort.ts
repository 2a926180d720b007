import { setMaxListeners } from "node:events";

/** The signal of work that nobody ends. */
export const neverAborted: AbortSignal = new AbortController().signal;
setMaxListeners(0, neverAborted);

/** A signal that ends some work, for those who start the work. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Ends the work. Without a reason it is an AbortError. */
  abort(reason?: unknown): void;
  /** Lets go of the signal that it follows, once the work is done. */
  unlink(): void;
}

/** A stop that `parent` aborts too, with its own reason. */
export function stopWith(parent?: AbortSignal): Stop {
  const controller = new AbortController();
  const { signal } = controller;
  // every pair of a batch may listen
  setMaxListeners(0, signal);
  const follow = () => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  return {
    signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => parent?.removeEventListener("abort", follow),
  };
}

/**
 * The result of `work`, or else the signal's reason at once: the work of a user may never settle. A
 * rejection after that is ignored.
 */
export function untilAborted<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    const letGo = () => signal.removeEventListener("abort", stop);
    work.then(
      (result) => {
        letGo();
        resolve(result);
      },
      (error) => {
        letGo();
        reject(error);
      },
    );
  });
}
