import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileExists } from "../shared/file-exists.js";
import { openRegularFile } from "../shared/regular-file.js";
import { unreadableFile } from "../shared/unreadable-file.js";
import { type Found, unknownSource } from "./found-source.js";
import { jsonShape } from "./manifest/json-pairs.js";
import { findInFolder, kindOfFile, kindsOfFiles } from "./source-folder.js";
import type { SourceKind } from "./source-kinds.js";
import { missingSource, requireLocal, requireOpenable } from "./unsupported-data.js";

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

/** The kind of a file, of JSON by how it begins. */
async function kindOf(path: string): Promise<SourceKind | undefined> {
  const kind = kindOfFile(path);
  if (kind !== "coco") return kind;
  const { file } = await openRegularFile(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SHAPE_BYTES), 0, SHAPE_BYTES, 0);
    return jsonShape(buffer.toString("utf8", 0, bytesRead)) === "pairs" ? "manifest" : "coco";
  } catch (cause) {
    throw unreadableFile(path, cause);
  } finally {
    await file.close();
  }
}

/** How much of a JSON file is read to find its kind. */
const SHAPE_BYTES = 1 << 16;

/**
 * What there is at paths.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE; FILE_NOT_FOUND, FILE_UNREADABLE, a fault of the machine.
 */
export async function findSource(
  data: readonly string[],
  kind: SourceKind | undefined,
): Promise<Found> {
  const paths = (await Promise.all(data.map(requireLocal).map(expanded))).flat();
  const [first] = paths as [string];
  if (paths.length === 1) {
    const found = await stat(first).catch((cause) => {
      throw missingSource(first, cause) ?? unreadableFile(first, cause);
    });
    if (found.isDirectory()) return findInFolder(first, kind);
  }
  if (kind !== undefined) return { kind, paths };
  if (paths.length === 1) {
    const only = await kindOf(first);
    if (only !== undefined) return { kind: only, paths };
  }
  const [only, second] = new Set(paths.map(kindOfFile));
  if (only !== undefined && second === undefined) return { kind: only, paths };
  requireOpenable(first);
  const known = Object.keys(kindsOfFiles).join(", ");
  throw unknownSource(
    first,
    `expected a folder or files of one kind (${known}), or kind to be given`,
  );
}
