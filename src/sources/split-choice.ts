import { basename, extname, join } from "node:path";
import { splitOf } from "./files-of-split.js";
import { unknownSource } from "./found-source.js";
import { isSplitName, namesOfSplit } from "./splits.js";

/** What of a folder is a split: a folder in it, or files in it. */
export type ChosenSplit = { readonly folder: string } | { readonly files: readonly string[] };

/** What a file is of: `train.jsonl`, `train-00000-of-00002.parquet` and `train_01.tar` of "train". */
const nameOf = (file: string) => splitOf(file) ?? basename(file, extname(file));

/**
 * The one of some names that is meant by a split's; undefined where there is none.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE where several may be meant.
 */
export function oneOfSplits(
  folder: string,
  names: readonly string[],
  split: string,
): string | undefined {
  const meant = namesOfSplit(names, split);
  if (meant.length < 2) return meant[0];
  const expected = `split: expected one of ${meant.join(", ")}`;
  throw unknownSource(folder, `${expected}, got ${JSON.stringify(split)}`);
}

/**
 * A split in a folder; undefined where there is none, and it may be in the only folder below.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE where several may be meant.
 */
export function splitIn(
  folder: string,
  folders: readonly string[],
  files: readonly string[],
  split: string,
): ChosenSplit | undefined {
  const below = oneOfSplits(folder, folders, split);
  if (below !== undefined) return { folder: join(folder, below) };
  const name = oneOfSplits(folder, [...new Set(files.map(nameOf))], split);
  if (name === undefined) return undefined;
  return { files: files.filter((file) => nameOf(file) === name) };
}

/** @param names of folders and files. */
export function noSuchSplit(folder: string, names: readonly string[], split: string) {
  const splits = [...new Set(names.map(nameOf))].filter(isSplitName).sort();
  const there = splits.length === 0 ? "there are none" : `expected one of ${splits.join(", ")}`;
  return unknownSource(folder, `split: ${there} in this folder, got ${JSON.stringify(split)}`);
}
