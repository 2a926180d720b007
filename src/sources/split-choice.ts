import { basename, extname, join } from "node:path";
import { splitOf } from "./files-of-split.js";
import { unknownSource } from "./found-source.js";
import { isSplitName, namesOfSplit } from "./splits.js";

/** What of a folder is a split: a folder in it, or files in it. */
export type ChosenSplit = { readonly folder: string } | { readonly files: readonly string[] };

/** What a file is of: `train.jsonl`, `train-00000-of-00002.parquet` and `train_01.tar` of "train". */
const nameOf = (file: string) => splitOf(file) ?? basename(file, extname(file));

/**
 * A split in a folder; undefined where there is none, and it may be in the only folder below.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE where several folders may be meant.
 */
export function splitIn(
  folder: string,
  folders: readonly string[],
  files: readonly string[],
  split: string,
): ChosenSplit | undefined {
  const [only, second] = namesOfSplit(folders, split);
  if (only !== undefined && second === undefined) return { folder: join(folder, only) };
  if (only !== undefined) {
    const names = namesOfSplit(folders, split).join(", ");
    throw unknownSource(folder, `split: expected one of ${names}, got ${JSON.stringify(split)}`);
  }
  const meant = new Set(namesOfSplit([...new Set(files.map(nameOf))], split));
  const own = files.filter((file) => meant.has(nameOf(file)));
  return own.length > 0 ? { files: own } : undefined;
}

/** @param names of folders and files. */
export function noSuchSplit(folder: string, names: readonly string[], split: string) {
  const splits = [...new Set(names.map(nameOf))].filter(isSplitName).sort();
  const there = splits.length === 0 ? "there are none" : `expected one of ${splits.join(", ")}`;
  return unknownSource(folder, `split: ${there} in this folder, got ${JSON.stringify(split)}`);
}
