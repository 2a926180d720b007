// Sets of Parquet files that are many enough for an index, all made by hand.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { PairSource } from "pixtok";
import { context, folder } from "./manifests.js";
import { handParquet, plain } from "./parquet-writer.js";

export const FILES = 100;
export const ROWS_A_FILE = 3;
export const ROWS = FILES * ROWS_A_FILE;
export const PAGE_BYTES = 4096;
/** A time of change that can be given again. */
export const time = 1_700_000_000;

export const nameOf = (file: number) => `train-${String(file).padStart(5, "0")}.parquet`;
export const textOf = (file: number, row: number, of: string) => `${of} ${file}, ${row}`;

/** A file of plain columns. */
export function fileOf(
  file: number,
  {
    rows = ROWS_A_FILE,
    of = "text",
    word = "image of",
    order = ["image", "text"],
    encoding = 0,
    metadata = {},
  } = {},
) {
  const values: Record<string, readonly string[]> = {
    image: Array.from({ length: rows }, (_, row) => `${word} ${textOf(file, row, of)}`),
    text: Array.from({ length: rows }, (_, row) => textOf(file, row, of)),
  };
  const columns = order.map((name) => ({
    name,
    required: true,
    text: name !== "image",
    pages: [{ values: rows, encoding, data: plain(...(values[name] ?? values.text ?? [])) }],
  }));
  return handParquet(rows, columns, metadata);
}

export function write(path: string, content: Buffer): void {
  writeFileSync(path, content);
  utimesSync(path, time, time);
}

const contents = new Map<string, Buffer>();

/** A file of a set; they are the same in each, and made once. */
function fileInSet(file: number, of: string, order: string[]): Buffer {
  const key = [file, of, ...order].join();
  const content = contents.get(key) ?? fileOf(file, { of, order });
  contents.set(key, content);
  return content;
}

/** A folder of its own, with files whose texts begin as `of` says. */
export function setOf({ count = FILES, of = "text", order = ["image", "text"] } = {}): {
  paths: string[];
  index: string;
} {
  const root = mkdtempSync(join(folder, "parquet-"));
  const paths = Array.from({ length: count }, (_, file) => join(root, nameOf(file)));
  for (const [file, path] of paths.entries()) write(path, fileInSet(file, of, order));
  return { paths, index: join(root, `.${nameOf(0)}.idx`) };
}

export function spoilFooter(path: string): void {
  const content = readFileSync(path);
  content.fill(0, content.length - 4);
  write(path, content);
}

/** Does work while no file has a footer. */
export async function withoutFooters<T>(
  paths: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const contents = paths.map((path) => readFileSync(path));
  for (const path of paths) spoilFooter(path);
  try {
    return await work();
  } finally {
    for (const [file, content] of contents.entries()) write(paths[file] as string, content);
  }
}

/** @param step rows of which one is looked at. Default: of each file another one. */
export async function requireRows(source: PairSource, step = ROWS_A_FILE + 1): Promise<void> {
  assert.equal(source.length, ROWS);
  for (let index = 0; index < ROWS; index += step) {
    const expected = textOf(Math.floor(index / ROWS_A_FILE), index % ROWS_A_FILE, "text");
    const { text, image } = await source.get(index, context);
    assert.equal(text, expected);
    const { path, offset, length } = image as { path: string; offset: number; length: number };
    const bytes = readFileSync(path).subarray(offset, offset + length);
    assert.equal(bytes.toString(), `image of ${expected}`);
  }
}

export const contentOf = (root: string) =>
  readdirSync(root).filter((name) => !name.endsWith(".parquet"));
export const newCache = () => mkdtempSync(join(folder, "cache-"));
export function copiesIn(cache: string): string[] {
  if (!existsSync(join(cache, "copies"))) return [];
  return readdirSync(join(cache, "copies"), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
