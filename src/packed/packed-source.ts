import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PixtokError } from "../errors.js";
import { findPart } from "../find-part.js";
import { digestOf, type Pair, type PairSource } from "../pair-source.js";
import { unreadableFile } from "../unreadable-file.js";
import { requireOptions } from "../validation.js";
import { requireSame } from "./pack-config.js";
import { invalidPack, type Pack, shardPlace } from "./pack-format.js";
import { openShard, type PackedRows, readShard, type ShardFile } from "./shard-reader.js";

/** The shards in a folder, by name and in order; none where it is no pack. */
export async function shardsIn(
  folder: string,
): Promise<{ name: string; shard: number; shards: number }[]> {
  const names = await readdir(folder).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  return names
    .flatMap((name) => {
      const place = shardPlace(name);
      return place === undefined ? [] : [{ name, ...place }];
    })
    .sort((a, b) => a.shard - b.shard);
}

/** @throws {PixtokError} INVALID_PACK, INCOMPLETE_PACK, naming what is missing. */
export function requireComplete(
  folder: string,
  found: readonly { shard: number; shards: number }[],
): void {
  const [first] = found;
  if (first === undefined) throw invalidPack(folder, "there are no packed files in this folder");
  if (found.some(({ shards }) => shards !== first.shards)) {
    throw invalidPack(folder, "there are files of several packs in this folder");
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

/** @throws {PixtokError} INVALID_PACK, INCOMPLETE_PACK, PACK_MISMATCH */
export async function openShards(folder: string): Promise<ShardFile[]> {
  const found = await shardsIn(folder);
  requireComplete(folder, found);
  const shards = found.map(({ name }) => openShard(join(folder, name)));
  const [first] = shards as [ShardFile];
  for (const { path, metadata } of shards)
    requireSame(path, first.metadata.config, metadata.config);
  return shards;
}

/**
 * A packed set. Its files are mapped into memory: they must not be made shorter while it is in use.
 *
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; INVALID_PACK, INCOMPLETE_PACK, PACK_MISMATCH
 */
export async function openPackedSource(
  folder: string,
  options: object = {},
): Promise<PairSource & { pack: Pack }> {
  requireOptions("openPackedSource", options, []);
  const shards = await openShards(folder);
  const { config } = (shards[0] as ShardFile).metadata;
  const { width, height } = config.size;
  const pictureBytes = 3 * width * height;
  const parts: PackedRows[] = [];
  /** Row after the last one of each part. */
  const ends: number[] = [];
  let length = 0;
  for (const shard of shards) {
    for (const part of readShard(shard)) {
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

  const checksums = shards.map(({ messages }) =>
    messages.map(({ headCrc, bodyCrc }) => `${headCrc} ${bodyCrc}`).join(),
  );
  return {
    length,
    pack: { folder, config },
    fingerprint: digestOf(checksums),
    description: `packed set, ${length} pairs of ${width}x${height} in ${shards.length} files`,
    get(index): Pair {
      const { part, row } = placeOf(index);
      const start = row * pictureBytes;
      return {
        image: {
          data: part.pictures.subarray(start, start + pictureBytes),
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
