import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isMissing, unreadableFile } from "../shared/unreadable-file.js";
import { type Found, unknownSource } from "./found-source.js";
import { isFolderAt } from "./parquet-folders.js";
import { oneOfSplits } from "./split-choice.js";

/** Captions as COCO has them: `annotations/captions_val2017.json`, of images in `val2017`. */
const CAPTIONS = /^captions_(.+)\.json$/i;

/** Paths of the files of captions in a folder, or in its `annotations`, by the names of their splits. */
async function captionFiles(folder: string): Promise<Map<string, string>> {
  for (const place of [join(folder, "annotations"), folder]) {
    const names = await readdir(place).catch((cause) => {
      if (isMissing(cause) || (cause as NodeJS.ErrnoException).code === "ENOTDIR") return [];
      throw unreadableFile(place, cause);
    });
    const splits = names.sort().flatMap((name) => {
      const split = CAPTIONS.exec(name)?.[1];
      return split === undefined ? [] : [[split, join(place, name)] as const];
    });
    if (splits.length > 0) return new Map(splits);
  }
  return new Map();
}

export async function hasCaptions(folder: string): Promise<boolean> {
  return (await captionFiles(folder)).size > 0;
}

/** Where the images of a split are: in a folder of its name, or else where they are named from. */
async function rootOf(folder: string, split: string): Promise<string> {
  const isOfAnnotations = basename(resolve(folder)) === "annotations";
  const set = isOfAnnotations ? dirname(resolve(folder)) : folder;
  for (const path of [join(set, split), join(set, "images", split)]) {
    if (await isFolderAt(path)) return path;
  }
  return set;
}

/**
 * COCO's captions in a folder; undefined where there are none, or none of the split.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE where several splits may be meant.
 */
export async function cocoIn(
  folder: string,
  split: string | undefined,
): Promise<Found | undefined> {
  const files = await captionFiles(folder);
  const names = [...files.keys()];
  const [only, second] = names;
  if (split === undefined && second !== undefined) {
    throw unknownSource(
      folder,
      `there are several splits (${names.join(", ")}); expected split to be one of them, such as split: ${JSON.stringify(only)}`,
    );
  }
  const name = split === undefined ? only : oneOfSplits(folder, names, split);
  if (name === undefined) return undefined;
  const path = files.get(name) as string;
  return { kind: "coco", paths: [path], root: await rootOf(folder, name) };
}
