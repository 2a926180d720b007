import { basename, extname, join } from "node:path";
import { unknownSource } from "./found-source.js";
import { splitOfFile } from "./splits.js";

export function filesEndingIn(folder: string, names: readonly string[], ending: string): string[] {
  return names
    .filter((name) => name.toLowerCase().endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}

/** What files of a split begin with: `train-00000-of-00002.parquet`, `val_01.tar`. */
export const splitOf = (file: string): string | undefined =>
  /^(.*)-\d+-of-\d+\.\w+$/.exec(basename(file))?.[1] ?? splitOfFile(basename(file));

export function requireOneSplit(folder: string, files: string[]): string[] {
  const found = files.map(splitOf).filter((split) => split !== undefined);
  const splits = [...new Set(found)];
  if (splits.length < 2) return files;
  const one = join(folder, `${splits[0]}*${extname(files[0] as string)}`);
  throw unknownSource(
    folder,
    `there are several splits (${splits.join(", ")}); expected the files of one, such as ${one}, or split: ${JSON.stringify(splits[0])}`,
  );
}
