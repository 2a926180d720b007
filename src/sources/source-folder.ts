import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileExists } from "../shared/file-exists.js";
import { unreadableFile } from "../shared/unreadable-file.js";
import { cocoIn, hasCaptions } from "./coco-folders.js";
import { filesEndingIn, requireOneSplit } from "./files-of-split.js";
import { type Found, unknownSource } from "./found-source.js";
import { isImageName } from "./image-names.js";
import { kindOf, kindOfFile } from "./kind-of-file.js";
import { INDEX_NAME } from "./packed/pack-format.js";
import { isFolderAt, parquetBelow, parquetIn } from "./parquet-folders.js";
import { isSavedDataset, isSavedDictionary, savedArrowFiles } from "./saved-datasets.js";
import type { SourceKind } from "./source-kinds.js";
import { noSuchSplit, splitIn } from "./split-choice.js";
import { isSplitName } from "./splits.js";

const metadataNames = ["metadata.jsonl", "metadata.csv", "metadata.parquet"];

async function entriesOf(folder: string): Promise<Dirent[]> {
  const all = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  return all.filter((entry) => !entry.name.startsWith("."));
}

const mayBeCoco = (kind: SourceKind | undefined) => kind === undefined || kind === "coco";

/** Whether a folder of a split has texts itself, in files beside its images or of many. */
async function hasTexts(folder: string): Promise<boolean> {
  const names = (await entriesOf(folder)).map(({ name }) => name);
  return names.some((name) => /\.txt$/i.test(name) || kindOfFile(name) !== undefined);
}

/** What is in a split of a folder: in the folder itself, in one below it, or in the only one that there is. */
async function findSplit(
  folder: string,
  kind: SourceKind | undefined,
  split: string,
): Promise<Found> {
  const entries = await entriesOf(folder);
  const [folders, files] = await parted(folder, entries);
  let found = kind === "coco" ? undefined : splitIn(folder, folders, files, split);
  const hasOwnTexts = found && (!("folder" in found) || (await hasTexts(found.folder)));
  if (mayBeCoco(kind) && !hasOwnTexts && (await hasCaptions(folder))) {
    // a file is of texts, and a folder of the images that COCO's captions or the file are of
    const file = kind === "coco" ? undefined : splitIn(folder, [], files, split);
    const captions = file === undefined ? await cocoIn(folder, split) : undefined;
    if (captions !== undefined) return captions;
    found = file ?? found;
  }
  found ??= splitIn(folder, folders, files, split);
  if (found === undefined) {
    const [only, second] = folders.includes("data") ? ["data"] : folders;
    if (only !== undefined && second === undefined) {
      return findSplit(join(folder, only), kind, split);
    }
    throw noSuchSplit(folder, [...folders, ...files], split);
  }
  if ("folder" in found) return findInFolder(found.folder, kind);
  const paths = found.files.toSorted().map((name) => join(folder, name));
  if (kind !== undefined) return { kind, paths };
  const kinds = new Set(await Promise.all(paths.map(kindOf)));
  // train.csv and train.json are mostly the same rows
  const endings = new Set(paths.map((path) => extname(path).toLowerCase()));
  const [only] = kinds;
  if (only !== undefined && kinds.size === 1 && endings.size === 1) return { kind: only, paths };
  throw unknownSource(
    folder,
    `the split is of files of several kinds, ${found.files.join(", ")}; expected kind to be given, or the files themselves`,
  );
}

/** The only one of the splits that `DatasetDict.save_to_disk()` wrote. */
async function findInDictionary(
  folder: string,
  entries: readonly Dirent[],
  kind: SourceKind | undefined,
): Promise<Found> {
  const [splits] = await parted(folder, entries);
  const [first, second] = splits.sort();
  if (first === undefined) throw unknownSource(folder, "there is no split in this folder");
  if (second === undefined) return findInFolder(join(folder, first), kind);
  throw unknownSource(
    folder,
    `there are several splits (${splits.join(", ")}); expected the folder of one, or split: ${JSON.stringify(first)}`,
  );
}

