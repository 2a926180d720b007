import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DataFile } from "../sources/data-files.js";
import { elsewhereAmong } from "../sources/elsewhere.js";
import { findSource } from "../sources/find-source.js";
import type { Found, WantedData } from "../sources/found-source.js";
import { parsePackedFileName } from "../sources/packed/pack-format.js";

/**
 * The files of a set, as openSource() finds them.
 *
 * @param options of the source, among them those of remote files.
 * @throws {PixtokError} as openSource().
 */
export async function filesOfSet(
  data: readonly string[],
  wanted: WantedData,
  options: object,
): Promise<Found> {
  const elsewhere = await elsewhereAmong(data);
  if (elsewhere === undefined) return findSource(data, wanted);
  const { findRemoteSource } = await import("../sources/find-remote-source.js");
  return findRemoteSource(elsewhere, wanted, options);
}

async function sizeOf(path: string): Promise<number> {
  const { size } = await stat(path);
  return size;
}

async function sizeOfPath(path: DataFile): Promise<number> {
  if (typeof path !== "string") return path.size ?? 0;
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const names = await readdir(path);
  const packed = names.filter((name) => parsePackedFileName(name) !== undefined);
  const sizes = await Promise.all(packed.map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes of the files that rows are in; 0 where there are none, as in a folder of images. */
export async function bytesOfFiles({ paths }: Found): Promise<number> {
  let bytes = 0;
  for (const path of paths) bytes += await sizeOfPath(path);
  return bytes;
}
