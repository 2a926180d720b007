import { PixtokError } from "../../shared/errors.js";
import { findSpan } from "../../shared/find-span.js";
import { readOptions } from "../../shared/options.js";
import { makeFingerprint } from "../pair-source.js";
import { endsOf, type FileRows, fileRows, rowOfFile } from "./file-rows.js";
import { indexOfFiles } from "./index-of-files.js";
import type { PackedSource } from "./is-packed.js";
import { goneFile, notIndexed, type WindowLimits, windowRows } from "./message-windows.js";
import { FEW_FILES } from "./pack-format.js";
import {
  invalidIndex,
  isIndexed,
  NUMBERS_OF_MESSAGE,
  type PackIndex,
  pathInIndex,
  readPackIndex,
} from "./pack-index.js";
import { requireSame } from "./pack-match.js";
import { readPackedEnds } from "./packed-ends.js";
import { openPackedFile, type PackedFile, type PackedHead, readPackedFile } from "./packed-file.js";
import {
  checksumsOf,
  columnsOf,
  messagesInHeap,
  openPackedFiles,
  packedFilesIn,
  requireComplete,
  rowsOfHead,
} from "./packed-folder.js";
import { type PackedFiles, packedReaders, packedSource } from "./packed-source.js";

type LocalFiles = Pick<PackedFiles, "config" | "fingerprint" | "rows" | "rowAt">;

/** Files that are mapped for as long as their set is in use; of sets of more, messages are mapped one by one. */
const MOST_MAPPED_FILES = 2048;

/** What is mapped of a set at the same time. */
export interface MapLimits extends WindowLimits {
  /** Files of a set whose files are mapped whole. */
  readonly files?: number;
}

/**
 * A packed set. Its files are mapped into memory: they must not be made shorter while it is in use.
 *
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; NOT_A_PACK, INVALID_PACK, INCOMPLETE_PACK,
 *   PACK_MISMATCH; OUT_OF_MEMORY where the heap is too small for so many messages.
 */
export async function openPackedSource(
  folder: string,
  options: {
    columns?: readonly string[] | "auto";
    imageColumns?: readonly string[];
    texts?: boolean;
  } = {},
  limits: MapLimits = {},
): Promise<PackedSource> {
  const given = readOptions("openPackedSource", options, packedReaders);
  const files = await localFiles(folder, limits);
  return packedSource({ folder, tokenizerFolder: folder, ...files }, given);
}

async function localFiles(folder: string, limits: MapLimits): Promise<LocalFiles> {
  const index = await readPackIndex(folder);
  if (index !== undefined && index.files > FEW_FILES) {
    for (const file of [0, index.files - 1]) await requireIndexed(folder, index, file);
    return indexedFiles(folder, index, limits);
  }
  const found = await packedFilesIn(folder);
  requireComplete(folder, found);
  return found.length > (limits.files ?? MOST_MAPPED_FILES)
    ? indexedFiles(folder, await indexOfFiles(folder, found), limits)
    : mappedFiles(folder, found);
}

/** Files that are all mapped now. */
function mappedFiles(folder: string, found: readonly { name: string }[]): LocalFiles {
  const files = openPackedFiles(folder, found);
  const opened = files.map((file) => fileRows(readPackedFile(file)));
  const rows = files.map(rowsOfHead);
  const ends = endsOf(rows);
  return {
    config: (files[0] as (typeof files)[number]).metadata.config,
    fingerprint: makeFingerprint(checksumsOf(files)),
    rows,
    rowAt(index) {
      const { span, indexInSpan } = findSpan(ends, index);
      return rowOfFile(opened[span] as FileRows, indexInSpan);
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
  const rowAt = isMappedWhole
    ? wholeRows(folder, index)
    : windowRows(folder, index, { windows: Math.max(1, most >> 2), ...limits });
  return { config, fingerprint, rows, rowAt };
}

function wholeRows(folder: string, index: PackIndex): LocalFiles["rowAt"] {
  const ends = endsOf(index.rows);
  const files = new Array<FileRows | undefined>(index.files);
  const open = (place: number): FileRows => {
    const path = pathInIndex(folder, index, place);
    const file = openIndexed(path);
    requireFile(index, place, path, file);
    const found = fileRows(readPackedFile(file));
    const [own = 0, said] = [found.ends.at(-1), index.rows[place]];
    if (own === said) return found;
    throw invalidIndex(folder, `file ${place} has ${own} rows, and the index says ${said}`);
  };
  return (row) => {
    const { span, indexInSpan } = findSpan(ends, row);
    let file = files[span];
    if (file === undefined) {
      file = open(span);
      files[span] = file;
    }
    return rowOfFile(file, indexInSpan);
  };
}

/** @throws {PixtokError} INVALID_PACK, PACK_MISMATCH */
function requireFile(
  index: PackIndex,
  place: number,
  path: string,
  { messages, metadata, schemaCrc }: PackedHead,
): void {
  requireSame(path, index.config, metadata.config);
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

function openIndexed(path: string): PackedFile {
  try {
    return openPackedFile(path);
  } catch (error) {
    throw ofIndexed(path, error);
  }
}

/** The error for a file that the index names. */
function ofIndexed(path: string, error: unknown): unknown {
  const isGone = error instanceof PixtokError && error.code === "FILE_NOT_FOUND";
  return isGone ? goneFile(path) : error;
}
