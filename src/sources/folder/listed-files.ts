import { join } from "node:path";
import { shownName, textOfName } from "../../shared/byte-name.js";
import { type ListedFolder, listedFolder } from "../../shared/listed-folder.js";
import { describe } from "../../shared/validation.js";
import { unknownSource } from "../found-source.js";
import { walkFiles } from "./folder-walk.js";

/**
 * Files below a folder of this machine: their paths, by those from the folder. Links are followed wherever they lead.
 *
 * @param hidden whether hidden files and folders are among them.
 * @throws {PixtokError} as walkFiles(), and UNKNOWN_SOURCE for a name that is not UTF-8.
 */
export async function listFiles(folder: string, hidden: boolean): Promise<ListedFolder<string>> {
  const paths: string[] = [];
  await walkFiles(folder, { allowOutside: true, hidden }, (name) => {
    const path = textOfName(name);
    if (path === undefined) {
      throw unknownSource(folder, `the name ${describe(shownName(name))} is not UTF-8; rename it`);
    }
    paths.push(path);
  });
  return listedFolder(new Map(paths.map((path) => [path, path])), (path) => join(folder, path));
}
