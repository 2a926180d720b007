import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileExists } from "../shared/file-exists.js";
import { unreadableFile } from "../shared/unreadable-file.js";
import { type Found, unknownSource } from "./found-source.js";
import { kindOf, kindsOfFiles } from "./kind-of-file.js";
import { findInFolder } from "./source-folder.js";
import type { SourceKind } from "./source-kinds.js";
import { requireLocal, requireOpenable } from "./unsupported-data.js";

/** Files that match a pattern with `*` in its last part. */
async function matching(pattern: string): Promise<string[]> {
  const cut = Math.max(pattern.lastIndexOf("/"), pattern.lastIndexOf("\\")) + 1;
  const folder = pattern.slice(0, cut) || ".";
  const literals = pattern
    .slice(cut)
    .split("*")
    .map((literal) => literal.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const name = new RegExp(`^${literals.join(".*")}$`);
  const names = await readdir(folder).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  const found = names.filter((one) => name.test(one)).sort();
  if (found.length === 0) throw unknownSource(pattern, "there are no such files");
  return found.map((one) => join(folder, one));
}

/** The paths that a pattern expands to. A file or folder of just this name is itself. */
async function expanded(path: string): Promise<string[]> {
  if (await fileExists(path)) return [path];
  const { expandBraces } = await import("./file-pattern.js");
  const paths = expandBraces("data", path);
  const found = await Promise.all(paths.map((one) => (one.includes("*") ? matching(one) : [one])));
  return found.flat();
}

/**
 * What there is at paths.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE; FILE_NOT_FOUND, FILE_UNREADABLE, a fault of the machine.
 */
export async function findSource(
  data: readonly string[],
  kind: SourceKind | undefined,
  split?: string,
): Promise<Found> {
  const paths = (await Promise.all(data.map(requireLocal).map(expanded))).flat();
  const [first] = paths as [string];
  if (paths.length === 1) {
    const found = await stat(first).catch((cause) => {
      throw unreadableFile(first, cause);
    });
    if (found.isDirectory()) return findInFolder(first, kind, split);
  }
  const ofFiles = { paths, ...(split !== undefined && { split }) };
  if (kind !== undefined) return { kind, ...ofFiles };
  const [only, second] = new Set(await Promise.all(paths.map(kindOf)));
  if (only !== undefined && second === undefined) return { kind: only, ...ofFiles };
  requireOpenable(first);
  const known = Object.keys(kindsOfFiles).join(", ");
  throw unknownSource(
    first,
    `expected a folder or files of one kind (${known}), or kind to be given`,
  );
}
