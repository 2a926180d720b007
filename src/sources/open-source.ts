import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { PixtokError } from "../errors.js";
import type { PairSource } from "../pair-source.js";
import { type ProgressCallback, readProgress } from "../progress-callback.js";
import { unreadableFile } from "../unreadable-file.js";
import { requireOneOf, wrongType } from "../validation.js";
import { isPictureName } from "./picture-folder.js";

/**
 * "manifest": JSON Lines, CSV or TSV. "imagefolder": a folder with `metadata.jsonl` or `metadata.csv`, as
 * Hugging Face has it. "pictures": a folder of pictures with text files beside them, or in a folder for
 * each class. "webdataset": tar shards. "parquet": as the Hugging Face hub has it. "coco": captions.
 * "packed": what packDataset() wrote.
 */
export type SourceKind =
  | "manifest"
  | "imagefolder"
  | "pictures"
  | "webdataset"
  | "parquet"
  | "coco"
  | "packed";

/** Everything that a kind of source may be told; what the one that is found does not have is refused. */
export interface SourceOptions {
  /** What is at the path. Default: what is found there. */
  kind?: SourceKind;
  /** Manifests and Parquet: column of the images. Default: the first that is there of image, image_path, … */
  imageColumn?: string;
  /**
   * Manifests, Parquet and JSON in WebDataset shards: column, or key, of the texts. Default: the first
   * that is there of text, caption, …
   */
  textColumn?: string;
  /** WebDataset: extension of the images. Default: that of any format that is read. */
  imageExtension?: string;
  /** WebDataset: extension of the texts. Default: txt, or else json, or else cls. */
  textExtension?: string;
  /** Parquet: most bytes of rows that are kept in memory. Default 512 MiB. */
  cacheBytes?: number;
  /** Where relative paths of images start. Default: the folder of the file that has them. */
  root?: string;
  /** Whether paths of pictures may lead out of it. Default false. */
  allowOutsideRoot?: boolean;
  /** Told how many files of many have been opened, where that may take a while. Default none. */
  onProgress?: ProgressCallback;
}

export const sourceKinds = [
  "manifest",
  "imagefolder",
  "pictures",
  "webdataset",
  "parquet",
  "coco",
  "packed",
] as const satisfies SourceKind[];

/** Where data are, and of which kind. */
interface Found {
  kind: SourceKind;
  /** Files, or the one folder. */
  paths: readonly string[];
}

function unknown(source: string, message: string): PixtokError {
  return new PixtokError("UNKNOWN_SOURCE", message, { source });
}

const kindsOfFiles: Record<string, SourceKind> = {
  ".jsonl": "manifest",
  ".ndjson": "manifest",
  ".csv": "manifest",
  ".tsv": "manifest",
  ".tar": "webdataset",
  ".parquet": "parquet",
  ".json": "coco",
};

function kindOfFile(path: string): SourceKind | undefined {
  return kindsOfFiles[extname(path).toLowerCase()];
}

const metadataNames = ["metadata.jsonl", "metadata.csv"];

/** What Parquet files of several splits begin with: `train-00000-of-00002.parquet`. */
const splitOf = (name: string) => name.replace(/-\d+-of-\d+\.parquet$/, "");

function filesEndingIn(folder: string, names: readonly string[], ending: string): string[] {
  return names
    .filter((name) => name.toLowerCase().endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}

async function findInFolder(folder: string, kind: SourceKind | undefined): Promise<Found> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  const names = entries.filter((entry) => !entry.name.startsWith(".")).map(({ name }) => name);
  const found: Found[] = [];
  if (names.some((name) => /^data-\d+-of-\d+\.arrow$/.test(name))) {
    found.push({ kind: "packed", paths: [folder] });
  }
  const metadata = metadataNames.filter((name) => names.includes(name));
  if (metadata.length > 0) {
    found.push({ kind: "imagefolder", paths: metadata.map((name) => join(folder, name)) });
  }
  const tars = filesEndingIn(folder, names, ".tar");
  if (tars.length > 0) found.push({ kind: "webdataset", paths: tars });
  const tables = await parquetIn(folder, names);
  if (tables.length > 0) found.push({ kind: "parquet", paths: tables });
  const isDeeper = entries.some((entry) => entry.isDirectory());
  const mayHavePictures = isDeeper || names.some(isPictureName);
  if (mayHavePictures && (kind === "pictures" || found.length === 0)) {
    found.push({ kind: "pictures", paths: [folder] });
  }
  const [first, second] = kind === undefined ? found : found.filter((one) => one.kind === kind);
  if (second !== undefined) {
    const kinds = found.map((one) => `"${one.kind}"`).join(" and ");
    throw unknown(folder, `the folder is of several kinds; expected kind to be one of ${kinds}`);
  }
  if (first !== undefined) return first;
  const expected = kind === undefined ? expectedInFolder : `what is of the kind "${kind}"`;
  throw unknown(folder, `there is nothing in this folder that is known: expected ${expected}`);
}

const expectedInFolder = "pictures, metadata.jsonl, metadata.csv, .tar, .parquet or packed files";

