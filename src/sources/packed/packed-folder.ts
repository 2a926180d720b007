import { readdir } from "node:fs/promises";
import { getHeapStatistics } from "node:v8";
import { PixtokError } from "../../shared/errors.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import {
  type PackConfig,
  type PackedFileMetadata,
  parsePackedFileName,
  preparationOf,
} from "./pack-format.js";
import { requireSame } from "./pack-match.js";
import type { NamedFile, PackPlace } from "./pack-place.js";
import {
  mapPackedFile,
  type PackedFile,
  type PackedHead,
  readBeginning,
  requireHeads,
} from "./packed-file.js";

/** The packed files in a folder, by name and in order; none where it is no pack. */
export async function packedFilesIn(folder: string): Promise<NamedFile[]> {
  const names = await readdir(folder).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  return names
    .flatMap((name) => {
      const place = parsePackedFileName(name);
      return place === undefined ? [] : [{ name, ...place }];
    })
    .sort((a, b) => a.shard - b.shard);
}

/**
 * What holds the files of a set to their version: those of one version have one configuration, and those of another were prepared
 * in the same way. Files are given in their order.
 *
 * @throws {PixtokError} PACK_MISMATCH
 */
export function sameSet(): (path: string, metadata: PackedFileMetadata) => void {
  let set: PackedFileMetadata | undefined;
  let version: PackedFileMetadata | undefined;
  return (path, metadata) => {
    set ??= metadata;
    if (version?.shards !== metadata.shards) {
      requireSame(path, preparationOf(set.config), preparationOf(metadata.config));
      const first = version?.shards ?? set.first;
      requireSame(path, { first }, { first: metadata.first });
      version = metadata;
    }
    requireSame(path, version.config, metadata.config);
  };
}

/** What a message costs of the heap while its set is open: some typed arrays that show its columns. */
const MESSAGE_HEAP_BYTES = 3072;
/** The same of each of the dataset's columns, and of those of tokens of conversations. */
const COLUMN_HEAP_BYTES = 512;

/** Columns of the dataset, of all kinds, and those of tokens of conversations. */
export const columnsOf = ({ columns, imageColumns, conversations }: PackConfig) =>
  columns.length + imageColumns.length + (conversations?.tokens.length ?? 0);

/** What a message costs of the heap. */
const heapOfMessage = (columns: number) => MESSAGE_HEAP_BYTES + columns * COLUMN_HEAP_BYTES;

/** Messages that the heap has room for. */
export function messagesInHeap(columns: number): number {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  return Math.floor((0.8 * (limit - used)) / heapOfMessage(columns));
}

/** V8 ends the process where its heap is too small. */
export function requireHeap(folder: string, messages: number, columns: number): void {
  if (messages <= messagesInHeap(columns)) return;
  const needed = Math.round((messages * heapOfMessage(columns)) / 2 ** 20);
  const most = Math.round(getHeapStatistics().heap_size_limit / 2 ** 20);
  throw new PixtokError(
    "OUT_OF_MEMORY",
    `its ${messages} messages need some ${needed} MiB of a heap of ${most} MiB; start Node with --max-old-space-size`,
    { source: folder },
  );
}

/**
 * @param map maps the file of a place.
 * @throws {PixtokError} NOT_A_PACK, INVALID_PACK, PACK_MISMATCH, OUT_OF_MEMORY
 */
export function openPackedFiles(
  folder: string,
  paths: readonly string[],
  map: (place: number, path: string) => Buffer,
): PackedFile[] {
  let messages = 0;
  // what comes next is asked for of all files, before any of it is waited for
  const mapped = paths.map((path, place) => mapPackedFile(path, () => map(place, path)));
  const begun = mapped.map((one) => {
    const file = readBeginning(one);
    messages += file.messages.length;
    requireHeap(folder, messages, columnsOf(file.metadata.config));
    return file;
  });
  const files = begun.map(requireHeads);
  const requireSameSet = sameSet();
  for (const { path, metadata } of files) requireSameSet(path, metadata);
  return files;
}

/** Files whose beginning and end are read at the same time. */
const READ_AT_ONCE = 16;

/**
 * Reads the beginnings and ends of files, and calls `visit` with what they say of themselves, one after the other.
 *
 * @param found in the order of the set.
 * @throws {PixtokError} as the place's ends(); PACK_MISMATCH where they are not of one set.
 * @throws the signal's reason, once it is aborted.
 */
export async function readPackedHeads(
  place: PackPlace,
  found: readonly Pick<NamedFile, "name" | "validator" | "size">[],
  visit: (head: PackedHead, path: string) => void,
  signal?: AbortSignal,
): Promise<PackConfig> {
  let config: PackConfig | undefined;
  const requireSameSet = sameSet();
  for (let first = 0; first < found.length; first += READ_AT_ONCE) {
    signal?.throwIfAborted();
    const some = found.slice(first, first + READ_AT_ONCE);
    for (const [i, head] of (await Promise.all(some.map(place.ends))).entries()) {
      const path = place.pathOf((some[i] as (typeof some)[number]).name);
      config ??= head.metadata.config;
      requireSameSet(path, head.metadata);
      visit(head, path);
    }
  }
  return config as PackConfig;
}

export const rowsOfHead = ({ messages }: Pick<PackedFile, "messages">): number =>
  messages.reduce((sum, { rows }) => sum + rows, 0);

/** What tells a set from others: the checksums of all that is in its files. */
export function* checksumsOf(files: Iterable<Pick<PackedFile, "messages">>): Generator<string> {
  for (const { messages } of files) {
    yield messages.map(({ headCrc, bodyCrc }) => `${headCrc} ${bodyCrc}`).join();
  }
}
