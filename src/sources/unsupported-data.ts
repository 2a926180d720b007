import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PixtokError } from "../shared/errors.js";
import { locationKind, urlProblem } from "../shared/location.js";

/** Data of kinds that are not read, each named with what to do. */

function refused(source: string, message: string): PixtokError {
  return new PixtokError("UNKNOWN_SOURCE", message, { source });
}

/**
 * The path that is meant, in full: files are opened again when they are read, from whatever folder is the current one then.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE for what is elsewhere.
 */
export function requireLocal(source: string): string {
  const kind = locationKind(source);
  if (kind === "path") return resolve(source);
  if (kind === "data") throw refused(source, "a data: URL; expected the path of a file or folder");
  if (kind === "url") throw refused(source, urlProblem(source));
  try {
    return fileURLToPath(source);
  } catch (cause) {
    throw refused(source, `this URL is of no file here: ${(cause as Error).message}`);
  }
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
