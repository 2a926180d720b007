import { lstatSync, type Stats } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { isRemote, urlWithin } from "../remote/remote-location.js";
import { locationKind, urlProblem } from "../shared/location.js";
import { machineFault } from "../shared/machine-fault.js";
import { optional, stringOf, withDefault } from "../shared/options.js";
import { requireBoolean } from "../shared/validation.js";

/** Options of sources whose images are files. */
export const rootReaders = {
  root: optional(stringOf("the path or URL of a folder")),
  allowOutsideRoot: withDefault(requireBoolean, false),
} as const;

/** The path or URL of an image, or why there is none. */
export type FoundImage = { path: string } | { url: string } | { problem: string };

/** Finds the image of a name in a data set. */
export type ImageFinder = (name: string) => FoundImage | Promise<FoundImage>;

/** What is said of a folder or an image elsewhere, where the option lets it be read. */
export const UNLESS_ALLOWED = "which is an error unless allowOutsideRoot is true";
/** The same where it is not known yet of what kind the data are. */
export const UNLESS_ALLOWED_OF_KIND = `${UNLESS_ALLOWED}; shards and packed sets do not take that: open the folder that it leads to`;
const UNKNOWN_PLACE = `the system does not say where links lead from there, ${UNLESS_ALLOWED}`;
export const LINK_LEADS_OUT = `a symbolic link leads out of the root folder, ${UNLESS_ALLOWED}`;
const LEADS_OUT = `the path leads out of the root folder, ${UNLESS_ALLOWED}`;

/** A `file:` URL's path, and URLs of what is elsewhere; other names as paths. */
function placeOf(name: string): FoundImage {
  const kind = locationKind(name);
  if (kind === "file") {
    try {
      return { path: fileURLToPath(name) };
    } catch (cause) {
      return { problem: `this URL is of no file here: ${(cause as Error).message}` };
    }
  }
  if (kind === "data") {
    return { problem: "a data: URL; images are read from files: write its bytes to one" };
  }
  if (kind !== "url") return { path: name };
  if (isRemote(name)) return { url: name };
  return { problem: urlProblem(name) };
}

/** Undefined for an error that is no fault of the machine: there is nothing at the path. */
function missing(path: string, cause: unknown): undefined {
  const fault = machineFault(cause, { source: path });
  if (fault !== null) throw fault;
}

