import { asGiven, type OptionReaders, optional, stringOf } from "../shared/options.js";
import { type ProgressCallback, readProgress } from "../shared/progress-callback.js";
import { requireOneOf, wrongType } from "../shared/validation.js";
import { joinedSources } from "./derived-source.js";
import { findSource } from "./find-source.js";
import { type Found, unknownSource } from "./found-source.js";
import type { PairSource } from "./pair-source.js";
import { type SourceKind, sourceKinds } from "./source-kinds.js";

/** Options of all kinds of sources. Those that the kind that is found does not have are refused. */
export interface SourceOptions {
  /** What is at the path. Default: what is found there. */
  kind?: SourceKind;
  /**
   * Which one of several splits: a folder or files of that name, or of a word for it, such as `val` for "validation".
   * Default: there is but one.
   */
  split?: string;
  /** Manifests, Parquet and Arrow: column of the images. Default: the first that is there of image, image_path, … */
  imageColumn?: string;
  /**
   * Manifests, Parquet, Arrow and JSON in WebDataset shards: column, or key, of the texts. Default: the first
   * that is there of text, caption, …
   */
  textColumn?: string;
  /**
   * What else pairs have, as `pair.columns`: columns of these names, or all. Default none. (A dataset's own
   * option `columns` has their types, too.)
   */
  columns?: readonly string[] | "auto";
  /** Whether pairs have texts; else none is looked for, and `text` is "". Default true. */
  texts?: boolean;
  /** WebDataset: extension of the images. Default: that of any format that is read. */
  imageExtension?: string;
  /** WebDataset: extension of the texts. Default: txt, or else json, or else cls. */
  textExtension?: string;
  /** Parquet: most bytes of rows that are kept in memory. Default 512 MiB. */
  cacheBytes?: number;
  /** Where relative paths of images start. Default: the folder of the file that has them. */
  root?: string;
  /** Whether paths of images may lead out of it. Default false. */
  allowOutsideRoot?: boolean;
  /** Called with how many files have been opened, and of how many, where that may take a while. Default none. */
  onProgress?: ProgressCallback;
}

/** Read by the kind that is found. */
export const sourceReaders = {
  kind: asGiven,
  split: asGiven,
  imageColumn: asGiven,
  textColumn: asGiven,
  columns: asGiven,
  texts: asGiven,
  imageExtension: asGiven,
  textExtension: asGiven,
  cacheBytes: asGiven,
  root: asGiven,
  allowOutsideRoot: asGiven,
  onProgress: asGiven,
} satisfies OptionReaders<SourceOptions>;

function requireSingle({ kind, paths }: Found): string {
  const [path] = paths;
  if (paths.length === 1 && path !== undefined) return path;
  throw unknownSource(paths.join(", "), `expected one for a source of the kind "${kind}"`);
}

async function open(
  found: Found,
  options: Omit<SourceOptions, "kind" | "split" | "onProgress">,
  onProgress: ProgressCallback | undefined,
): Promise<PairSource> {
  const { split } = found;
  if (split !== undefined && found.kind !== "coco") {
    throw wrongType("split", "none with files, which are of one split", split);
  }
  switch (found.kind) {
    case "manifest": {
      const { openManifest } = await import("./manifest/manifest.js");
      const parts = found.paths.map((path) => openManifest(path, options));
      return joinedSources(await Promise.all(parts));
    }
    case "imagefolder": {
      const metadata = requireSingle(found);
      if (metadata.endsWith(".parquet")) {
        const { openParquet } = await import("./parquet/parquet.js");
        return openParquet(metadata, { imageColumn: "file_name", ...options });
      }
      const { openImageFolderMetadata } = await import("./manifest/manifest.js");
      return openImageFolderMetadata(metadata, options);
    }
    case "images": {
      const { openImageFolder } = await import("./folder/image-folder.js");
      return openImageFolder(requireSingle(found), options);
    }
    case "webdataset": {
      const { openWebDataset } = await import("./webdataset/webdataset.js");
      return openWebDataset(found.paths, { ...options, ...(onProgress && { onProgress }) });
    }
    case "parquet": {
      const { openParquet } = await import("./parquet/parquet.js");
      return openParquet(found.paths, options);
    }
    case "arrow": {
      const { openArrow } = await import("./arrow/arrow.js");
      return openArrow(found.paths, options);
    }
    case "coco": {
      const { openCocoCaptions } = await import("./manifest/coco.js");
      const ofFile = split === undefined ? options : { ...options, split };
      return openCocoCaptions(requireSingle(found), ofFile);
    }
    case "packed": {
      const { openPackedSource } = await import("./packed/packed-source.js");
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
  const { kind, split, onProgress, ...given } = options;
  const wanted = kind === undefined ? undefined : requireOneOf("kind", kind, sourceKinds);
  return open(
    await findSource(paths as string[], wanted, optional(stringOf("a name"))("split", split)),
    given,
    readProgress("onProgress", onProgress),
  );
}
