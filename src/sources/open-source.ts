import { isDeepStrictEqual } from "node:util";
import {
  type ConversationColumns,
  readConversationColumns,
} from "../chat/rows/conversation-row.js";
import type { RemoteOptions } from "../remote/remote-options.js";
import { textOfUrl } from "../shared/location.js";
import {
  asGiven,
  type OptionReaders,
  oneOf,
  optional,
  stringOf,
  withDefault,
} from "../shared/options.js";
import { type ProgressCallback, readProgress } from "../shared/progress-callback.js";
import { requireOneOf, wrongType } from "../shared/validation.js";
import { type ConversationReading, conversationSource } from "./conversation-rows.js";
import { type DataFile, nameOfFile } from "./data-files.js";
import { joinedSources } from "./derived-source.js";
import { elsewhereAmong, noFileEither } from "./elsewhere.js";
import { findSource } from "./find-source.js";
import { type Found, unknownSource } from "./found-source.js";
import { rootReaders } from "./image-root.js";
import { isPacked } from "./packed/is-packed.js";
import type { PairSource } from "./pair-source.js";
import { type SourceKind, sourceKinds } from "./source-kinds.js";

/** Options of all kinds of sources. Those that the kind that is found does not have are refused. */
export interface SourceOptions extends RemoteOptions {
  /** What is at the path. Default: what is found there. */
  kind?: SourceKind;
  /**
   * Which one of several splits: a folder or files of that name, or of a word for it, such as `val` for "validation".
   * Default: there is but one.
   */
  split?: string;
  /**
   * Of a dataset on the hub, or a folder that has its files, which of the sets that its README names in `configs`.
   * Default: the one that says so, or is called "default", or is the only one.
   */
  config?: string;
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
  /**
   * Manifests, Parquet, Arrow, WebDataset and packed sets: columns of further images, which pairs have as `pair.columns`. Default
   * none. (A dataset's own option `columns` says so of its own.)
   */
  imageColumns?: readonly string[];
  /** Whether pairs have texts; else none is looked for, and `text` is "". Default true. */
  texts?: boolean;
  /**
   * What rows are. "pairs": an image and its text. "conversations": about images, or about none. "preferences": two answers
   * to the same, the one chosen, the other rejected. Pairs of the last two have all columns, and `conversation`. Default
   * "pairs".
   */
  rows?: "pairs" | "conversations" | "preferences";
  /** With `rows`: columns of conversations, where they are not the usual ones. Default none. */
  conversationColumns?: ConversationColumns;
  /** WebDataset: extension of the images, or of each image of a list. Default: that of any format that is read. */
  imageExtension?: string | readonly string[];
  /** WebDataset: extension of the texts. Default: txt, or else json, or else cls. */
  textExtension?: string;
  /** Parquet: most bytes of images that are kept in memory, where they are compressed. Default 512 MiB. */
  rowCacheBytes?: number;
  /**
   * Packed sets that rows were appended to: which version, from 1, which is the set as it was packed first. Default the newest.
   */
  version?: number;
  /** Where relative paths of images start: a folder, or its URL. Default: the folder of the file that has them. */
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
  config: asGiven,
  imageColumn: asGiven,
  textColumn: asGiven,
  columns: asGiven,
  imageColumns: asGiven,
  texts: asGiven,
  rows: withDefault(oneOf(["pairs", "conversations", "preferences"]), "pairs"),
  conversationColumns: optional(readConversationColumns),
  imageExtension: asGiven,
  textExtension: asGiven,
  rowCacheBytes: asGiven,
  version: asGiven,
  root: asGiven,
  allowOutsideRoot: asGiven,
  onProgress: asGiven,
  cacheDir: asGiven,
  cacheBytes: asGiven,
  endpoint: asGiven,
  timeoutSeconds: asGiven,
  remoteRetries: asGiven,
  unreachableImages: asGiven,
} satisfies OptionReaders<SourceOptions>;

