import { readdir, stat } from "node:fs/promises";
import { basename, extname, join, relative } from "node:path";
import { PixtokError } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import { openRegularFile } from "../shared/regular-file.js";
import { unreadableFile } from "../shared/unreadable-file.js";
import {
  missingSource,
  requireLocal,
  requireOpenable,
  requireOpenableFolder,
} from "./foreign-data.js";
import { isImageName } from "./image-names.js";
import { jsonShape } from "./manifest/json-pairs.js";
import type { SourceKind } from "./source-kinds.js";
import { isSplitName, splitOfFile } from "./splits.js";

/** Where data are, and of which kind. */
export interface Found {
  kind: SourceKind;
  /** Files, or the one folder. */
  paths: readonly string[];
}

export function unknownSource(source: string, message: string): PixtokError {
  return new PixtokError("UNKNOWN_SOURCE", message, { source });
}

const kindsOfFiles: Record<string, SourceKind> = {
  ".jsonl": "manifest",
  ".ndjson": "manifest",
  ".csv": "manifest",
  ".tsv": "manifest",
  ".tar": "webdataset",
  ".parquet": "parquet",
  ".json": "coco",
};

function kindOfFile(path: string): SourceKind | undefined {
  return kindsOfFiles[extname(path).toLowerCase()];
}

const metadataNames = ["metadata.jsonl", "metadata.csv", "metadata.parquet"];

function filesEndingIn(folder: string, names: readonly string[], ending: string): string[] {
  return names
    .filter((name) => name.toLowerCase().endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}

async function findInFolder(folder: string, kind: SourceKind | undefined): Promise<Found> {
  const all = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  const entries = all.filter((entry) => !entry.name.startsWith("."));
  const names = entries.map(({ name }) => name);
  requireOpenableFolder(folder, names);
  const found: Found[] = [];
  if (names.some((name) => /^data-\d+-of-\d+\.arrow$/.test(name))) {
    found.push({ kind: "packed", paths: [folder] });
  }
  const metadata = metadataNames.filter((name) => names.includes(name));
  if (metadata.length > 0) {
    found.push({ kind: "imagefolder", paths: metadata.map((name) => join(folder, name)) });
  }
  const tars = filesEndingIn(folder, names, ".tar");
  if (tars.length > 0) {
    found.push({ kind: "webdataset", paths: requireOneSplit(folder, tars) });
  }
  const others = names.filter((name) => kind === "parquet" || !metadataNames.includes(name));
  let tables = await parquetIn(folder, others);
  if (tables.length === 0 && found.length === 0 && !names.some(isImageName)) {
    tables = await parquetBelow(folder);
  }
  if (tables.length > 0) found.push({ kind: "parquet", paths: tables });
  const deeper = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  const mayHaveImages = deeper.length > 0 || names.some(isImageName);
  if (found.length === 0 && !names.some(isImageName)) {
    const [only, second] = deeper;
    if (only?.isDirectory() && second === undefined && isSplitName(only.name)) {
      return findInFolder(join(folder, only.name), kind);
    }
  }
  if (mayHaveImages && (kind === "images" || found.length === 0)) {
    found.push({ kind: "images", paths: [folder] });
  }
  const [first, second] = kind === undefined ? found : found.filter((one) => one.kind === kind);
  if (second !== undefined) {
    const kinds = found.map((one) => `"${one.kind}"`).join(" and ");
    throw unknownSource(
      folder,
      `the folder is of several kinds; expected kind to be one of ${kinds}`,
    );
  }
  if (first !== undefined) return first;
  const expected = kind === undefined ? expectedInFolder : `what is of the kind "${kind}"`;
  throw unknownSource(
    folder,
    `there is nothing in this folder that is known: expected ${expected}`,
  );
}

const expectedInFolder = "images, metadata.jsonl, metadata.csv, .tar, .parquet or packed files";

const isMissing = (cause: unknown) =>
  ["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "");

/** Parquet files in the folder, or in its `data`, where repositories of the hub have them. */
async function parquetIn(folder: string, names: readonly string[]): Promise<string[]> {
  const here = filesEndingIn(folder, names, ".parquet");
  if (here.length > 0 || !names.includes("data")) return requireOneSplit(folder, here);
  const data = join(folder, "data");
  return requireOneSplit(data, filesEndingIn(data, await namesIn(data), ".parquet"));
}

/** Those of the only folder below that has any: of a split, or of a configuration's split. */
async function parquetBelow(folder: string): Promise<string[]> {
  const folders = await parquetFolders(folder, 2);
  const [only, second] = folders;
  if (only === undefined) return [];
  if (second === undefined) {
    return requireOneSplit(only, filesEndingIn(only, await namesIn(only), ".parquet"));
  }
  const names = folders.slice(0, 5).map((path) => relative(folder, path));
  throw unknownSource(
    folder,
    `there are several splits (${names.join(", ")}${folders.length > 5 ? ", …" : ""}); expected the folder of one, such as ${only}`,
  );
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause) => {
    if (isMissing(cause)) return [];
    throw unreadableFile(folder, cause);
  });
}

/** A repository has no more folders beside each other; classes of images may be more. */
const MOST_FOLDERS = 200;

/** Folders with Parquet files in them, up to `depth` levels down; none where there are images. */
async function parquetFolders(folder: string, depth: number): Promise<string[]> {
  const names = await namesIn(folder);
  const found: string[] = [];
  for (const name of names.sort().slice(0, MOST_FOLDERS)) {
    const path = join(folder, name);
    if (name.startsWith(".") || !(await isFolder(path))) continue;
    const inside = await namesIn(path);
    if (inside.some(isImageName)) return [];
    if (filesEndingIn(path, inside, ".parquet").length > 0) found.push(path);
    else if (depth > 1) found.push(...(await parquetFolders(path, depth - 1)));
  }
  return found;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    (cause) => {
      const fault = machineFault(cause, { source: path });
      if (fault !== null) throw fault;
      return false;
    },
  );
}

/** What files of a split begin with: `train-00000-of-00002.parquet`, `val_01.tar`. */
const splitOf = (file: string) =>
  /^(.*)-\d+-of-\d+\.\w+$/.exec(basename(file))?.[1] ?? splitOfFile(basename(file));

function requireOneSplit(folder: string, files: string[]): string[] {
  const found = files.map(splitOf).filter((split) => split !== undefined);
  const splits = [...new Set(found)];
  if (splits.length < 2) return files;
  const one = join(folder, `${splits[0]}*${extname(files[0] as string)}`);
  throw unknownSource(
    folder,
    `there are several splits (${splits.join(", ")}); expected the files of one, such as ${one}`,
  );
}

/** Files that a pattern's `*` stands for, in its last part. */
async function matching(pattern: string): Promise<string[]> {
  const cut = Math.max(pattern.lastIndexOf("/"), pattern.lastIndexOf("\\")) + 1;
  const folder = pattern.slice(0, cut) || ".";
  const parts = pattern
    .slice(cut)
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const name = new RegExp(`^${parts.join(".*")}$`);
  const names = await readdir(folder).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  const found = names.filter((one) => name.test(one)).sort();
  if (found.length === 0) throw unknownSource(pattern, "there are no such files");
  return found.map((one) => join(folder, one));
}

/** The paths that one stands for, unless there is a file or folder of just this name. */
async function expanded(path: string): Promise<string[]> {
  if (await fileExists(path)) return [path];
  const { expandBraces } = await import("./file-pattern.js");
  const paths = expandBraces(path);
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
