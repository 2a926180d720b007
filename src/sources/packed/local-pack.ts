import { join } from "node:path";
import { fileMaps, sizesOf } from "../../native/file-maps.js";
import { PixtokError } from "../../shared/errors.js";
import { findSpan } from "../../shared/find-span.js";
import { readOptions } from "../../shared/options.js";
import { makeFingerprint } from "../pair-source.js";
import { endsOf, type FileRows, fileRows, rowOfFile } from "./file-rows.js";
import { folderPlace } from "./folder-place.js";
import { indexOfFiles } from "./index-of-files.js";
import { goneFile, notIndexed } from "./indexed-message.js";
import { indexedRows } from "./indexed-rows.js";
import type { PackedSource } from "./is-packed.js";
import type { WindowLimits } from "./message-windows.js";
import { FEW_FILES } from "./pack-format.js";
import {
  bytesOfFiles,
  configOfFile,
  indexOfVersion,
  invalidIndex,
  isIndexed,
  NUMBERS_OF_MESSAGE,
  type PackIndex,
  pathInIndex,
  readPackIndex,
} from "./pack-index.js";
import { requireSame } from "./pack-match.js";
import type { NamedFile } from "./pack-place.js";
import { announcedOf, requireWhole, upToVersion, versionsOf } from "./pack-versions.js";
import { readPackedEnds } from "./packed-ends.js";
import {
  openPackedFile,
  type PackedFile,
  type PackedHead,
  readPackedFile,
  readPackedFiles,
} from "./packed-file.js";
import {
  checksumsOf,
  columnsOf,
  messagesInHeap,
  openPackedFiles,
  packedFilesIn,
  rowsOfHead,
} from "./packed-folder.js";
import { type PackedFiles, packedReaders, packedSource, type RowContext } from "./packed-source.js";
import { versionsIn } from "./versions-in-place.js";

type LocalFiles = Pick<PackedFiles, "config" | "fingerprint" | "rows" | "readRow">;

/** Files that are mapped for as long as their set is in use; of sets of more, rows are read or their messages mapped one by one. */
const MOST_MAPPED_FILES = 2048;

/** What is mapped of a set at the same time. */
export interface MapLimits extends WindowLimits {
  /** Files of a set whose files are mapped whole. */
  readonly files?: number;
}

/**
 * A packed set. Its files are mapped into memory: they must not be made shorter while it is in use.
 *
 * @throws {RangeError} where it has no such version.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; NOT_A_PACK, INVALID_PACK, INCOMPLETE_PACK,
 *   PACK_MISMATCH; OUT_OF_MEMORY where the heap is too small for so many messages.
 */
export async function openPackedSource(
  folder: string,
  options: {
    columns?: readonly string[] | "auto";
    imageColumns?: readonly string[];
    texts?: boolean;
    version?: number;
  } = {},
  limits: MapLimits = {},
): Promise<PackedSource> {
  const given = readOptions("openPackedSource", options, packedReaders);
  const files = await localFiles(folder, given.version, limits);
  return packedSource({ folder, tokenizerFolder: folder, ...files }, given);
}

async function localFiles(
  folder: string,
  version: number | undefined,
  limits: MapLimits,
): Promise<LocalFiles> {
  const all = await readPackIndex(folder);
  if (all !== undefined) {
    const index = indexOfVersion(all, version);
    if (index.files <= FEW_FILES) {
      const found = await namedByIndex(folder, index);
      for (const { shard } of found) await requireIndexed(folder, index, shard);
      return mappedFiles(folder, found);
    }
    for (const file of [0, index.files - 1]) {
      await requireIndexed(folder, index, file).catch((error) =>
        missingOfIndex(folder, index, error),
      );
    }
    return indexedFiles(folder, index, limits);
  }
  const versions = upToVersion(announcedOf(await versionsIn(folderPlace(folder))), version);
  requireWhole(folder, versions);
  const found = versions.flatMap((one) => one.found);
  return found.length > (limits.files ?? MOST_MAPPED_FILES)
    ? indexedFiles(folder, await indexOfFiles(folderPlace(folder), found), limits)
    : mappedFiles(folder, found);
}

/** Throws an error, where a file is gone that of all that are. */
async function missingOfIndex(folder: string, index: PackIndex, error: unknown): Promise<never> {
  if (error instanceof PixtokError && error.code === "INCOMPLETE_PACK") {
    await namedByIndex(folder, index);
  }
  throw error;
}

