import type { RemoteFile } from "../remote/remote-file.js";
import { isRemote } from "../remote/remote-location.js";
import type { RemoteSettings } from "../remote/remote-options.js";
import { textOfUrl } from "../shared/location.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import { expandBraces } from "./file-pattern.js";
import { requireLocal } from "./unsupported-data.js";

/** A file of a data set: a path, or a file that is elsewhere. */
export type DataFile = string | RemoteFile;

/** What a file is called in errors and descriptions. */
export function nameOfFile(file: DataFile): string {
  return typeof file === "string" ? file : file.name;
}

/**
 * The files that patterns stand for: local paths in full, what is elsewhere as its server knows it.
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
  const names = patterns
    .flatMap((pattern) => expandBraces(option, pattern))
    .map((name) => (isRemote(name) ? name : requireLocal(name)));
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
  const name = textOfUrl(path);
  if (typeof name !== "string") throw wrongType(option, "the path or URL of a file", path);
  if (!isRemote(name)) return requireLocal(name);
  const { remotePlaces } = await import("../remote/remote-places.js");
  const [file, second] = await remotePlaces(settings).files(name);
  if (file !== undefined && second === undefined) return file;
  throw outOfRange(option, "one file, not a pattern of several", name);
}
