import { neverAborted } from "../shared/abort.js";
import { bodyChunks } from "./body-chunks.js";
import type { RemoteFacts } from "./remote-answer.js";
import { changed, corrupt } from "./remote-errors.js";
import { shownUrl } from "./remote-location.js";
import type { ServerSettings } from "./remote-options.js";
import { requestFile } from "./remote-request.js";
import { withRetries } from "./remote-retries.js";
import { stayAlive } from "./stay-alive.js";

/**
 * Some bytes of a file on a server that gives parts, into memory.
 *
 * @throws {PixtokError} SOURCE_CHANGED where the file is another than was known, and those of servers.
 */
export function readSpan(
  url: string,
  known: Pick<RemoteFacts, "validator">,
  first: number,
  length: number,
  settings: ServerSettings,
): Promise<Buffer> {
  const source = shownUrl(url);
  const read = async (): Promise<Buffer> => {
    const span = { first, end: first + length };
    const answer = await requestFile(url, span, settings, neverAborted);
    const { body, validator } = answer;
    const isOther =
      known.validator !== undefined && validator !== undefined && validator !== known.validator;
    if (isOther || answer.first !== first) {
      body.destroy();
      throw isOther ? changed(source) : corrupt(source, "the server does not give parts of files");
    }
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of bodyChunks(source, body, settings.timeoutSeconds)) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= length) break;
    }
    if (bytes < length) throw corrupt(source, `${bytes} of ${length} bytes came`);
    return Buffer.concat(pieces).subarray(0, length);
  };
  return length === 0
    ? Promise.resolve(Buffer.alloc(0))
    : stayAlive(withRetries(settings.remoteRetries, neverAborted, read));
}