/** The files of a set that its index names. Others may be there, of rows that are just being appended. */
async function namedByIndex(folder: string, index: PackIndex): Promise<NamedFile[]> {
  const versions = announcedOf(versionsOf(folder, await packedFilesIn(folder), index.versions));
  requireWhole(folder, versions);
  return versions.flatMap(({ found }) => found);
}

/** Files that are all mapped now. */
async function mappedFiles(
  folder: string,
  found: readonly { name: string }[],
): Promise<LocalFiles> {
  const paths = found.map(({ name }) => join(folder, name));
  const files = openPackedFiles(folder, paths, fileMaps(await sizesOf(paths)));
  const opened = readPackedFiles(files).map(fileRows);
  const rows = files.map(rowsOfHead);
  const ends = endsOf(rows);
  return {
    config: (files[0] as (typeof files)[number]).metadata.config,
    fingerprint: makeFingerprint(checksumsOf(files)),
    rows,
    readRow(index, context, read) {
      const { span, indexInSpan } = findSpan(ends, index);
      return read(rowOfFile(opened[span] as FileRows, indexInSpan, staysFor(context)));
    },
  };
}

/** Files that are mapped when a row of theirs is first read, whole where they are few enough. */
function indexedFiles(folder: string, index: PackIndex, limits: MapLimits): LocalFiles {
  const { config, fingerprint, rows, files } = index;
  const most = messagesInHeap(columnsOf(config));
  const isMappedWhole =
    files <= (limits.files ?? MOST_MAPPED_FILES) &&
    2 * (index.messages.length / NUMBERS_OF_MESSAGE) <= most;
  const readRow = isMappedWhole
    ? wholeRows(folder, index)
    : indexedRows(folder, index, { windows: Math.max(1, most >> 2), ...limits });
  return { config, fingerprint, rows, readRow };
}

function wholeRows(folder: string, index: PackIndex): LocalFiles["readRow"] {
  const ends = endsOf(index.rows);
  const map = fileMaps(bytesOfFiles(index));
  const files = new Array<FileRows | undefined>(index.files);
  const open = (place: number): FileRows => {
    const path = pathInIndex(folder, index, place);
    const file = openIndexed(path, () => map(place, path));
    requireFile(index, place, path, file);
    const found = fileRows(readPackedFile(file));
    const [own = 0, said] = [found.ends.at(-1), index.rows[place]];
    if (own === said) return found;
    throw invalidIndex(folder, `file ${place} has ${own} rows, and the index says ${said}`);
  };
  return (row, context, read) => {
    const { span, indexInSpan } = findSpan(ends, row);
    let file = files[span];
    if (file === undefined) {
      file = open(span);
      files[span] = file;
    }
    return read(rowOfFile(file, indexInSpan, staysFor(context)));
  };
}

/**
 * Whether rows are given as they lie in files. Whoever does not say for how long they are read may send them to another thread, and the
 * array buffer with them, which is of all files.
 */
const staysFor = (context: RowContext) => context?.keep !== undefined;

/** @throws {PixtokError} INVALID_PACK, PACK_MISMATCH */
function requireFile(
  index: PackIndex,
  place: number,
  path: string,
  { messages, metadata, schemaCrc }: PackedHead,
): void {
  requireSame(path, configOfFile(index, place), metadata.config);
  if (isIndexed(index, place, messages, schemaCrc)) return;
  throw notIndexed(path, "it is not what the index says");
}

/** Holds a file to the index by its beginning and end. */
async function requireIndexed(folder: string, index: PackIndex, place: number): Promise<void> {
  const path = pathInIndex(folder, index, place);
  try {
    requireFile(index, place, path, await readPackedEnds(path));
  } catch (error) {
    throw ofIndexed(path, error);
  }
}

function openIndexed(path: string, map: () => Buffer): PackedFile {
  try {
    return openPackedFile(path, map);
  } catch (error) {
    throw ofIndexed(path, error);
  }
}

/** The error for a file that the index names. */
function ofIndexed(path: string, error: unknown): unknown {
  const isGone = error instanceof PixtokError && error.code === "FILE_NOT_FOUND";
  return isGone ? goneFile(path) : error;
}