function requireSingle({ kind, paths }: Found): DataFile {
  const [path] = paths;
  if (paths.length === 1 && path !== undefined) return path;
  throw unknownSource(
    paths.map(nameOfFile).join(", "),
    `expected one for a source of the kind "${kind}"`,
  );
}

/** The only folder; what is elsewhere has none. */
function requireFolder(found: Found): string {
  const path = requireSingle(found);
  if (typeof path === "string") return path;
  throw unknownSource(
    nameOfFile(path),
    `expected a folder for a source of the kind "${found.kind}"`,
  );
}

/** Kinds of rows that have one image and nothing else that could be one. */
const withoutImageColumns = new Set<SourceKind>(["images", "coco"]);

type OptionsOfFiles = Omit<
  SourceOptions,
  "kind" | "split" | "config" | "onProgress" | "rows" | "conversationColumns"
>;

/** Kinds of rows that have no columns, in which conversations could be. */
const withoutConversations = new Set<SourceKind>(["images", "coco"]);

/** Kinds whose own sources read conversations, where these may name files and have structs. */
const readingConversations = new Set<SourceKind>(["manifest", "parquet", "arrow"]);

/** Rows of what is found, as conversations. */
async function openConversations(
  found: Found,
  given: OptionsOfFiles,
  onProgress: ProgressCallback | undefined,
  reading: ConversationReading,
): Promise<PairSource> {
  for (const name of ["texts", "textColumn", "columns"] as const) {
    if (given[name] === undefined) continue;
    throw wrongType(name, "none beside rows: all columns are given", given[name]);
  }
  const refused = () =>
    wrongType("rows", `"pairs" with a source of the kind "${found.kind}"`, reading.rows);
  if (withoutConversations.has(found.kind)) throw refused();
  if (found.kind === "packed") {
    // they were read when it was packed
    const source = await open(found, { ...given, columns: "auto" }, onProgress);
    if (!isPacked(source) || source.pack.config.conversations === null) throw refused();
    const { chat } = source.pack.config.conversations;
    if (reading.rows !== chat.rows) {
      throw wrongType("rows", `"${chat.rows}", which the pack has`, reading.rows);
    }
    if (reading.columns !== undefined && !isDeepStrictEqual(reading.columns, chat.columns)) {
      const expected = "those that the pack was made with, or none";
      throw wrongType("conversationColumns", expected, reading.columns);
    }
    return source;
  }
  const options = { ...given, texts: false, columns: "auto" as const };
  if (readingConversations.has(found.kind)) return open(found, options, onProgress, reading);
  return conversationSource(await open(found, options, onProgress), reading);
}

