import { fileURLToPath } from "node:url";
import { PixtokError } from "../shared/errors.js";
import { locationKind } from "../shared/location.js";
import { isMissing } from "../shared/unreadable-file.js";

/** Data of kinds that are not read, each named with what to do. */

const HUB_DATASET = /^hf:\/\/datasets\/([\w.-]+\/[\w.-]+)/i;
const HUB_ID = /^[\w.-]+\/(?![^/]*\.(jsonl?|ndjson|[ct]sv|txt|tar|zip|gz|parquet|arrow)$)[\w.-]+$/i;

function refused(source: string, message: string): PixtokError {
  return new PixtokError("UNKNOWN_SOURCE", message, { source });
}

const downloadOf = (id: string) => `hf download ${id} --repo-type dataset --local-dir FOLDER`;

/**
 * The path that is meant: a `file:` URL's, or what is given.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE for what is elsewhere.
 */
export function requireLocal(source: string): string {
  const kind = locationKind(source);
  if (kind === "path") return source;
  const id = HUB_DATASET.exec(source)?.[1];
  if (id !== undefined) {
    throw refused(source, `a dataset of the hub; download it (${downloadOf(id)}) and open FOLDER`);
  }
  if (kind === "data") throw refused(source, "a data: URL; expected the path of a file or folder");
  if (kind === "url") {
    throw refused(source, "a URL; sources are opened from files: download it and open the file");
  }
  try {
    return fileURLToPath(source);
  } catch (cause) {
    throw refused(source, `this URL is of no file here: ${(cause as Error).message}`);
  }
}

/** What can be said of a path at which there is nothing, beside that. */
export function missingSource(source: string, cause: unknown): PixtokError | undefined {
  if (!isMissing(cause) || !HUB_ID.test(source)) return undefined;
  return new PixtokError(
    "FILE_NOT_FOUND",
    `no such file or folder; where it is a dataset of the hub, download it first: ${downloadOf(source)}`,
    { source, cause },
  );
}

/** @throws {PixtokError} UNKNOWN_SOURCE for archives and other files that have to be turned into others. */
export function requireOpenable(file: string): void {
  if (/\.(tar\.\w+|tgz)$/i.test(file)) {
    throw refused(
      file,
      "it is compressed; unpack it once, to a plain .tar, which is read at random",
    );
  }
  if (/\.(zip|7z|rar|gz|bz2|xz|zst)$/i.test(file)) {
    throw refused(file, "it is an archive; unpack it and open what is in it");
  }
  if (/\.feather$/i.test(file)) {
    throw refused(file, "a Feather file, which is most often compressed; write it as Parquet");
  }
}
