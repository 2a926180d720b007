import { basename, dirname, extname, join } from "node:path";
import type { ImageInput } from "../../image/image-input.js";
import { type ByteName, pathOfName, shownName, textOfName } from "../../shared/byte-name.js";
import { PixtokError } from "../../shared/errors.js";
import { type OptionReaders, readOptions } from "../../shared/options.js";
import { readRegularFile } from "../../shared/regular-file.js";
import { isImageName } from "../image-names.js";
import { LINK_LEADS_OUT, rootReaders } from "../image-root.js";
import { digestOf, type PairSource } from "../pair-source.js";
import { isSplitName, splitsAmong } from "../splits.js";
import { walkFiles } from "./folder-walk.js";
import { readImageText } from "./image-text.js";

/** Options of `openImageFolder`. */
export interface ImageFolderOptions {
  /** Whether symbolic links may lead out of the folder; otherwise one is an error. Default false. */
  allowOutsideRoot?: boolean;
}

const readers = {
  allowOutsideRoot: rootReaders.allowOutsideRoot,
} satisfies OptionReaders<ImageFolderOptions>;

/** What there is below a folder, in the order of the names' bytes. */
interface Contents {
  images: ByteName[];
  /** The text files: their endings, `.txt` or `.TXT`, by what is before these. */
  texts: Map<ByteName, string>;
  /** Files in which there may be texts, or pairs, of many images. */
  tables: ByteName[];
  /** Links that lead out of the folder. */
  leadOut: Set<ByteName>;
}

const TABLE = /\.(jsonl|ndjson|csv|tsv|json|parquet|tar|arrow)$/i;
const CAPTIONS = /(^|\/)captions[^/]*$/i;
const METADATA = /(^|\/)metadata\.(jsonl|csv|parquet)$/;

const withoutExtension = (path: string) => path.slice(0, -extname(path).length);
const folderOf = (path: string) => (path.includes("/") ? dirname(path) : "");

async function contentsOf(folder: string, allowOutside: boolean): Promise<Contents> {
  const images: ByteName[] = [];
  const texts: Contents["texts"] = new Map();
  const tables: ByteName[] = [];
  const leadOut = new Set<ByteName>();
  await walkFiles(folder, allowOutside, (path, leadsOut) => {
    if (leadsOut) leadOut.add(path);
    const extension = extname(path);
    if (isImageName(path)) images.push(path);
    else if (extension.toLowerCase() === ".txt") {
      const stem = withoutExtension(path);
      if (extension === ".txt" || !texts.has(stem)) texts.set(stem, extension);
    } else if (TABLE.test(path)) tables.push(path);
  });
  images.sort();
  tables.sort();
  return { images, texts, tables, leadOut };
}

const MOST_NAMED = 4;

/** A few names of many. */
function someOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map(shownName).join(", ");
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

function refused(folder: string, message: string): PixtokError {
  return new PixtokError("UNKNOWN_SOURCE", message, { source: folder });
}

/** Refuses a folder of which another one below it, or a file in it, is what is wanted. */
function requireOneDataset(folder: string, { images, tables }: Contents): void {
  const folders = new Set([...images, ...tables].map(folderOf));
  const splits = splitsAmong(folders);
  if (splits !== undefined) {
    const { parent, names } = splits;
    const place = parent === "" ? "" : ` in ${shownName(parent)}`;
    const one = join(folder, shownName(parent), names[0] as string);
    throw refused(
      folder,
      `there are several splits (${someOf(names)})${place}; expected the folder of one, such as ${one}`,
    );
  }
  const metadata = tables.filter((path) => METADATA.test(path) && folderOf(path) !== "");
  if (metadata.length > 0) {
    const one = join(folder, shownName(folderOf(metadata[0] as string)));
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
function requireClasses(folder: string, { images, texts, tables }: Contents): void {
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

/** More bytes are not read of a file whose name has to be given to the file system as bytes. */
const MOST_IMAGE_BYTES = 2 ** 30;

/**
 * Images in a folder and those below it, symbolic links followed. Where one has a text file beside it, of
 * its name with `.txt`, the texts are those of these files, without white space around them; an image that
 * has none cannot be read. Where none has, the text is the name of the folder that the image is in, as of
 * `cat/1.jpg`.
 *
 * @throws {TypeError} for misuse.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; UNKNOWN_SOURCE where there are no images, several
 *   splits, nothing that could be an image's text, or links to folders that lead out and are not allowed.
 */
export async function openImageFolder(
  folder: string,
  options: ImageFolderOptions = {},
): Promise<PairSource> {
  const { allowOutsideRoot } = readOptions("openImageFolder", options, readers);
  const contents = await contentsOf(folder, allowOutsideRoot);
  const { images, texts, leadOut } = contents;
  requireOneDataset(folder, contents);
  if (images.every((path) => leadOut.has(path))) throw refused(folder, LINK_LEADS_OUT);
  const endings = images.map((path) => texts.get(withoutExtension(path)));
  const hasTexts = endings.some((ending) => ending !== undefined);
  if (!hasTexts) requireClasses(folder, contents);

  const pathAt = (index: number) => images[index] as ByteName;
  const requireInside = (path: ByteName, index: number): void => {
    if (!leadOut.has(path)) return;
    const source = join(folder, shownName(path));
    throw new PixtokError("INVALID_SAMPLE", LINK_LEADS_OUT, { index, source });
  };
  const imageAt = async (index: number): Promise<ImageInput> => {
    requireInside(pathAt(index), index);
    const path = pathOfName(folder, pathAt(index));
    // decoders take paths that are text
    return typeof path === "string" ? path : readRegularFile(path, MOST_IMAGE_BYTES, { index });
  };
  const classOf = (index: number): string => {
    const name = basename(dirname(pathAt(index)));
    const text = textOfName(name);
    if (text !== undefined) return text;
    const source = join(folder, shownName(pathAt(index)));
    const message = "the name of the class's folder is not UTF-8; rename it";
    throw new PixtokError("INVALID_TEXT", message, { index, source });
  };
  const textOf = (index: number): string | Promise<string> => {
    if (!hasTexts) return classOf(index);
    const path = `${withoutExtension(pathAt(index))}${endings[index] ?? ".txt"}`;
    if (endings[index] === undefined) {
      const message = "there is no such file beside the image";
      throw new PixtokError("INVALID_TEXT", message, {
        index,
        source: join(folder, shownName(path)),
      });
    }
    requireInside(path, index);
    return readImageText(pathOfName(folder, path), index);
  };
  const description = () => {
    if (hasTexts) return `folder of images with text files, ${images.length} pairs`;
    const classes = new Set(images.map((path) => basename(dirname(path))));
    return `folders of ${classes.size} classes, ${images.length} images`;
  };
  return {
    length: images.length,
    fingerprint: digestOf([images.length, texts.size, ...images]),
    description: description(),
    async get(index) {
      const text = await textOf(index);
      return { image: await imageAt(index), text, id: shownName(pathAt(index)) };
    },
    texts: async (index) => textOf(index),
  };
}