async function open(
  found: Found,
  options: OptionsOfFiles,
  onProgress: ProgressCallback | undefined,
  reading?: ConversationReading,
): Promise<PairSource> {
  const { split } = found;
  if (split !== undefined && found.kind !== "coco") {
    throw wrongType("split", "none with files, which are of one split", split);
  }
  if (options.imageColumns !== undefined && withoutImageColumns.has(found.kind)) {
    const expected = `none with a source of the kind "${found.kind}", which has one image in a row`;
    throw wrongType("imageColumns", expected, options.imageColumns);
  }
  switch (found.kind) {
    case "manifest": {
      const { openManifestFile } = await import("./manifest/manifest-source.js");
      const parts = found.paths.map((file) => openManifestFile(file, options, reading));
      return joinedSources(await Promise.all(parts));
    }
    case "imagefolder": {
      const metadata = requireSingle(found);
      if (nameOfFile(metadata).endsWith(".parquet")) {
        const { openParquetFiles } = await import("./parquet/parquet-source.js");
        return openParquetFiles([metadata], { imageColumn: "file_name", ...options });
      }
      const { openImageFolderMetadata } = await import("./manifest/manifest-source.js");
      return openImageFolderMetadata(metadata, options);
    }
    case "images": {
      const { openImageFolderSource, openListedImages } = await import(
        "./folder/image-folder-source.js"
      );
      const folder = requireFolder(found);
      if (found.below !== undefined) return openListedImages(folder, found.below, options);
      return openImageFolderSource(folder, options);
    }
    case "webdataset": {
      const { openShardFiles } = await import("./webdataset/webdataset-source.js");
      return openShardFiles(found.paths, { ...options, ...(onProgress && { onProgress }) });
    }
    case "parquet": {
      const { openParquetFiles } = await import("./parquet/parquet-source.js");
      return openParquetFiles(found.paths, options, reading);
    }
    case "arrow": {
      const { openArrowFiles } = await import("./arrow/arrow-source.js");
      return openArrowFiles(found.paths, options, reading);
    }
    case "coco": {
      const { openCocoFile } = await import("./manifest/coco-source.js");
      const { root } = found;
      const ofFile = { ...(root !== undefined && { root }), ...options };
      return openCocoFile(requireSingle(found), {
        ...ofFile,
        ...(split !== undefined && { split }),
      });
    }
    case "packed": {
      const elsewhere = found.paths.filter((path) => typeof path !== "string");
      if (elsewhere.length > 0) {
        const { openRemotePack } = await import("./packed/remote-pack.js");
        return openRemotePack(elsewhere, options);
      }
      const { openPackedSource } = await import("./packed/local-pack.js");
      return openPackedSource(requireFolder(found), options);
    }
  }
}

/**
 * Pairs of whatever there is at a path, at a URL (`file`, `https`, `s3`, `hf`) or in a dataset of the Hugging Face hub.
 *
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} UNKNOWN_SOURCE; FILE_NOT_FOUND, FILE_UNREADABLE; what servers are the reason of, which
 *   begins with REMOTE_ and HUB_; and what the kinds of sources throw.
 */
export async function openSource(
  data: string | URL | readonly (string | URL)[],
  options: SourceOptions = {},
): Promise<PairSource> {
  const paths = (Array.isArray(data) ? data : [data]).map(textOfUrl);
  if (paths.length === 0 || !paths.every((path) => typeof path === "string" && path !== "")) {
    throw wrongType(
      "data",
      "the path or URL of a file or folder, a pattern, or an array of them",
      data,
    );
  }
  const {
    kind,
    split,
    config,
    onProgress,
    rows: kindOfRows,
    conversationColumns,
    ...given
  } = options;
  const rows = sourceReaders.rows("rows", kindOfRows);
  const columns = sourceReaders.conversationColumns("conversationColumns", conversationColumns);
  if (rows === "pairs" && columns !== undefined) {
    throw wrongType("conversationColumns", 'none with rows "pairs"', columns);
  }
  const opened = (found: Found) =>
    rows === "pairs"
      ? open(found, given, progress)
      : openConversations(found, given, progress, { rows, columns });
  const wanted = kind === undefined ? undefined : requireOneOf("kind", kind, sourceKinds);
  const wantedSplit = optional(stringOf("a name"))("split", split);
  const wantedConfig = optional(stringOf("a name"))("config", config);
  const progress = readProgress("onProgress", onProgress);
  const names = paths as string[];
  const elsewhere = await elsewhereAmong(names);
  const allowOutsideRoot = rootReaders.allowOutsideRoot("allowOutsideRoot", given.allowOutsideRoot);
  const ofSet = { kind: wanted, split: wantedSplit, config: wantedConfig, allowOutsideRoot };
  if (elsewhere === undefined) return opened(await findSource(names, ofSet));
  const { findRemoteSource } = await import("./find-remote-source.js");
  const found = await findRemoteSource(elsewhere, ofSet, given).catch((error) => {
    throw names[0] === elsewhere[0] ? error : noFileEither(names[0] as string, error);
  });
  return opened(found);
}
