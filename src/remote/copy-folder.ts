import { link, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writing } from "../shared/unwritable-file.js";
import { copyCache } from "./copy-cache.js";
import type { RemoteFile } from "./remote-file.js";
import type { RemoteSettings } from "./remote-options.js";

/** A file of a folder: one that is elsewhere, or its bytes. */
export type FolderFile = RemoteFile | Uint8Array;

/** A local folder with files by their names. All are fetched, and stay while this thread does. */
export async function copyFolder(
  files: ReadonlyMap<string, FolderFile>,
  { cacheDir }: RemoteSettings,
): Promise<string> {
  const folder = await (await copyCache(cacheDir)).newFolder();
  const add = async (name: string, file: FolderFile) => {
    const path = join(folder, name);
    if (file instanceof Uint8Array) return writing(path, () => writeFile(path, file));
    const copy = await file.hold();
    return writing(path, () => link(copy.path, path)).finally(copy.release);
  };
  await Promise.all([...files].map(([name, file]) => add(name, file)));
  return folder;
}
