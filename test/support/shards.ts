import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import {
  type ImageRange,
  openWebDataset,
  type PairSource,
  PixtokError,
  type WebDatasetOptions,
} from "pixtok";
import { type TarFile, tarOf } from "./tar.js";

export const folder = mkdtempSync(join(tmpdir(), "pixtok-webdataset-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
export const context = { seed: 0, epoch: 0 };

let written = 0;
/** A path below the tests' folder, of a file in a folder of its own or of the name that is asked for. */
export function write(content: Uint8Array, name = `${written}/x.tar`): string {
  written += 1;
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Name of a new folder below the tests' folder. */
export const newFolder = () => basename(mkdtempSync(join(folder, "shards-")));

export const indexOf = (path: string) => path.replace(/\.tar$/, ".idx");

export const openFiles = (files: readonly TarFile[], options?: WebDatasetOptions) =>
  openWebDataset(write(tarOf(files)), options);

/** Key, the bytes of the image as text, and the text of each pair. */
export async function pairsOf(source: PairSource) {
  const pairs: unknown[] = [];
  for (let i = 0; i < source.length; i += 1) {
    const { key, image, text } = await source.get(i, context);
    const { path, offset, length } = image as ImageRange;
    const bytes = readFileSync(path).toString("utf8", offset, offset + length);
    pairs.push([key, bytes, text]);
    assert.deepEqual(await source.texts?.(i), text);
  }
  return pairs;
}

/** The sample is bad, for its image and for its text alone. */
export async function assertBad(source: PairSource, index: number, message: RegExp): Promise<void> {
  for (const read of [() => source.get(index, context), () => source.texts?.(index)]) {
    await assert.rejects(
      async () => read(),
      (error) => {
        assert.ok(error instanceof PixtokError);
        assert.deepEqual([error.code, error.index], ["INVALID_ARCHIVE", index]);
        assert.match(error.message, message);
        return true;
      },
    );
  }
}

export const good = (key: string): TarFile[] => [
  [`${key}.jpg`, `image ${key}`],
  [`${key}.txt`, `text ${key}`],
];
export const goodPair = (key: string) => [key, `image ${key}`, `text ${key}`];
