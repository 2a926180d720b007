import { type ByteName, pathOfName } from "../../shared/byte-name.js";
import type { ListedFolder } from "../../shared/listed-folder.js";
import { readRegularFile } from "../../shared/regular-file.js";
import type { SourceContext } from "../../shared/sample-context.js";
import type { ImageOfPair } from "../found-images.js";
import { type Contents, contentsOf } from "./folder-contents.js";
import { readImageText } from "./image-text.js";

/** A folder of images, and how its files are read. */
export interface FolderFiles {
  /** Its path or URL. */
  readonly folder: string;
  readonly contents: Contents;
  image(
    path: ByteName,
    index: number,
    context: SourceContext | undefined,
  ): ImageOfPair | Promise<ImageOfPair>;
  /** The text in a file beside an image, without white space around it. */
  text(path: ByteName, index: number, context: SourceContext | undefined): Promise<string>;
}

/** More bytes are not read of a file whose name has to be given to the file system as bytes. */
const MOST_IMAGE_BYTES = 2 ** 30;

/**
 * @param wanted the files that count. Default: all of them.
 * @throws {PixtokError} as walkFiles().
 */
export async function localFiles(
  folder: string,
  allowOutside: boolean,
  wanted?: ListedFolder<unknown>,
): Promise<FolderFiles> {
  return {
    folder,
    contents: await contentsOf(folder, allowOutside, wanted),
    image(name, index) {
      const path = pathOfName(folder, name);
      // decoders take paths that are text
      if (typeof path === "string") return { image: path };
      return readRegularFile(path, MOST_IMAGE_BYTES, { index }).then((image) => ({ image }));
    },
    text: (name, index) => readImageText(pathOfName(folder, name), index),
  };
}
