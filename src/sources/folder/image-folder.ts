import { whenLoaded } from "../../shared/when-loaded.js";
import type { PairSource } from "../pair-source.js";
import type { ImageFolderOptions } from "./image-folder-options.js";

/**
 * Images in a folder and those below it, symbolic links followed. Where one has a text file beside it, of
 * its name with `.txt`, the texts are those of these files, without white space around them; an image that
 * has none cannot be read. Where none has, the text is the name of the folder that the image is in, as of
 * `cat/1.jpg`.
 *
 * @param folder a path; or a URL, of a bucket or of a dataset on the hub, whose files are listed.
 * @throws {TypeError} for misuse.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; UNKNOWN_SOURCE where there are no images, several
 *   splits, nothing that could be an image's text, or links to folders that lead out and are not allowed; those of
 *   servers, which begin with REMOTE_ and HUB_.
 */
export async function openImageFolder(
  folder: string | URL,
  options: ImageFolderOptions = {},
): Promise<PairSource> {
  // its readers are only loaded when they are needed
  const { openImageFolderSource } = await whenLoaded(import("./image-folder-source.js"));
  return openImageFolderSource(folder, options);
}
