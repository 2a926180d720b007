import type { RemoteFile } from "../remote/remote-file.js";
import { isRemote } from "../remote/remote-location.js";
import type { RemoteSettings } from "../remote/remote-options.js";
import { PixtokError } from "../shared/errors.js";
import { locationKind, urlProblem } from "../shared/location.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import { expandBraces } from "./file-pattern.js";

/** A file of a data set: a path, or a file that is elsewhere. */
export type DataFile = string | RemoteFile;

/** What a file is called in errors and descriptions. */
export function nameOfFile(file: DataFile): string {
  return typeof file === "string" ? file : file.name;
}

/** @throws {PixtokError} UNKNOWN_SOURCE for a URL of what cannot be read. */
function requireReadable(name: string): void {
  if (locationKind(name) !== "url" || isRemote(name)) return;
  throw new PixtokError("UNKNOWN_SOURCE", urlProblem(name), { source: name });
}

/**
 * The files that patterns stand for: local paths as they are, what is elsewhere as its server knows it.
 *
 * @param option what the patterns were given as, for errors.
 * @throws {RangeError} as expandBraces().
 * @throws {PixtokError} UNKNOWN_SOURCE, and those of servers, which begin with REMOTE_ and HUB_.
 */
export async function dataFiles(
  option: string,
  patterns: readonly string[],
  settings: RemoteSettings,
): Promise<DataFile[]> {
  const names = patterns.flatMap((pattern) => expandBraces(option, pattern));
  names.forEach(requireReadable);
  if (!names.some(isRemote)) return names;
  const { remotePlaces } = await import("../remote/remote-places.js");
  const places = remotePlaces(settings);
  const found = await Promise.all(
    names.map((name) => (isRemote(name) ? places.files(name) : [name])),
  );
  return found.flat();
}

/** As dataFiles(), of one file, which is given as it is called: braces are part of its name. */
export async function dataFile(
  option: string,
  path: unknown,
  settings: RemoteSettings,
): Promise<DataFile> {
  if (typeof path !== "string") throw wrongType(option, "the path or URL of a file", path);
  requireReadable(path);
  if (!isRemote(path)) return path;
  const { remotePlaces } = await import("../remote/remote-places.js");
  const [file, second] = await remotePlaces(settings).files(path);
  if (file !== undefined && second === undefined) return file;
  throw outOfRange(option, "one file, not a pattern of several", path);
}