/** Names of folders, and of files that may be pairs. */
async function parted(folder: string, entries: readonly Dirent[]): Promise<[string[], string[]]> {
  const folders: string[] = [];
  const files: string[] = [];
  for (const entry of entries) {
    const { name } = entry;
    const isFolder =
      entry.isDirectory() || (entry.isSymbolicLink() && (await isFolderAt(join(folder, name))));
    if (isFolder) folders.push(name);
    else if (kindOfFile(name) !== undefined) files.push(name);
  }
  return [folders, files];
}

/**
 * What there is in a folder.
 *
 * @param split the one that is wanted where there are several.
 * @throws {PixtokError} UNKNOWN_SOURCE; FILE_UNREADABLE, a fault of the machine.
 */
export async function findInFolder(
  folder: string,
  kind: SourceKind | undefined,
  split?: string,
): Promise<Found> {
  if (split !== undefined) return findSplit(folder, kind, split);
  // whose many files are not even listed
  const mayBePacked = kind === undefined || kind === "packed";
  if (mayBePacked && (await fileExists(join(folder, INDEX_NAME)))) {
    return { kind: "packed", paths: [folder] };
  }
  const entries = await entriesOf(folder);
  const names = entries.map(({ name }) => name);
  if (isSavedDictionary(names)) return findInDictionary(folder, entries, kind);
  if (isSavedDataset(names)) return { kind: "arrow", paths: await savedArrowFiles(folder, names) };
  const found: Found[] = [];
  if (names.some((name) => /^data-\d+-of-\d+\.arrow$/.test(name))) {
    found.push({ kind: "packed", paths: [folder] });
  }
  const metadata = metadataNames.filter((name) => names.includes(name));
  if (metadata.length > 0) {
    found.push({ kind: "imagefolder", paths: metadata.map((name) => join(folder, name)) });
  }
  const tars = filesEndingIn(folder, names, ".tar");
  if (tars.length > 0) {
    found.push({ kind: "webdataset", paths: requireOneSplit(folder, tars) });
  }
  const others = names.filter((name) => kind === "parquet" || !metadataNames.includes(name));
  let tables = await parquetIn(folder, others);
  if (tables.length === 0 && found.length === 0 && !names.some(isImageName)) {
    tables = await parquetBelow(folder);
  }
  if (tables.length > 0) found.push({ kind: "parquet", paths: tables });
  if (mayBeCoco(kind) && found.length === 0 && !names.some(isImageName)) {
    const captions = await cocoIn(folder, undefined);
    if (captions !== undefined) found.push(captions);
  }
  const deeper = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  const mayHaveImages = deeper.length > 0 || names.some(isImageName);
  if (found.length === 0 && !names.some(isImageName)) {
    const [only, second] = deeper;
    if (only?.isDirectory() && second === undefined && isSplitName(only.name)) {
      return findInFolder(join(folder, only.name), kind);
    }
  }
  if (mayHaveImages && (kind === "images" || found.length === 0)) {
    found.push({ kind: "images", paths: [folder] });
  }
  const [first, second] = kind === undefined ? found : found.filter((one) => one.kind === kind);
  if (second !== undefined) {
    const kinds = found.map((one) => `"${one.kind}"`).join(" and ");
    throw unknownSource(
      folder,
      `the folder is of several kinds; expected kind to be one of ${kinds}`,
    );
  }
  if (first !== undefined) return first;
  const expected = kind === undefined ? expectedInFolder : `what is of the kind "${kind}"`;
  throw unknownSource(
    folder,
    `there is nothing in this folder that is known: expected ${expected}`,
  );
}

const expectedInFolder =
  "images, metadata.jsonl, metadata.csv, .tar, .parquet or packed files, COCO's annotations; a manifest is opened by its own path, or by split where it is called after one";
