import { basename, dirname } from "node:path";
import type { RemoteFile } from "../../remote/remote-file.js";
import { isRemote } from "../../remote/remote-location.js";
import { remoteReaders } from "../../remote/remote-options.js";
import { type ByteName, shownName, textOfName } from "../../shared/byte-name.js";
import { PixtokError } from "../../shared/errors.js";
import type { ListedFolder } from "../../shared/listed-folder.js";
import { textOfUrl } from "../../shared/location.js";
import {
  type OptionReaders,
  type ReadOptions,
  readOptions,
  withDefault,
} from "../../shared/options.js";
import type { SourceContext } from "../../shared/sample-context.js";
import { describe, requireBoolean, wrongType } from "../../shared/validation.js";
import { readColumnNames } from "../column-types.js";
import type { DataFile } from "../data-files.js";
import { placeWithin } from "../found-source.js";
import { LINK_LEADS_OUT, rootReaders } from "../image-root.js";
import { makeFingerprint, type PairSource } from "../pair-source.js";
import { requireLocal } from "../unsupported-data.js";
import { refused, requireClasses, requireOneDataset, withoutExtension } from "./folder-contents.js";
import { type FolderFiles, localFiles } from "./folder-files.js";
import type { ImageFolderOptions } from "./image-folder-options.js";

const readers = {
  columns: readColumnNames,
  texts: withDefault(requireBoolean, true),
  allowOutsideRoot: rootReaders.allowOutsideRoot,
  ...remoteReaders,
} satisfies OptionReaders<ImageFolderOptions>;

/** As openImageFolder(). */
export async function openImageFolderSource(
  location: string | URL,
  options: ImageFolderOptions = {},
): Promise<PairSource> {
  const given = readOptions("openImageFolder", options, readers);
  const folder = textOfUrl(location);
  if (typeof folder !== "string" || folder === "") {
    throw wrongType("folder", "the path or URL of a folder", location);
  }
  if (isRemote(folder)) {
    const [{ remotePlaces }, { remoteFiles }] = await Promise.all([
      import("../../remote/remote-places.js"),
      import("./remote-folder-files.js"),
    ]);
    const below = await remotePlaces(given).below(folder);
    return pairsOfFolder(remoteFiles(folder, below, given), given);
  }
  return pairsOfFolder(await localFiles(requireLocal(folder), given.allowOutsideRoot), given);
}

/**
 * As openImageFolderSource(), of those files alone that have been listed.
 *
 * @internal
 */
export async function openListedImages(
  folder: string,
  below: ListedFolder<DataFile>,
  options: ImageFolderOptions,
): Promise<PairSource> {
  const given = readOptions("openImageFolder", options, readers);
  if (!isRemote(folder)) {
    return pairsOfFolder(await localFiles(folder, given.allowOutsideRoot, below), given);
  }
  const { remoteFiles } = await import("./remote-folder-files.js");
  return pairsOfFolder(remoteFiles(folder, below as ListedFolder<RemoteFile>, given), given);
}

