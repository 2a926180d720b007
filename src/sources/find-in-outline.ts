import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { isRemote, shownUrl } from "../remote/remote-location.js";
import { randomToken } from "../shared/atomic-file.js";
import { PixtokError } from "../shared/errors.js";
import type { ListedFolder } from "../shared/listed-folder.js";
import { machineFault } from "../shared/machine-fault.js";
import { describe } from "../shared/validation.js";
import type { DataFile } from "./data-files.js";
import { filesOfConfig, type PatternConfig } from "./dataset-card.js";
import { type Found, placeWithin, unknownSource, type WantedData } from "./found-source.js";
import { isImageName } from "./image-names.js";
import { kindOfFile } from "./kind-of-file.js";
import { parsePackedFileName } from "./packed/pack-format.js";
import { findInFolder } from "./source-folder.js";
import type { SourceKind } from "./source-kinds.js";

/** A folder whose files have been listed. */
export interface DataFolder {
  /** Its path or URL. */
  readonly place: string;
  readonly files: ListedFolder<DataFile>;
  /** The kind of a file, of JSON and Arrow by how it begins. */
  kindOf(file: DataFile): Promise<SourceKind | undefined>;
  textOf(file: DataFile): Promise<string>;
}

/** What is beside the files of a packed set, and is part of it. */
const besidePacked = ["tokenizer.json", "tokenizer_config.json"];

/** The kind that a file is said to be of by its name. */
export function kindOfName(name: string): SourceKind | undefined {
  return parsePackedFileName(name) === undefined ? kindOfFile(name) : "packed";
}

/** Whether a name that a server gives leads to a file below a folder, and is the same once it is there. */
function isPath(name: string): boolean {
  return !/[\\\0]/.test(name) && name.split("/").every((part) => !["", ".", ".."].includes(part));
}

/** Nothing is left out that may be a part of the data. */
function notNameable(outline: string, path: string, cause?: unknown): PixtokError {
  const message = `${describe(path)} cannot be the name of a file; expected URLs of files, or a pattern such as *.tar, in place of the folder`;
  return unknownSource(outline, message, cause);
}

async function outlineFile(outline: string, path: string, content: string): Promise<void> {
  if (!isPath(path)) throw notNameable(outline, path);
  try {
    await mkdir(join(outline, dirname(path)), { recursive: true });
    await writeFile(join(outline, path), content);
  } catch (cause) {
    throw machineFault(cause, { source: outline }) ?? notNameable(outline, path, cause);
  }
}

/** Names by which a folder is known for what it is; of images one in each folder is enough. */
function telling(paths: Iterable<string>): string[] {
  const withImages = new Set<string>();
  return [...paths].filter((path) => {
    if (/\.(json|arrow)$/i.test(path) || kindOfFile(path) !== undefined) return true;
    if (!isImageName(path) || withImages.has(dirname(path)) || !isPath(path)) return false;
    withImages.add(dirname(path));
    return true;
  });
}

/**
 * What there is in a folder, found as in a folder of this machine: in an outline of it, whose files have its names, and
 * are most often empty.
 */
export async function findInOutline(
  folder: DataFolder,
  { kind, split }: WantedData,
): Promise<Found> {
  const { place, files, textOf } = folder;
  const outline = join(tmpdir(), `pixtok-outline-${randomToken()}`);
  const shown = shownUrl(place).replace(/\/+$/, "");
  try {
    await mkdir(outline);
    for (const path of telling(files.paths())) {
      // it names the files of what save_to_disk() wrote
      const isState = basename(path) === "state.json";
      const content = isState ? await textOf(files.file(path) as DataFile) : "";
      await outlineFile(outline, path, content);
    }
    const { paths, root, ...rest } = await findInFolder(outline, kind, split);
    const nameOf = (path: string) => path.slice(outline.length + 1).replaceAll("\\", "/");
    const names = (paths as string[]).map(nameOf);
    const [only = ""] = names;
    if (rest.kind === "images") return imagesBelow(folder, only);
    if (rest.kind === "packed") return packedIn(folder, only);
    const found = names.map((name) => {
      const file = files.file(name);
      if (file === undefined) throw notNameable(outline, name);
      return file;
    });
    const ofImages = root === undefined ? undefined : placeWithin(place, nameOf(root));
    return { ...rest, paths: found, ...(ofImages !== undefined && { root: ofImages }) };
  } catch (error) {
    if (!(error instanceof PixtokError)) throw error;
    const { code, reason, source, cause } = error;
    const named = (text: string) => text.replaceAll(outline, shown);
    throw new PixtokError(code, named(reason), { source: source && named(source), cause });
  } finally {
    await rm(outline, { recursive: true, force: true });
  }
}

