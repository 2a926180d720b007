import { basename, dirname, extname } from "node:path";
import { type ByteName, byteName, shownName, textOfName } from "../../shared/byte-name.js";
import { PixtokError } from "../../shared/errors.js";
import type { ListedFolder } from "../../shared/listed-folder.js";
import { placeWithin } from "../found-source.js";
import { isImageName } from "../image-names.js";
import { isSplitName, splitsAmong } from "../splits.js";
import { walkFiles } from "./folder-walk.js";

/** What there is below a folder, in the order of the names' bytes. */
export interface Contents {
  images: ByteName[];
  /** The text files: their endings, `.txt` or `.TXT`, by what is before these. */
  texts: Map<ByteName, string>;
  /** Files in which there may be texts, or pairs, of many images. */
  tables: ByteName[];
  /** Links that lead out of the folder. */
  leadOut: ReadonlySet<ByteName>;
}

const TABLE = /\.(jsonl|ndjson|csv|tsv|json|parquet|tar|arrow)$/i;

const CAPTIONS = /(^|\/)captions[^/]*$/i;

const METADATA = /(^|\/)metadata\.(jsonl|csv|parquet)$/;

export const withoutExtension = (path: string) => path.slice(0, -extname(path).length);

const folderOf = (path: string) => (path.includes("/") ? dirname(path) : "");

/** Sorts files by what they may be. */
function contentsCollector() {
  const images: ByteName[] = [];
  const texts: Contents["texts"] = new Map();
  const tables: ByteName[] = [];
  return {
    see(path: ByteName): void {
      const extension = extname(path);
      if (isImageName(path)) images.push(path);
      else if (extension.toLowerCase() === ".txt") {
        const stem = withoutExtension(path);
        if (extension === ".txt" || !texts.has(stem)) texts.set(stem, extension);
      } else if (TABLE.test(path)) tables.push(path);
    },
    finished(leadOut: ReadonlySet<ByteName>): Contents {
      images.sort();
      tables.sort();
      return { images, texts, tables, leadOut };
    },
  };
}

/** @param wanted the files that count. Default: all of them. */
export async function contentsOf(
  folder: string,
  allowOutside: boolean,
  wanted?: ListedFolder<unknown>,
): Promise<Contents> {
  const { see, finished } = contentsCollector();
  const leadOut = new Set<ByteName>();
  await walkFiles(folder, { allowOutside }, (path, leadsOut) => {
    if (wanted !== undefined && !wanted.has(textOfName(path) ?? "")) return;
    if (leadsOut) leadOut.add(path);
    see(path);
  });
  return finished(leadOut);
}

/** Names that begin with a point, and those that are empty. */
const HIDDEN = /(^|\/)(\.|\/|$)/;

/** What there is among files that have been listed, by their paths; hidden ones are left out as they are here. */
export function contentsOfList(paths: Iterable<string>): Contents {
  const { see, finished } = contentsCollector();
  for (const path of paths) {
    if (!HIDDEN.test(path)) see(byteName(path));
  }
  return finished(new Set());
}

const MOST_NAMED = 4;

/** A few names of many. */
function someOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map(shownName).join(", ");
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

export function refused(folder: string, message: string): PixtokError {
  return new PixtokError("UNKNOWN_SOURCE", message, { source: folder });
}

/** Refuses a folder where a folder below it, or a file in it, is what is wanted. */
export function requireOneDataset(folder: string, { images, tables }: Contents): void {
  const folders = new Set([...images, ...tables].map(folderOf));
  const splits = splitsAmong(folders);
  if (splits !== undefined) {
    const { parent, names } = splits;
    const place = parent === "" ? "" : ` in ${shownName(parent)}`;
    const below = parent === "" ? "" : `${shownName(parent)}/`;
    const one = placeWithin(folder, `${below}${names[0]}`);
    throw refused(
      folder,
      `there are several splits (${someOf(names)})${place}; expected the folder of one, such as ${one}, or split: ${JSON.stringify(names[0])}`,
    );
  }
  const metadata = tables.filter((path) => METADATA.test(path) && folderOf(path) !== "");
  if (metadata.length > 0) {
    const one = placeWithin(folder, shownName(folderOf(metadata[0] as string)));
    throw refused(
      folder,
      `the texts are in folders below this one (${someOf(metadata)}); expected the folder of one, such as ${one}`,
    );
  }
  if (images.length === 0) {
    const instead = `; there is ${someOf(tables)}: expected such files, or the folder that they are in`;
    throw refused(
      folder,
      `there are no images in this folder${tables.length === 0 ? "" : instead}`,
    );
  }
}

/** Refuses names of folders as texts where they are no names of classes. */
export function requireClasses(folder: string, { images, texts, tables }: Contents): void {
  const loose = images.find((path) => folderOf(path) === "");
  if (loose !== undefined) {
    throw refused(
      folder,
      `${JSON.stringify(shownName(loose))} has no text: expected a .txt file beside it, a metadata.jsonl or metadata.csv, or images in a folder for each class${tables.length === 0 ? "" : `; where the texts are in ${someOf(tables)}, expected that file`}`,
    );
  }
  const classes = new Set(images.map((path) => basename(dirname(path))));
  if ([...classes].every(isSplitName)) {
    throw refused(
      folder,
      `the images have no texts: ${someOf([...classes])} is the name of a split, and not of a class; expected a .txt file beside each image, or a metadata.jsonl or metadata.csv`,
    );
  }
  const captions = [...texts].map(([stem, ending]) => `${stem}${ending}`);
  const lists = [...tables, ...captions.filter((path) => CAPTIONS.test(path))];
  if (classes.size === 1 && lists.length > 0) {
    throw refused(
      folder,
      `the images are all in one folder and have no .txt files beside them; where their texts are in ${someOf(lists)}, expected that file`,
    );
  }
  const stems = new Set([...texts.keys()].map((stem) => basename(stem)));
  const apart = images.filter((path) => stems.has(basename(withoutExtension(path)))).length;
  if (2 * apart > images.length) {
    throw refused(
      folder,
      "the text files are in other folders than the images of their names; expected each beside its image",
    );
  }
}
