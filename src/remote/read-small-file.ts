import { neverAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { bodyChunks } from "./body-chunks.js";
import { corrupt } from "./remote-errors.js";
import { shownUrl } from "./remote-location.js";
import type { ServerSettings } from "./remote-options.js";
import { requestFile } from "./remote-request.js";
import { withRetries } from "./remote-retries.js";
import { stayAlive } from "./stay-alive.js";

/**
 * All bytes of a remote file, into memory.
 *
 * @throws {PixtokError} FILE_TOO_LARGE above `mostBytes`, and those of servers.
 */
export function readSmallFile(
  url: string,
  mostBytes: number,
  settings: ServerSettings,
  signal: AbortSignal = neverAborted,
): Promise<Buffer> {
  const source = shownUrl(url);
  const tooLarge = (bytes: string) =>
    new PixtokError(
      "FILE_TOO_LARGE",
      `the file has ${bytes} bytes; at most ${mostBytes} are read`,
      {
        source,
      },
    );
  const read = async (): Promise<Buffer> => {
    const { body, size } = await requestFile(url, undefined, settings, signal);
    if (size !== undefined && size > mostBytes) {
      body.destroy();
      throw tooLarge(String(size));
    }
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of bodyChunks(source, body, settings.timeoutSeconds)) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > mostBytes) throw tooLarge(`more than ${mostBytes}`);
    }
    if (size === undefined || bytes === size) return Buffer.concat(pieces);
    throw corrupt(source, `${bytes} of ${size} bytes came`);
  };
  return stayAlive(withRetries(settings.remoteRetries, signal, read));
}
