/** Names of a data set's parts for training and testing, as Hugging Face's `datasets` knows them. */
const words = [
  ["train", "training"],
  ["validation", "valid", "val", "dev"],
  ["test", "testing", "evaluation", "eval"],
];
const WORDS = words.flat().join("|");
const SPLIT = new RegExp(`^(${WORDS})[-_. ]?\\d*$`, "i");
/** A year is part of the name, as of `val2017`; other digits may be a shard's number. */
const SPLIT_OF_FILE = new RegExp(`^(${WORDS})((19|20)\\d\\d(?!\\d))?(?![a-z])`, "i");

export function isSplitName(name: string): boolean {
  return SPLIT.test(name);
}

/** What a split is called by all of its names: `val`, `dev` and `validation` are one. */
function splitWords(name: string): readonly string[] | undefined {
  return words.find((same) => same.includes(name.toLowerCase()));
}

/**
 * Those of some names that are meant by a split's: of just this name, or else of another word for it, such as `val2017`
 * for "validation".
 */
export function namesOfSplit(names: readonly string[], split: string): string[] {
  const exact = names.filter((name) => name.toLowerCase() === split.toLowerCase());
  if (exact.length > 0) return exact;
  const meant = splitWords(split);
  return names.filter((name) => {
    const word = SPLIT.exec(name)?.[1];
    return meant !== undefined && word !== undefined && splitWords(word) === meant;
  });
}

/** The split that the name of a file begins with, as of `train-000.tar` and `val2017.jsonl`. */
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