/** Parquet files in the folder, or in its `data`, where repositories of the hub have them. */
async function parquetIn(folder: string, names: readonly string[]): Promise<string[]> {
  const here = filesEndingIn(folder, names, ".parquet");
  if (here.length > 0 || !names.includes("data")) return requireOneSplit(folder, here);
  const data = join(folder, "data");
  return requireOneSplit(
    data,
    filesEndingIn(data, await readdir(data).catch(() => []), ".parquet"),
  );
}

function requireOneSplit(folder: string, files: string[]): string[] {
  const splits = [...new Set(files.map((file) => splitOf(file.slice(folder.length + 1))))];
  const isSplit = files.some((file) => /-\d+-of-\d+\.parquet$/.test(file));
  if (!isSplit || splits.length < 2) return files;
  throw unknown(
    folder,
    `there are several splits (${splits.join(", ")}); expected the files of one, such as ${join(folder, `${splits[0]}-*.parquet`)}`,
  );
}

/** Files that a pattern's `*` stands for, in its last part. */
async function matching(pattern: string): Promise<string[]> {
  const cut = Math.max(pattern.lastIndexOf("/"), pattern.lastIndexOf("\\")) + 1;
  const folder = pattern.slice(0, cut) || ".";
  const parts = pattern
    .slice(cut)
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const name = new RegExp(`^${parts.join(".*")}$`);
  const names = await readdir(folder).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  const found = names.filter((one) => name.test(one)).sort();
  if (found.length === 0) throw unknown(pattern, "there are no such files");
  return found.map((one) => join(folder, one));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The paths that one stands for, unless there is a file or folder of just this name. */
async function expanded(path: string): Promise<string[]> {
  if (await exists(path)) return [path];
  const { expandBraces } = await import("./shard-pattern.js");
  const paths = expandBraces(path);
  const found = await Promise.all(paths.map((one) => (one.includes("*") ? matching(one) : [one])));
  return found.flat();
}

async function find(data: readonly string[], kind: SourceKind | undefined): Promise<Found> {
  const paths = (await Promise.all(data.map(expanded))).flat();
  const [first] = paths as [string];
  if (paths.length === 1) {
    const found = await stat(first).catch((cause) => {
      throw unreadableFile(first, cause);
    });
    if (found.isDirectory()) return findInFolder(first, kind);
  }
  if (kind !== undefined) return { kind, paths };
  const kinds = [...new Set(paths.map(kindOfFile))];
  const [only] = kinds;
  if (kinds.length === 1 && only !== undefined) return { kind: only, paths };
  if (/\.(tar\.\w+|tgz)$/i.test(first)) {
    throw unknown(
      first,
      "it is compressed; unpack it once, to a plain .tar, which is read at random",
    );
  }
  const known = Object.keys(kindsOfFiles).join(", ");
  throw unknown(first, `expected a folder or files of one kind (${known}), or kind to be given`);
}

function requireSingle({ kind, paths }: Found): string {
  const [path] = paths;
  if (paths.length === 1 && path !== undefined) return path;
  throw unknown(paths.join(", "), `expected one for a source of the kind "${kind}"`);
}

async function open(
  found: Found,
  options: Omit<SourceOptions, "kind" | "onProgress">,
  onProgress: ProgressCallback | undefined,
): Promise<PairSource> {
  switch (found.kind) {
    case "manifest": {
      const { openManifest } = await import("./manifest.js");
      return openManifest(requireSingle(found), options);
    }
    case "imagefolder": {
      const { openManifest } = await import("./manifest.js");
      const source = await openManifest(requireSingle(found), {
        imageColumn: "file_name",
        ...options,
      });
      return { ...source, description: `imagefolder, ${source.length} pairs` };
    }
    case "pictures": {
      const { openPictureFolder } = await import("./picture-folder.js");
      return openPictureFolder(requireSingle(found), options);
    }
    case "webdataset": {
      const { openWebDataset } = await import("./webdataset.js");
      return openWebDataset(found.paths, { ...options, ...(onProgress && { onProgress }) });
    }
    case "parquet": {
      const { openParquet } = await import("./parquet.js");
      return openParquet(found.paths, options);
    }
    case "coco": {
      const { openCocoCaptions } = await import("./coco.js");
      return openCocoCaptions(requireSingle(found), options);
    }
    case "packed": {
      const { openPackedSource } = await import("../packed/packed-source.js");
      return openPackedSource(requireSingle(found), options);
    }
  }
}

/**
 * Pairs of whatever there is at a path.
 *
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} UNKNOWN_SOURCE; FILE_NOT_FOUND, FILE_UNREADABLE; and what the kinds of sources
 *   throw.
 */
export async function openSource(
  data: string | readonly string[],
  options: SourceOptions = {},
): Promise<PairSource> {
  const paths: readonly unknown[] = Array.isArray(data) ? data : [data];
  if (paths.length === 0 || !paths.every((path) => typeof path === "string" && path !== "")) {
    throw wrongType("data", "the path of a file or folder, a pattern, or an array of them", data);
  }
  const { kind, onProgress, ...given } = options;
  const wanted = kind === undefined ? undefined : requireOneOf("kind", kind, sourceKinds);
  return open(await find(paths as string[], wanted), given, readProgress(onProgress));
}
