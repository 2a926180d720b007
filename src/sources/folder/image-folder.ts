import { basename, dirname, join } from "node:path";
import type { ImageInput } from "../../image/image-input.js";
import { type ByteName, pathOfName, shownName, textOfName } from "../../shared/byte-name.js";
import { PixtokError } from "../../shared/errors.js";
import { type OptionReaders, readOptions } from "../../shared/options.js";
import { readRegularFile } from "../../shared/regular-file.js";
import { LINK_LEADS_OUT, rootReaders } from "../image-root.js";
import { makeFingerprint, type PairSource } from "../pair-source.js";
import {
  contentsOf,
  refused,
  requireClasses,
  requireOneDataset,
  withoutExtension,
} from "./folder-contents.js";
import { readImageText } from "./image-text.js";

/** Options of `openImageFolder`. */
export interface ImageFolderOptions {
  /** Whether symbolic links may lead out of the folder; otherwise one is an error. Default false. */
  allowOutsideRoot?: boolean;
}

const readers = {
  allowOutsideRoot: rootReaders.allowOutsideRoot,
} satisfies OptionReaders<ImageFolderOptions>;

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
    fingerprint: makeFingerprint([images.length, texts.size, ...images]),
    description: description(),
    async get(index) {
      const text = await textOf(index);
      return { image: await imageAt(index), text, key: shownName(pathAt(index)) };
    },
    texts: async (index) => textOf(index),
  };
}
