/** Names of a data set's parts for training and testing, as Hugging Face's `datasets` knows them. */
const WORDS = "train|training|test|testing|eval|evaluation|val|valid|validation|dev";
const SPLIT = new RegExp(`^(${WORDS})[-_. ]?\\d*$`, "i");
const SPLIT_OF_FILE = new RegExp(`^(${WORDS})(?![a-z])`, "i");

export function isSplitName(name: string): boolean {
  return SPLIT.test(name);
}

/** The split that the name of a file begins with, as of `train-000.tar`. */
export function splitOfFile(name: string): string | undefined {
  return SPLIT_OF_FILE.exec(name)?.[0].toLowerCase();
}

/** Folders beside each other that are splits of one data set. */
export interface Splits {
  /** The folder that they are in; "" where it is the first one. */
  parent: string;
  names: string[];
}

/** The first splits that there are among folders, whose paths have slashes. */
export function splitsAmong(folders: Iterable<string>): Splits | undefined {
  const children = new Map<string, Set<string>>();
  for (const folder of folders) {
    const levels = folder.split("/");
    for (const [depth, name] of levels.entries()) {
      if (!isSplitName(name)) continue;
      const parent = levels.slice(0, depth).join("/");
      const names = children.get(parent) ?? new Set();
      children.set(parent, names.add(name));
    }
  }
  for (const [parent, names] of children) {
    if (names.size > 1) return { parent, names: [...names].sort() };
  }
  return undefined;
}
