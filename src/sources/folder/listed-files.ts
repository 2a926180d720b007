import { join } from "node:path";
import { shownName, textOfName } from "../../shared/byte-name.js";
import { type ListedFolder, listedFolder } from "../../shared/listed-folder.js";
import { describe } from "../../shared/validation.js";
import { unknownSource } from "../found-source.js";
import { type WalkOptions, walkFiles } from "./folder-walk.js";

/** Tells what is wanted of a folder, by paths from there, with slashes. */
export interface WantedFiles {
  isFile(path: string): boolean;
  /** Whether a folder may have such files below it. */
  mayHold(folder: string): boolean;
}

/**
 * Files below a folder of this machine that are wanted: their paths, by those from the folder. Links to files are
 * followed wherever they lead.
 *
 * @throws {PixtokError} as walkFiles(), and UNKNOWN_SOURCE for a name that is not UTF-8.
 */
export async function listFiles(
  folder: string,
  { isFile, mayHold }: WantedFiles,
  options: Pick<WalkOptions, "allowOutside" | "hidden" | "unless">,
): Promise<ListedFolder<string>> {
  const paths: string[] = [];
  const enters = (name: string) => mayHold(shownName(name));
  await walkFiles(folder, { ...options, enters }, (name) => {
    if (!isFile(shownName(name))) return;
    const path = textOfName(name);
    if (path === undefined) {
      throw unknownSource(folder, `the name ${describe(shownName(name))} is not UTF-8; rename it`);
    }
    paths.push(path);
  });
  return listedFolder(new Map(paths.map((path) => [path, path])), (path) => join(folder, path));
}