/** Whether a path is below a folder, or is it. */
export function isBelow(root: string, path: string): boolean {
  if (path.startsWith(root) && path[root.length] === sep) return true;
  const inside = relative(root, path);
  return inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

/** Folders whose real paths are kept; a data set may have one for each image. */
const MOST_FOLDERS = 4096;

/** The real path of a folder, or a promise of it the first time; undefined for one that is not there. */
type RealFolder = string | Promise<string | undefined>;

/** Real paths of folders, each looked up once. */
function realFolders(): (folder: string) => RealFolder {
  const known = new Map<string, RealFolder>();
  return (folder) => {
    const kept = known.get(folder);
    if (kept !== undefined) return kept;
    const real = realpath(folder).then(
      (path) => {
        known.set(folder, path);
        return path;
      },
      (cause) => {
        known.delete(folder);
        return missing(folder, cause);
      },
    );
    if (known.size >= MOST_FOLDERS) known.clear();
    known.set(folder, real);
    return real;
  };
}

/** A link to what is not there is an error when it is read. */
const leadsNowhere = new Set<string | undefined>(["ENOENT", "ENOTDIR", "ELOOP"]);

/** A file system that takes longer, so many times more often than not, is not waited for on this thread. */
const SLOW_MILLISECONDS = 1;
const MOST_SLOW_ANSWERS = 8;

/**
 * Looks at files, and not behind links. A local disk answers sooner than another thread can be woken to
 * ask it; what is slow, as a network may be, is asked by other threads.
 */
function fileLook(): (path: string) => Stats | undefined | Promise<Stats | undefined> {
  let slowAnswers = 0;
  return (path) => {
    if (slowAnswers >= MOST_SLOW_ANSWERS) return lstat(path).catch((cause) => missing(path, cause));
    const start = performance.now();
    try {
      return lstatSync(path);
    } catch (cause) {
      return missing(path, cause);
    } finally {
      const isSlow = performance.now() - start > SLOW_MILLISECONDS;
      slowAnswers = isSlow ? slowAnswers + 1 : Math.max(0, slowAnswers - 1);
    }
  };
}

/** Nothing that comes from elsewhere is to read files of this machine. */
function imageElsewhere(root: string, name: string, allowOutside: boolean): FoundImage {
  if (isRemote(name)) return { url: name };
  if (locationKind(name) !== "path") return { problem: "a URL, of what is not beside the file" };
  const path = posix.normalize(name.replaceAll("\\", "/"));
  const isOutside = path === ".." || path.startsWith("../") || path.startsWith("/");
  if (isOutside && !allowOutside) return { problem: LEADS_OUT };
  return { url: isOutside ? new URL(path, `${root}/`).href : urlWithin(root, path) };
}

/**
 * Images that a data set names, below its root folder. Data sets come from elsewhere: one must not make
 * images of any file here, so that paths and symbolic links that lead out of the folder are refused
 * unless that is allowed. A file is looked at each time, as a link may have taken its place; its folder
 * once. Backslashes are slashes, as in names written on Windows, where no file has just that name.
 */
export function imageFinder(root: string, allowOutside: boolean): ImageFinder {
  if (isRemote(root)) return async (name) => imageElsewhere(root, name, allowOutside);
  const folder = resolve(root);
  const nothingAt = (path: string) => (cause: unknown) => missing(path, cause);
  const realFolder = realFolders();
  const look = fileLook();
  /** A file that is there, and is, or whose folder is, really at `place`. */
  const within = (path: string, realRoot: string | undefined, place: string | undefined) => {
    if (realRoot === undefined || place === undefined) return { problem: UNKNOWN_PLACE };
    return isBelow(realRoot, place) ? { path } : { problem: LINK_LEADS_OUT };
  };
  const follow = async (path: string, realRoot: string | undefined) => {
    try {
      return within(path, realRoot, await realpath(path));
    } catch (cause) {
      missing(path, cause);
      return leadsNowhere.has((cause as NodeJS.ErrnoException).code)
        ? { path }
        : { problem: UNKNOWN_PLACE };
    }
  };
  const judge = (
    path: string,
    realRoot: string | undefined,
    place: string | undefined,
    there: Stats | undefined,
  ) => {
    if (there === undefined) return { path }; // an error when it is read
    return there.isSymbolicLink() ? follow(path, realRoot) : within(path, realRoot, place);
  };
  const lookLater = async (
    path: string,
    root: RealFolder,
    place: RealFolder,
    there: Stats | undefined | Promise<Stats | undefined>,
  ) => judge(path, ...(await Promise.all([root, place, there])));
  const findAt = (path: string): FoundImage | Promise<FoundImage> => {
    if (allowOutside) return { path };
    if (!isBelow(folder, path)) return { problem: LEADS_OUT };
    const there = look(path);
    const [root, place] = [realFolder(folder), realFolder(dirname(path))];
    // nearly always: no promise is made for what is known
    const isKnown = typeof root === "string" && typeof place === "string";
    if (isKnown && !(there instanceof Promise)) return judge(path, root, place, there);
    return lookLater(path, root, place, there);
  };
  const findEither = async (exact: string, path: string) => {
    const there = await stat(exact).catch(nothingAt(exact));
    return findAt(there === undefined ? path : exact);
  };
  return (name) => {
    if (name.includes("\0")) return { problem: "the path has a NUL character in it" };
    const named = placeOf(name);
    if (!("path" in named)) return named;
    const path = resolve(folder, named.path);
    if (sep !== "/" || !path.includes("\\")) return findAt(path);
    return findEither(path, resolve(folder, named.path.replaceAll("\\", "/")));
  };
}
