import type { Readable } from "node:stream";
import { unreachable } from "./remote-errors.js";

/**
 * What comes of a body, which ends with an error where nothing comes for too long: not every client ends a
 * transfer that stalls. How long the reader takes does not count.
 *
 * @throws {PixtokError} REMOTE_UNREACHABLE
 */
export async function* bodyChunks(
  source: string,
  body: Readable,
  timeoutSeconds: number,
): AsyncGenerator<Buffer> {
  const late = () => body.destroy(new Error(`nothing came for ${timeoutSeconds} seconds`));
  const iterator: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  try {
    while (true) {
      const timer = setTimeout(late, 1000 * timeoutSeconds).unref();
      const next = await iterator
        .next()
        .catch((cause) => {
          throw unreachable(source, cause);
        })
        .finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } finally {
    body.destroy();
  }
}
