import { isTemporaryName } from "./atomic-file.js";

const INDEX = ".idx";

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
    return name.endsWith(INDEX) && (all.has(of) || all.has(`${of}.tar`));
  };
  return names.filter((name) => !isIndex(name) && !isUnfinishedIndex(name));
}
