import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { writing } from "../shared/unwritable-file.js";
import { folderPlace } from "../sources/packed/folder-place.js";
import { indexOfFiles } from "../sources/packed/index-of-files.js";
import { FEW_FILES, INDEX_NAME, packedFileName } from "../sources/packed/pack-format.js";
import {
  NUMBERS_OF_MESSAGE,
  type PackIndex,
  packIndexBytes,
} from "../sources/packed/pack-index.js";
import { linkTo } from "./link-to.js";

/** The larger set of a kind has four times as many files as the smaller one. */
const TIMES = 4;
/** Messages of the larger set without an index, about: all of them are looked at when it is opened. */
const MESSAGES = 4096;
/** Bytes of the larger index, about: all of them are read. */
const INDEX_BYTES = 2 ** 25;
/** Numbers of a file in an index, beside those of its messages: rows, schema_bytes, schema_crc and where its messages start. */
const NUMBERS_OF_FILE = 4;

/** A set that was made to be opened, and not read. */
export interface GrownPack {
  readonly folder: string;
  /** Pairs that it says it has. */
  readonly pairs: number;
}

/** Sets of two sizes. */
export type GrownPacks = readonly [small: GrownPack, large: GrownPack];

/** Sets like a packed one. */
export interface PacksLike {
  /** Of so few files that they have no index. */
  readonly few: GrownPacks;
  /** Of so many that they have one. */
  readonly many: GrownPacks;
}

/** The index of a set whose files are all alike. @param one that of one file. */
function indexOfAlike(one: PackIndex, files: number): PackIndex {
  const perFile = one.messages.length / NUMBERS_OF_MESSAGE;
  const messages = new Uint32Array(files * one.messages.length);
  for (let at = 0; at < messages.length; at += one.messages.length) messages.set(one.messages, at);
  return {
    ...one,
    files,
    versions: one.versions.map((version) => ({ ...version, files })),
    rows: new Int32Array(files).fill(one.rows[0] ?? 0),
    schemaBytes: new Uint32Array(files).fill(one.schemaBytes[0] ?? 0),
    schemaCrcs: new Uint32Array(files).fill(one.schemaCrcs[0] ?? 0),
    starts: Int32Array.from({ length: files + 1 }, (_, file) => file * perFile),
    messages,
  };
}

/**
 * Makes sets like a packed one, to see how long it takes to open them and what memory that keeps: a file of it over and over, and
 * of the sets with an index the two files that are looked at.
 *
 * @param packed folder of the set.
 * @param name of the file.
 * @param root where they are made.
 * @throws {PixtokError} FILE_UNWRITABLE; what is wrong with the file.
 */
export async function growPacks(packed: string, name: string, root: string): Promise<PacksLike> {
  const place = folderPlace(packed);
  const one = await indexOfFiles(place, [{ name }]);
  const rows = one.rows[0] ?? 0;
  const messages = one.messages.length / NUMBERS_OF_MESSAGE;
  const file = resolve(place.pathOf(name));
  const madeOf = async (files: number, linked: readonly number[]): Promise<GrownPack> => {
    const folder = join(root, `of-${files}-files`);
    await writing(folder, async () => {
      await mkdir(folder);
      for (const shard of linked) await linkTo(file, join(folder, packedFileName(shard, files)));
    });
    return { folder, pairs: files * rows };
  };
  const few = (files: number) =>
    madeOf(
      files,
      Array.from({ length: files }, (_, shard) => shard),
    );
  const many = async (files: number) => {
    const made = await madeOf(files, [0, files - 1]);
    const index = await packIndexBytes(indexOfAlike(one, files));
    const path = join(made.folder, INDEX_NAME);
    await writing(path, () => writeFile(path, index));
    return made;
  };
  const mostFew = Math.floor(MESSAGES / messages / TIMES);
  const fewFiles = Math.max(1, Math.min(FEW_FILES / TIMES, mostFew));
  const bytesOfFile = (NUMBERS_OF_FILE + one.messages.length) * Uint32Array.BYTES_PER_ELEMENT;
  const manyFiles = Math.max(2 * FEW_FILES, Math.floor(INDEX_BYTES / bytesOfFile / TIMES));
  return {
    few: [await few(fewFiles), await few(TIMES * fewFiles)],
    many: [await many(manyFiles), await many(TIMES * manyFiles)],
  };
}
