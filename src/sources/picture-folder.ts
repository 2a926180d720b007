import { opendir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative, sep } from "node:path";
import { PixtokError } from "../errors.js";
import { digestOf, type PairSource } from "../pair-source.js";
import { unreadableFile } from "../unreadable-file.js";
import { requireOptions } from "../validation.js";

const pictureExtensions = new Set([
  ".jpg",
  ".jpeg",
  ".png",
  ".webp",
  ".gif",
  ".avif",
  ".tif",
  ".tiff",
]);

export function isPictureName(name: string): boolean {
  return pictureExtensions.has(extname(name).toLowerCase());
}

/** Paths below the folder, in the order of their characters; hidden files and folders are left out. */
async function filesBelow(folder: string): Promise<{ pictures: string[]; texts: Set<string> }> {
  const pictures: string[] = [];
  const texts = new Set<string>();
  try {
    for await (const entry of await opendir(folder, { recursive: true })) {
      const path = relative(folder, join(entry.parentPath, entry.name));
      const isHidden = path.split(sep).some((part) => part.startsWith("."));
      if (isHidden || entry.isDirectory()) continue;
      if (isPictureName(path)) pictures.push(path);
      else if (extname(path).toLowerCase() === ".txt") texts.add(path);
    }
  } catch (cause) {
    throw unreadableFile(folder, cause);
  }
  pictures.sort((a, b) => (a < b ? -1 : 1));
  return { pictures, texts };
}

const withoutExtension = (path: string) => path.slice(0, -extname(path).length);

/**
 * Pictures in a folder and those below it. Where there are text files, the text of a picture is that of
 * the file of its name with `.txt`, without white space around it; one that has none cannot be read.
 * Where there are none, it is the name of the folder that the picture is in, as of `cat/1.jpg`.
 *
 * @throws {TypeError} for options; it has none.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; UNKNOWN_SOURCE where there are no pictures, or
 *   nothing that could be their text.
 */
export async function openPictureFolder(folder: string, options: object = {}): Promise<PairSource> {
  requireOptions("openPictureFolder", options, []);
  const { pictures, texts } = await filesBelow(folder);
  if (pictures.length === 0) {
    throw new PixtokError("UNKNOWN_SOURCE", "there are no pictures in this folder", {
      source: folder,
    });
  }
  const rest = {
    length: pictures.length,
    fingerprint: digestOf([pictures.length, texts.size, ...pictures]),
  };
  const pictureAt = (index: number) => pictures[index] as string;
  if (texts.size === 0) {
    const loose = pictures.find((path) => dirname(path) === ".");
    if (loose !== undefined) {
      throw new PixtokError(
        "UNKNOWN_SOURCE",
        `${JSON.stringify(loose)} has no text: expected a .txt file beside it, a metadata.jsonl or metadata.csv, or pictures in a folder for each class`,
        { source: folder },
      );
    }
    const classOf = (index: number) => basename(dirname(pictureAt(index)));
    const classes = new Set(pictures.map((path) => basename(dirname(path))));
    return {
      ...rest,
      description: `folders of ${classes.size} classes, ${pictures.length} pictures`,
      get: (index) => ({
        image: join(folder, pictureAt(index)),
        text: classOf(index),
        id: pictureAt(index),
      }),
      texts: classOf,
    };
  }
  const textOf = async (index: number): Promise<string> => {
    const path = join(folder, `${withoutExtension(pictureAt(index))}.txt`);
    try {
      return (await readFile(path, "utf8")).trim();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const reason = code === "ENOENT" ? "there is no such file beside the picture" : message;
      throw new PixtokError("INVALID_TEXT", reason, { index, source: path, cause });
    }
  };
  return {
    ...rest,
    description: `folder of pictures with text files, ${pictures.length} pairs`,
    async get(index) {
      const text = await textOf(index);
      return { image: join(folder, pictureAt(index)), text, id: pictureAt(index) };
    },
    texts: textOf,
  };
}
