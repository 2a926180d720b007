import { PixtokError } from "../shared/errors.js";
import { readSmallFile } from "./read-small-file.js";
import type { RemoteFile } from "./remote-file.js";
import type { RemoteSettings } from "./remote-options.js";

/**
 * A small file beside another one that is of use and can be done without; undefined where there is none, or it
 * cannot be had.
 *
 * @param ending of the file's URL, in whose place the other one has `other`.
 */
export async function remoteNeighbour(
  { url, isListed }: RemoteFile,
  ending: RegExp,
  other: string,
  mostBytes: number,
  settings: RemoteSettings,
): Promise<Buffer | undefined> {
  const there = url.replace(ending, other);
  if (there === url || !isListed(there)) return undefined;
  return readSmallFile(there, mostBytes, settings).catch((error) => {
    if (error instanceof PixtokError) return undefined;
    throw error;
  });
}
