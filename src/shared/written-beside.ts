import { basename, dirname, join } from "node:path";
import { isTemporaryName } from "./atomic-file.js";

const INDEX = ".idx";

/** Where the index of a file stands beside it. */
export function pathOfIndex(path: string): string {
  return `${path}${INDEX}`;
}

/** Where it stands among files that others read by the folder: what is hidden they pass over. */
export function pathOfHiddenIndex(path: string): string {
  return join(dirname(path), `.${basename(path)}${INDEX}`);
}

/** Whether a file is an index that a process which has ended did not finish. */
export function isUnfinishedIndex(name: string): boolean {
  return isTemporaryName(name, INDEX);
}

/**
 * What of the files that a pattern means is data: an index that stands beside its file is none, nor is one that was
 * not finished.
 *
 * @param names of files, or their paths.
 */
export function withoutIndexes(names: readonly string[]): string[] {
  const all = new Set(names);
  const isIndex = (name: string) => {
    const of = name.slice(0, -INDEX.length);
    const ofHidden = of.replace(/(^|[\\/])\.(?=[^\\/]*$)/, "$1");
    return name.endsWith(INDEX) && [of, `${of}.tar`, ofHidden].some((one) => all.has(one));
  };
  return names.filter((name) => !isIndex(name) && !isUnfinishedIndex(name));
}