/** What is below a folder of images; `path` leads there. */
function imagesBelow({ place, files }: DataFolder, path: string): Found {
  return { kind: "images", paths: [placeWithin(place, path)], below: files.within(path) };
}

/** A packed set: its folder, or those of its files that are elsewhere. */
function packedIn({ place, files }: DataFolder, path: string): Found {
  if (!isRemote(place)) return { kind: "packed", paths: [placeWithin(place, path)] };
  const own = files.within(path);
  const names = [...own.paths()].filter(
    (name) => parsePackedFileName(name) !== undefined || besidePacked.includes(name),
  );
  return { kind: "packed", paths: names.map((name) => own.file(name) as DataFile) };
}

/** Kinds that files may be opened as, by the one that they are of by themselves. */
const openedAs: Record<SourceKind, readonly SourceKind[]> = {
  manifest: ["manifest", "imagefolder", "coco"],
  coco: ["coco", "manifest"],
  parquet: ["parquet", "imagefolder"],
  arrow: ["arrow"],
  packed: ["packed", "arrow"],
  webdataset: ["webdataset"],
  imagefolder: [],
  images: [],
};

/** The folder that all of some paths are in; "" is the one that they start from. */
function commonFolder(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split("/").slice(0, -1));
  const isShared = (depth: number) => others.every((one) => one[depth] === first[depth]);
  const end = first.findIndex((_, depth) => !isShared(depth));
  return first.slice(0, end === -1 ? undefined : end).join("/");
}

/** Names of the packed files in a folder, also of those that patterns leave out. */
async function packedNames({ place, files }: DataFolder, folder: string): Promise<string[]> {
  if (isRemote(place)) {
    return [...files.within(folder).paths()].filter((path) => parsePackedFileName(path));
  }
  const { packedFilesIn } = await import("./packed/packed-folder.js");
  return (await packedFilesIn(placeWithin(place, folder))).map(({ name }) => name);
}

/** The packed set that files are; it is opened whole. Whether files of it are missing is told where it is opened. */
async function packedOf(data: DataFolder, paths: readonly string[]): Promise<Found> {
  const folder = commonFolder(paths);
  const names = await packedNames(data, folder);
  const chosen = new Set(paths);
  const isWhole = names.every((name) => chosen.has(placeIn(folder, name)));
  if (isWhole && names.length === chosen.size) return packedIn(data, folder);
  const message = `a packed set is opened whole; expected its ${names.length} files, in one folder, got ${paths.length} of the README's patterns: ${paths.slice(0, 3).join(", ")}`;
  throw unknownSource(shownUrl(data.place), message);
}

const placeIn = (folder: string, name: string) => (folder === "" ? name : `${folder}/${name}`);

/** The files of a split that a dataset's README names. */
export async function findByPatterns(
  folder: DataFolder,
  config: PatternConfig,
  { kind, split }: WantedData,
): Promise<Found> {
  const { place, files } = folder;
  const paths = filesOfConfig(config, split, files.paths(), shownUrl(place));
  const found = paths.map((path) => files.file(path) as DataFile);
  const kinds = new Set(paths.map((path) => kindOfName(basename(path))));
  const only = kinds.size === 1 ? await folder.kindOf(found[0] as DataFile) : undefined;
  if (only !== undefined) {
    const opened = kind ?? only;
    if (!openedAs[only].includes(opened)) {
      const message = `kind: expected "${only}", which the files of the config ${describe(config.name)} are, got "${opened}"`;
      throw unknownSource(shownUrl(place), message);
    }
    return opened === "packed" ? packedOf(folder, paths) : { kind: opened, paths: found };
  }
  // images, and what is said of them, where the rows are
  const common = commonFolder(paths);
  const hasRows = paths.some((path) => dirname(path) === (common || ".") && kindOfFile(path));
  const within = hasRows ? common : "";
  const chosen = files.only(paths).within(within);
  const inside = { ...folder, place: placeWithin(place, within), files: chosen };
  return findInOutline(inside, { kind, split: undefined });
}
