/** What setInterval takes. */
const LONG_MS = 2 ** 31 - 1;

/**
 * The result of work that by itself keeps no process alive, as fetching ahead does not: somebody waits for
 * it now.
 */
export async function stayAlive<T>(work: Promise<T>): Promise<T> {
  const alive = setInterval(() => {}, LONG_MS);
  try {
    return await work;
  } finally {
    clearInterval(alive);
  }
}
