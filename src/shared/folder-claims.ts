import { link, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryName } from "./atomic-file.js";
import type { ClaimPlace } from "./claim-place.js";
import { lacksHardLinks } from "./hard-links.js";

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

/** The time by the clock of the file system, which stamps claims. */
async function fileSystemTime(folder: string): Promise<number> {
  const path = temporaryName(join(folder, "time"));
  const file = await open(path, "wx");
  try {
    await file.write("0");
    return (await file.stat()).mtimeMs;
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** Creates a file that is whole as soon as it is there; false where there is one already. */
async function create(path: string, content: string): Promise<boolean> {
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, content, { flag: "wx" });
    await link(temporary, path).catch((error) => {
      if (!lacksHardLinks(error)) throw error;
      return writeFile(path, content, { flag: "wx" });
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Claims that are files of a folder. */
export function folderClaims(folder: string): ClaimPlace {
  const pathOf = (name: string) => join(folder, name);
  const unlessMissing = async <T, const M>(work: Promise<T>, missing: M): Promise<T | M> =>
    work.catch((error) => {
      if (isMissing(error)) return missing;
      throw error;
    });
  return {
    pollMs: 20,
    areWhole: false, // some file systems have no hard links
    pathOf,
    names: () => readdir(folder),
    create: (name, content) => create(pathOf(name), content),
    read: (name) =>
      unlessMissing(
        (async () => {
          const content = await readFile(pathOf(name), "utf8");
          const { mtimeMs: written } = await stat(pathOf(name));
          return { content, written, now: () => fileSystemTime(folder) };
        })(),
        undefined,
      ),
    renew: (name, content) =>
      unlessMissing(
        (async () => {
          if ((await readFile(pathOf(name), "utf8")) !== content) return false;
          const file = await open(pathOf(name), "r+");
          // The same bytes in their place: a reader always sees all of it.
          await file.write(content, 0).finally(() => file.close());
          return true;
        })(),
        false,
      ),
    remove: (name) => rm(pathOf(name), { force: true }),
  };
}
