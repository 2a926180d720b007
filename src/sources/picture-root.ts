import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { machineFault } from "../machine-fault.js";

/** The path of a picture, or why there is none. */
export type FoundPicture = { path: string } | { problem: string };

/** Finds the picture of a name in a data set. */
export type PictureFinder = (name: string) => Promise<FoundPicture>;

export const LINK_LEADS_OUT =
  "a symbolic link leads out of the root folder, which is an error unless allowOutsideRoot is true";
const LEADS_OUT =
  "the path leads out of the root folder, which is an error unless allowOutsideRoot is true";

/** `https:`, `data:`; a single letter is a drive. */
const SCHEME = /^([a-z][a-z\d+.-]+):/i;

/** A `file:` URL's path; other names as they are. */
function pathOf(name: string): FoundPicture {
  const scheme = SCHEME.exec(name)?.[1]?.toLowerCase();
  if (scheme === "file" && name.startsWith("/", scheme.length + 1)) {
    try {
      return { path: fileURLToPath(name) };
    } catch (cause) {
      return { problem: `this URL is of no file here: ${(cause as Error).message}` };
    }
  }
  if (scheme === "data") {
    return { problem: "a data: URL; pictures are read from files: write its bytes to one" };
  }
  if (scheme !== undefined && name.startsWith("//", scheme.length + 1)) {
    return { problem: "a URL; pictures are read from files: download it" };
  }
  return { path: name };
}

/** What the file system says of a path; undefined where there is nothing. */
async function found<T>(path: string, asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((cause) => {
    const fault = machineFault(cause, { source: path });
    if (fault !== null) throw fault;
    return undefined;
  });
}

function isBelow(root: string, path: string): boolean {
  const inside = relative(root, path);
  return inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

/**
 * Pictures that a data set names, below its root folder. Data sets come from elsewhere: one must not make
 * pictures of any file here, so that paths and symbolic links that lead out of the folder are refused
 * unless that is allowed. Backslashes are slashes, as in names written on Windows, where no file has just
 * that name.
 */
export function pictureFinder(root: string, allowOutside: boolean): PictureFinder {
  const folder = resolve(root);
  let realFolder: string | undefined;
  /** Whether the file is where its path says; of one that is missing, whoever reads it will say so. */
  const isReallyBelow = async (path: string): Promise<boolean> => {
    realFolder ??= await found(folder, realpath(folder));
    const real = await found(path, realpath(path));
    return real === undefined || (realFolder !== undefined && isBelow(realFolder, real));
  };
  return async (name) => {
    if (name.includes("\0")) return { problem: "the path has a NUL character in it" };
    const named = pathOf(name);
    if ("problem" in named) return named;
    let path = resolve(folder, named.path);
    if (sep === "/" && path.includes("\\") && (await found(path, stat(path))) === undefined) {
      path = resolve(folder, named.path.replaceAll("\\", "/"));
    }
    if (allowOutside) return { path };
    if (!isBelow(folder, path)) return { problem: LEADS_OUT };
    return (await isReallyBelow(path)) ? { path } : { problem: LINK_LEADS_OUT };
  };
}