function pairsOfFolder(files: FolderFiles, given: ReadOptions<typeof readers>): PairSource {
  const { columns } = given;
  const { folder, contents } = files;
  const { images, texts, leadOut } = contents;
  requireOneDataset(folder, contents);
  if (images.every((path) => leadOut.has(path))) throw refused(folder, LINK_LEADS_OUT);
  const endings = images.map((path) => texts.get(withoutExtension(path)));
  const hasTextFiles = given.texts && endings.some((ending) => ending !== undefined);
  const mayHaveClasses = given.texts || wantsLabels(columns, images);
  const hasClasses = !hasTextFiles && mayHaveClasses;
  if (hasClasses && !given.texts) requireFolders(folder, images);
  if (hasClasses) {
    requireClasses(folder, given.texts ? contents : { ...contents, texts: new Map() });
  }

  const pathAt = (index: number) => images[index] as ByteName;
  const nameOf = (path: ByteName) => placeWithin(folder, shownName(path));
  const requireInside = (path: ByteName, index: number): void => {
    if (!leadOut.has(path)) return;
    throw new PixtokError("INVALID_SAMPLE", LINK_LEADS_OUT, { index, source: nameOf(path) });
  };
  const classOf = (index: number): string => {
    const name = basename(dirname(pathAt(index)));
    const text = textOfName(name);
    if (text !== undefined) return text;
    const message = "the name of the class's folder is not UTF-8; rename it";
    throw new PixtokError("INVALID_TEXT", message, { index, source: nameOf(pathAt(index)) });
  };
  const textOf = (index: number, context?: SourceContext): string | Promise<string> => {
    if (!given.texts) return "";
    if (!hasTextFiles) return classOf(index);
    const path = `${withoutExtension(pathAt(index))}${endings[index] ?? ".txt"}`;
    if (endings[index] === undefined) {
      const message = "there is no such file beside the image";
      throw new PixtokError("INVALID_TEXT", message, { index, source: nameOf(path) });
    }
    requireInside(path, index);
    return files.text(path, index, context);
  };
  const label = labelsOf(folder, columns, hasClasses ? images : []);
  const description = () => {
    if (hasTextFiles) return `folder of images with text files, ${images.length} pairs`;
    if (!hasClasses) return `folder of ${images.length} images`;
    const classes = new Set(images.map((path) => basename(dirname(path))));
    return `folders of ${classes.size} classes, ${images.length} images`;
  };
  return {
    length: images.length,
    fingerprint: makeFingerprint([images.length, texts.size, ...images]),
    description: description(),
    blockLengths: () => [images.length],
    ...(columns === "auto" && { columnTypes: {} }),
    ...(label !== undefined && {
      columnTypes: { [LABEL]: "int64" },
      classNames: { [LABEL]: label.names },
    }),
    async get(index, context) {
      const path = pathAt(index);
      const text = await textOf(index, context);
      const own = label !== undefined && { columns: { [LABEL]: label.at(path) } };
      requireInside(path, index);
      return { ...(await files.image(path, index, context)), text, key: shownName(path), ...own };
    },
    texts: async (index, context) => textOf(index, context),
  };
}

/** As `datasets` calls it. */
const LABEL = "label";

/** Whether a folder without texts is one of classes: where that is asked for, or all images are in folders. */
function wantsLabels(columns: readonly string[] | "auto", images: readonly ByteName[]): boolean {
  return columns === "auto" ? images.every((path) => path.includes("/")) : columns.includes(LABEL);
}

/** @throws {PixtokError} UNKNOWN_SOURCE for an image that has no class, where classes are wanted. */
function requireFolders(folder: string, images: readonly ByteName[]): void {
  const loose = images.find((path) => !path.includes("/"));
  if (loose === undefined) return;
  const name = describe(shownName(loose));
  throw refused(folder, `columns: ${name} is in no folder of a class, so that it has no label`);
}

/**
 * Numbers of the images' classes: torchvision's ImageFolder and `datasets` sort the folders' names as well. An image
 * is of the folder that it is in, as with `datasets`; torchvision takes the topmost.
 */
function labelsOf(
  folder: string,
  columns: readonly string[] | "auto",
  images: readonly ByteName[],
): { names: readonly string[]; at(path: ByteName): number } | undefined {
  const hasLabels = images.length > 0;
  const unknown =
    columns === "auto" ? undefined : columns.find((name) => name !== LABEL || !hasLabels);
  if (unknown !== undefined) {
    const there = hasLabels
      ? `the column "${LABEL}" alone`
      : "no columns, as the images have text files; texts: false, or text: null of a dataset, leaves these out";
    throw refused(folder, `columns: expected ${there}, got ${describe(unknown)}`);
  }
  if (columns.length === 0 || !hasLabels) return undefined;
  // byte by byte, which is the order of code points
  const classes = [...new Set(images.map(classFolder))].sort();
  const numbers = new Map(classes.map((name, number) => [name, number]));
  return {
    names: classes.map(shownName),
    at: (path) => numbers.get(classFolder(path)) as number,
  };
}

const classFolder = (path: ByteName): string => basename(dirname(path));
