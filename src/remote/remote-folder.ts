import type { RemoteFile } from "./remote-file.js";
import type { ListedFile } from "./remote-listing.js";

/** Files of a folder, by their paths from there. Each is made when it is asked for: there may be millions. */
export interface RemoteFolder {
  readonly size: number;
  paths(): Iterable<string>;
  file(path: string): RemoteFile | undefined;
  /** The files below a folder in it, by their paths from there; "" is the folder itself. */
  within(path: string): RemoteFolder;
  /** Some of its files alone. */
  only(paths: Iterable<string>): RemoteFolder;
}

/**
 * @param files what a list has of them, by their paths from the folder.
 * @param make the file that the list means.
 */
export function remoteFolder(
  files: ReadonlyMap<string, ListedFile>,
  make: (listed: ListedFile) => RemoteFile,
): RemoteFolder {
  return {
    size: files.size,
    paths: () => files.keys(),
    file(path) {
      const listed = files.get(path);
      return listed === undefined ? undefined : make(listed);
    },
    within(path) {
      if (path === "") return this;
      const own = new Map<string, ListedFile>();
      for (const [name, listed] of files) {
        if (name.startsWith(`${path}/`)) own.set(name.slice(path.length + 1), listed);
      }
      return remoteFolder(own, make);
    },
    only(paths) {
      const chosen = new Map<string, ListedFile>();
      for (const path of paths) {
        const listed = files.get(path);
        if (listed !== undefined) chosen.set(path, listed);
      }
      return remoteFolder(chosen, make);
    },
  };
}
