import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { PixtokError } from "../../shared/errors.js";
import { findPart } from "../../shared/find-part.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import { requireOptions } from "../../shared/validation.js";
import { digestOf } from "../pair-source.js";
import type { PackedPair, PackedSource } from "./is-packed.js";
import { requireSame } from "./pack-config.js";
import { invalidPack, packedFilePlace } from "./pack-format.js";
import { openPackedFile, type PackedFile, type PackedRows, readPackedFile } from "./packed-file.js";

/** The packed files in a folder, by name and in order; none where it is no pack. */
export async function packedFilesIn(
  folder: string,
): Promise<{ name: string; shard: number; shards: number }[]> {
  const names = await readdir(folder).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  return names
    .flatMap((name) => {
      const place = packedFilePlace(name);
      return place === undefined ? [] : [{ name, ...place }];
    })
    .sort((a, b) => a.shard - b.shard);
}

/** @throws {PixtokError} NOT_A_PACK, PACK_MISMATCH; INCOMPLETE_PACK, naming what is missing. */
export function requireComplete(
  folder: string,
  found: readonly { shard: number; shards: number }[],
): void {
  const [first] = found;
  if (first === undefined) {
    const message = "there is no file that pixtok packed in this folder";
    throw new PixtokError("NOT_A_PACK", message, { source: folder });
  }
  const other = found.find(({ shards }) => shards !== first.shards);
  if (other !== undefined) {
    const sets = `one of ${first.shards} files and one of ${other.shards}`;
    throw new PixtokError("PACK_MISMATCH", `there are several sets in this folder, ${sets}`, {
      source: folder,
    });
  }
  const there = new Set(found.map(({ shard }) => shard));
  const missing = Array.from({ length: first.shards }, (_, i) => i).filter((i) => !there.has(i));
  if (missing.length === 0) return;
  const some = missing.slice(0, 5).join(", ");
  throw new PixtokError(
    "INCOMPLETE_PACK",
    `${missing.length} of ${first.shards} files are missing: ${some}${missing.length > 5 ? ", …" : ""}`,
    { source: folder },
  );
}

/** What a message costs of the heap while its set is open: some typed arrays that show its columns. */
const MESSAGE_HEAP_BYTES = 3072;

/** V8 ends the process where its heap is too small. */
function requireHeap(folder: string, messages: number): void {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  const needed = messages * MESSAGE_HEAP_BYTES;
  if (needed <= 0.8 * (limit - used)) return;
  const most = Math.round(limit / 2 ** 20);
  throw new PixtokError(
    "OUT_OF_MEMORY",
    `its ${messages} messages need some ${Math.round(needed / 2 ** 20)} MiB of a heap of ${most} MiB; start Node with --max-old-space-size`,
    { source: folder },
  );
}

/** @throws {PixtokError} NOT_A_PACK, INVALID_PACK, INCOMPLETE_PACK, PACK_MISMATCH, OUT_OF_MEMORY */
export async function openPackedFiles(folder: string): Promise<PackedFile[]> {
  const found = await packedFilesIn(folder);
  requireComplete(folder, found);
  let messages = 0;
  const files = found.map(({ name }) => {
    const file = openPackedFile(join(folder, name));
    messages += file.messages.length;
    requireHeap(folder, messages);
    return file;
  });
  const [first] = files as [PackedFile];
  for (const { path, metadata } of files) requireSame(path, first.metadata.config, metadata.config);
  return files;
}

/**
 * A packed set. Its files are mapped into memory: they must not be made shorter while it is in use.
 *
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; NOT_A_PACK, INVALID_PACK, INCOMPLETE_PACK,
 *   PACK_MISMATCH; OUT_OF_MEMORY where the heap is too small for so many messages.
 */
export async function openPackedSource(
  folder: string,
  options: object = {},
): Promise<PackedSource> {
  requireOptions("openPackedSource", options, []);
  const files = await openPackedFiles(folder);
  const { config } = (files[0] as PackedFile).metadata;
  const { width, height } = config.size;
  const imageBytes = 3 * width * height;
  const parts: PackedRows[] = [];
  /** Row after the last one of each part. */
  const ends: number[] = [];
  let length = 0;
  for (const file of files) {
    for (const part of readPackedFile(file)) {
      length += part.length;
      parts.push(part);
      ends.push(length);
    }
  }
  if (length === 0) throw invalidPack(folder, "it has no rows");

  const placeOf = (index: number): { part: PackedRows; row: number } => {
    const { part, indexInPart } = findPart(ends, index);
    return { part: parts[part] as PackedRows, row: indexInPart };
  };
  const listAt = ({ offsets }: { offsets: Int32Array }, i: number): [number, number] => [
    offsets[i] as number,
    offsets[i + 1] as number,
  ];
  const textAt = ({ texts }: PackedRows, i: number) =>
    texts.values.toString("utf8", ...listAt(texts, i));
  const tokensAt = ({ tokens }: PackedRows, i: number) =>
    tokens.values.subarray(...listAt(tokens, i));
  const textsAt = (part: PackedRows, row: number): string | string[] => {
    if (part.several === null) return textAt(part, row);
    const [first, end] = listAt({ offsets: part.several }, row);
    return Array.from({ length: end - first }, (_, i) => textAt(part, first + i));
  };
  const tokenIdsAt = (part: PackedRows, row: number): Int32Array[] => {
    if (part.several === null) return [tokensAt(part, row)];
    const [first, end] = listAt({ offsets: part.several }, row);
    return Array.from({ length: end - first }, (_, i) => tokensAt(part, first + i));
  };

  const checksums = files.map(({ messages }) =>
    messages.map(({ headCrc, bodyCrc }) => `${headCrc} ${bodyCrc}`).join(),
  );
  return {
    length,
    pack: { folder, config },
    fingerprint: digestOf(checksums),
    description: `packed set, ${length} pairs of ${width}x${height} in ${files.length} files`,
    get(index): PackedPair {
      const { part, row } = placeOf(index);
      const start = row * imageBytes;
      return {
        image: {
          data: part.images.subarray(start, start + imageBytes),
          width,
          height,
          channels: 3,
          layout: "chw",
        },
        text: textsAt(part, row),
        id: part.ids.values.toString("utf8", ...listAt(part.ids, row)),
        tokenIds: tokenIdsAt(part, row),
      };
    },
    texts(index) {
      const { part, row } = placeOf(index);
      return textsAt(part, row);
    },
  };
}
