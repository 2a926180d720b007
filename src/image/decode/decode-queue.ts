/** Images that are decoded at once: as many as libuv has threads for sharp. */
const concurrency = Math.max(1, Number(process.env.UV_THREADPOOL_SIZE) || 4);
let running = 0;
const waiting = new Set<() => void>();

/**
 * Runs `task` when it is its turn, in the order of the calls. A task that still waits when the signal is
 * aborted is never run.
 *
 * @throws the signal's reason.
 */
export async function inTurn<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  if (running >= concurrency) await turn(signal);
  else running += 1;
  try {
    return await task();
  } finally {
    const next = firstOf(waiting);
    if (next === undefined) running -= 1;
    else next();
  }
}

/** Resolves when another task has ended, in whose place this one runs. */
function turn(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.delete(begin);
      reject(signal.reason);
    };
    const begin = () => {
      waiting.delete(begin);
      signal.removeEventListener("abort", leave);
      resolve();
    };
    waiting.add(begin);
    signal.addEventListener("abort", leave, { once: true });
  });
}

function firstOf<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}
