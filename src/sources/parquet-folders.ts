import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { machineFault } from "../shared/machine-fault.js";
import { isMissing, unreadableFile } from "../shared/unreadable-file.js";
import { filesEndingIn, requireOneSplit } from "./files-of-split.js";
import { unknownSource } from "./found-source.js";
import { isImageName } from "./image-names.js";
import { isSplitName } from "./splits.js";

/** Parquet files in the folder, or in its `data`, where repositories of the hub have them. */
export async function parquetIn(folder: string, names: readonly string[]): Promise<string[]> {
  const here = filesEndingIn(folder, names, ".parquet");
  if (here.length > 0 || !names.includes("data")) return requireOneSplit(folder, here);
  const data = join(folder, "data");
  return requireOneSplit(data, filesEndingIn(data, await namesIn(data), ".parquet"));
}

/** Those of the only folder below that has any: of a split, or of a configuration's split. */
export async function parquetBelow(folder: string): Promise<string[]> {
  const folders = await parquetFolders(folder, 2);
  const [only, second] = folders;
  if (only === undefined) return [];
  if (second === undefined) {
    return requireOneSplit(only, filesEndingIn(only, await namesIn(only), ".parquet"));
  }
  const names = folders.slice(0, 5).map((path) => relative(folder, path));
  const hint = names.every(isSplitName) ? `, or split: ${JSON.stringify(names[0])}` : "";
  throw unknownSource(
    folder,
    `there are several splits (${names.join(", ")}${folders.length > 5 ? ", …" : ""}); expected the folder of one, such as ${only}${hint}`,
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
    if (name.startsWith(".") || !(await isFolderAt(path))) continue;
    const inside = await namesIn(path);
    if (inside.some(isImageName)) return [];
    if (filesEndingIn(path, inside, ".parquet").length > 0) found.push(path);
    else if (depth > 1) found.push(...(await parquetFolders(path, depth - 1)));
  }
  return found;
}

export async function isFolderAt(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    (cause) => {
      const fault = machineFault(cause, { source: path });
      if (fault !== null) throw fault;
      return false;
    },
  );
}
