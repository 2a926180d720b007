/** Files of a folder that have been listed. Each is made when it is asked for: there may be millions. */
export interface ListedFolder<File> {
  readonly size: number;
  /** Paths from the folder, with slashes. */
  paths(): Iterable<string>;
  has(path: string): boolean;
  file(path: string): File | undefined;
  /** The files below a folder in it, by their paths from there; "" is the folder itself. */
  within(path: string): ListedFolder<File>;
  /** Some of its files alone. */
  only(paths: Iterable<string>): ListedFolder<File>;
}

/**
 * @param files what a list has of them, by their paths from the folder.
 * @param make the file that the list means.
 */
export function listedFolder<Listed, File>(
  files: ReadonlyMap<string, Listed>,
  make: (listed: Listed) => File,
): ListedFolder<File> {
  const folder: ListedFolder<File> = {
    size: files.size,
    paths: () => files.keys(),
    has: (path) => files.has(path),
    file: (path) => (files.has(path) ? make(files.get(path) as Listed) : undefined),
    within(path) {
      if (path === "") return folder;
      const own = new Map<string, Listed>();
      for (const [name, listed] of files) {
        if (name.startsWith(`${path}/`)) own.set(name.slice(path.length + 1), listed);
      }
      return listedFolder(own, make);
    },
    only(paths) {
      const chosen = new Map<string, Listed>();
      for (const path of paths) {
        if (files.has(path)) chosen.set(path, files.get(path) as Listed);
      }
      return listedFolder(chosen, make);
    },
  };
  return folder;
}
