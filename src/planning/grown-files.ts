import { createReadStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { writing } from "../shared/unwritable-file.js";
import type { Found } from "../sources/found-source.js";
import { linkTo } from "./link-to.js";

/** Rows of the larger manifest, which opening is timed with: both are long enough for an index of their rows. */
const TABLE_ROWS = 800_000;
/** Pairs of the larger set of shards, about. */
const SHARD_ROWS = 400_000;
/** Bytes of a manifest that is written for it, at most: where rows are long, there are fewer. */
const MOST_TABLE_BYTES = 2 ** 28;
/** Files of the sets of shards, at most. */
const MOST_FILES = 256;
/** The larger set has four times as many pairs as the smaller one. */
const TIMES = 4;

const LINE_END = 0x0a;
const WRITTEN_AT_ONCE = 2 ** 20;

const tables = new Set([".jsonl", ".ndjson", ".csv", ".tsv"]);

/** Files of two sets of the same rows over and over, each in a folder of its own: they are opened, and not read. */
export type GrownFiles = readonly [small: readonly string[], large: readonly string[]];

async function folderIn(folder: string, name: string): Promise<string> {
  const made = join(folder, name);
  await writing(made, () => mkdir(made));
  return made;
}

/** Whole lines of files, up to so many bytes, or all of them. */
async function linesOf(paths: readonly string[], bytes: number): Promise<Buffer> {
  const read: Buffer[] = [];
  let left = bytes;
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { end: Math.max(0, left - 1) })) {
      read.push(chunk);
      left -= chunk.length;
    }
    if (left <= 0) break;
    if (read.at(-1)?.at(-1) !== LINE_END) read.push(Buffer.from("\n"));
  }
  const all = Buffer.concat(read);
  return all.subarray(0, all.lastIndexOf("\n") + 1);
}

/** Writes lines over and over, up to a number of bytes and the end of a line. */
async function writeLines(lines: Buffer, bytes: number, to: string): Promise<void> {
  const block = Buffer.concat(Array(Math.ceil(WRITTEN_AT_ONCE / lines.length)).fill(lines));
  await writing(to, async () => {
    const file = await open(to, "w");
    try {
      for (let left = bytes; left > 0; left -= block.length) {
        const end = left < block.length ? block.indexOf("\n", left - 1) + 1 : block.length;
        await file.writeFile(block.subarray(0, end));
      }
    } finally {
      await file.close();
    }
  });
}

async function grownTables(
  paths: readonly string[],
  rowBytes: number,
  folder: string,
): Promise<GrownFiles> {
  const most = Math.min(MOST_TABLE_BYTES, Math.ceil(TABLE_ROWS * rowBytes));
  const lines = await linesOf(paths, most);
  const write = async (bytes: number, name: string) => {
    const path = join(await folderIn(folder, name), `pairs${extname(paths[0] as string)}`);
    await writeLines(lines, bytes, path);
    return [path];
  };
  return [await write(Math.ceil(most / TIMES), "small"), await write(most, "large")];
}

const isOnAnotherDisk = (error: unknown) => (error as NodeJS.ErrnoException).code === "EXDEV";

/** null where files cannot be linked from the folder. */
async function grownShards(
  paths: readonly string[],
  pairsOfFile: number,
  folder: string,
): Promise<GrownFiles | null> {
  const most = Math.ceil(SHARD_ROWS / pairsOfFile);
  const files = Math.max(1, Math.min(MOST_FILES / TIMES, Math.floor(most / TIMES)));
  const links = async (count: number, name: string) => {
    const into = await folderIn(folder, name);
    const made: string[] = [];
    for (let i = 0; i < count; i += 1) {
      const path = paths[i % paths.length] as string;
      const linked = join(into, `${String(i).padStart(4, "0")}${extname(path)}`);
      await linkTo(resolve(path), linked);
      made.push(linked);
    }
    return made;
  };
  try {
    return await writing(folder, async () => [
      await links(files, "small"),
      await links(TIMES * files, "large"),
    ]);
  } catch (error) {
    if (error instanceof Error && isOnAnotherDisk(error.cause)) return null;
    throw error;
  }
}

/**
 * Makes sets of two sizes like a set, to see how long it takes to open them and what memory that keeps.
 *
 * @param bytes of the set's files.
 * @param pairs of the set.
 * @param folder where they are made.
 * @returns null where there is no such way: data elsewhere, folders, packed sets, JSON that is one value; on Windows shards
 *   and tables on another disk than the folder.
 * @throws {PixtokError} FILE_UNWRITABLE where the folder cannot be written to; a fault of the machine.
 */
export async function growFiles(
  { kind, paths }: Found,
  bytes: number,
  pairs: number,
  folder: string,
): Promise<GrownFiles | null> {
  const files = paths.filter((path) => typeof path === "string");
  if (files.length < paths.length) return null;
  const [extension = "", other] = new Set(files.map((path) => extname(path).toLowerCase()));
  const isTable = other === undefined && tables.has(extension);
  if (kind === "manifest" && isTable) return grownTables(files, bytes / pairs, folder);
  if (kind === "webdataset" || kind === "parquet" || kind === "arrow") {
    return grownShards(files, pairs / files.length, folder);
  }
  return null;
}
