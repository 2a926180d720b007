import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import {
  type ByteName,
  byteName,
  pathOfName,
  shownName,
  shownPath,
} from "../../shared/byte-name.js";
import { PixtokError } from "../../shared/errors.js";
import { machineFault } from "../../shared/machine-fault.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import { UNLESS_ALLOWED } from "../image-root.js";

/**
 * Called with the path of a file from the folder, with slashes, and whether it is a symbolic link to a
 * file elsewhere, which is not allowed.
 */
export type FileVisitor = (path: ByteName, leadsOut: boolean) => void;

interface Folder {
  path: ByteName;
  /** Where it really is. */
  real: ByteName;
  parent: Folder | undefined;
  /** Whether a symbolic link leads here: only then may it be one of its own parents. */
  linked: boolean;
}

/** Folders that are listed at once. */
const CONCURRENT = 8;
/** Links to folders that hold links to folders may make more paths than a disk has files. */
const MOST_LINKED = 100_000;

const REPLACEMENT = "\uFFFD";

interface Entry {
  name: ByteName;
  kind: "folder" | "link" | "file";
}

function kindOf(entry: Dirent | Stats): Entry["kind"] {
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "file";
}

/** Names are asked for as bytes only where one is not UTF-8, or holds this character itself. */
async function entriesIn(path: string | Buffer): Promise<Entry[]> {
  const entries = await readdir(path, { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes(REPLACEMENT))) {
    return entries.map((entry) => ({ name: byteName(entry.name), kind: kindOf(entry) }));
  }
  // without types, which not every runtime gives with bytes
  const start = Buffer.concat([Buffer.from(path), Buffer.from("/")]);
  const found: Entry[] = [];
  for (const name of await readdir(path, { encoding: "buffer" })) {
    const at = Buffer.concat([start, name]);
    const stats = await lstat(at).catch((cause) => {
      throw unreadableFile(shownPath(at), cause);
    });
    found.push({ name: byteName(name), kind: kindOf(stats) });
  }
  return found;
}

async function realName(path: string | Buffer): Promise<ByteName> {
  const real = await realpath(path);
  return real.includes(REPLACEMENT) ? byteName(await realpath(path, "buffer")) : byteName(real);
}

function isOwnParent(real: ByteName, parent: Folder | undefined): boolean {
  for (let folder = parent; folder !== undefined; folder = folder.parent) {
    if (folder.real === real) return true;
  }
  return false;
}

export interface WalkOptions {
  /** Whether symbolic links may lead out of the folder. */
  readonly allowOutside: boolean;
  /** What the error says of that. Default `UNLESS_ALLOWED`. */
  readonly unless?: string;
  /** Whether hidden files and folders are gone through as well. Default false. */
  readonly hidden?: boolean;
  /** Which folders are gone through, by their paths from this one. Default all. */
  readonly enters?: (folder: ByteName) => boolean;
}

/**
 * Goes through the files below a folder, in no order. Symbolic links are followed,
 * but never back into a folder that they are in.
 *
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE, a fault of the machine; UNKNOWN_SOURCE where a link
 *   to a folder leads out of this one and that is not allowed.
 */
export async function walkFiles(
  root: string,
  { allowOutside, unless = UNLESS_ALLOWED, hidden = false, enters = () => true }: WalkOptions,
  visit: FileVisitor,
): Promise<void> {
  const reading = async <T>(path: ByteName, work: Promise<T>): Promise<T> =>
    work.catch((cause) => {
      if (cause instanceof PixtokError) throw cause;
      throw unreadableFile(join(root, shownName(path)), cause);
    });
  const rootReal = await reading("", realName(root));
  const rootStart = rootReal.endsWith(sep) ? rootReal : `${rootReal}${sep}`;
  const isInside = (real: ByteName) => real === rootReal || real.startsWith(rootStart);
  let links = 0;

  /** The folder that a link leads to; null for a file, and for a folder that the link is in. */
  const follow = async (path: ByteName, parent: Folder): Promise<Folder | null> => {
    const at = pathOfName(root, path);
    let target: Stats;
    let real: ByteName;
    try {
      [target, real] = await Promise.all([stat(at), realName(at)]);
    } catch (cause) {
      const fault = machineFault(cause, { source: join(root, shownName(path)) });
      if (fault !== null) throw fault;
      visit(path, false); // it leads nowhere: whoever reads it will say so
      return null;
    }
    const leadsOut = !allowOutside && !isInside(real);
    if (!target.isDirectory()) {
      visit(path, leadsOut);
      return null;
    }
    if (!enters(path) || isOwnParent(real, parent)) return null;
    if (leadsOut) {
      throw new PixtokError(
        "UNKNOWN_SOURCE",
        `the symbolic link ${JSON.stringify(shownName(path))} leads to a folder outside of this one, ${unless}`,
        { source: root },
      );
    }
    links += 1;
    if (links > MOST_LINKED) {
      throw new PixtokError("UNKNOWN_SOURCE", "symbolic links lead to more folders than are read", {
        source: root,
      });
    }
    return { path, real, parent, linked: true };
  };

  const list = async (folder: Folder): Promise<Folder[]> => {
    const folders: Folder[] = [];
    const at = folder.path === "" ? root : pathOfName(root, folder.path);
    for (const { name, kind } of await reading(folder.path, entriesIn(at))) {
      if (!hidden && name.startsWith(".")) continue;
      const path = folder.path === "" ? name : `${folder.path}/${name}`;
      if (kind === "file") visit(path, false);
      else if (kind === "link") {
        const found = await follow(path, folder);
        if (found !== null) folders.push(found);
      } else if (enters(path)) {
        const real = `${folder.real}${folder.real.endsWith(sep) ? "" : sep}${name}`;
        if (folder.linked && isOwnParent(real, folder)) continue;
        folders.push({ path, real, parent: folder, linked: folder.linked });
      }
    }
    return folders;
  };

  const waiting: Folder[] = [{ path: "", real: rootReal, parent: undefined, linked: false }];
  while (waiting.length > 0) {
    for (const folders of await Promise.all(waiting.splice(-CONCURRENT).map(list))) {
      for (const folder of folders) waiting.push(folder);
    }
  }
}
