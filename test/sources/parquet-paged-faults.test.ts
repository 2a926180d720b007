// What is wrong with a page of a large column is an error of its rows, whatever else of them is read at the same time.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type ImageRange, openParquet } from "pixtok";
import { type HandColumn, handParquet, plain, run } from "../support/parquet-writer.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-parquet-paged-"));
after(() => rmSync(root, { recursive: true }));

const ROWS = 20;
const context = { seed: 0, epoch: 0 };
const texts = (name: string, length: number) =>
  Array.from({ length: ROWS }, (_, row) => `${name} ${row} `.padEnd(length, "."));

/** Two pages of texts; of more than a megabyte together where they are long. */
function column(name: string, length: number): HandColumn {
  const all = texts(name, length);
  const half = ROWS / 2;
  return {
    name,
    text: true,
    required: true,
    pages: [all.slice(0, half), all.slice(half)].map((some) => ({
      values: half,
      encoding: 0,
      data: plain(...some),
    })),
  };
}

function write(path: string, names: readonly string[], damaged?: string): string {
  const file = join(root, path);
  const columns = [
    column("image", 4),
    column("text", 4),
    ...names.map((name) => column(name, 80_000)),
  ];
  const bytes = handParquet(ROWS, columns);
  // a value of the second page that is longer than the page
  if (damaged !== undefined) bytes.writeUInt32LE(2 ** 31 - 1, bytes.indexOf(`${damaged} 11 `) - 4);
  writeFileSync(file, bytes);
  return file;
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("a damaged page of a large column", () => {
  for (const damaged of ["url", "title"]) {
    test(`is an error of its rows, and of no others, and ends no process (${damaged})`, async () => {
      const path = write(`${damaged}.parquet`, ["url", "title"], damaged);
      const source = await openParquet(path, { columns: ["url", "title"] });
      for (const row of [12, 13]) {
        await assert.rejects(async () => source.get(row, context), { code: "INVALID_PARQUET" });
      }
      await soon();
      assert.deepEqual((await source.get(3, context)).columns, {
        url: texts("url", 80_000)[3],
        title: texts("title", 80_000)[3],
      });
    });
  }
});

test("columns whose names end in a number are told from others of a file whose name begins with one", async () => {
  const here = process.cwd();
  write("0 x.parquet", ["a", "a 0"]);
  write("x.parquet", ["a", "a 0"]);
  process.chdir(root);
  try {
    const source = await openParquet(["0 x.parquet", "x.parquet"], { columns: ["a", "a 0"] });
    for (const row of [2, ROWS + 2]) {
      const { columns } = await source.get(row, context);
      assert.deepEqual(columns, { a: texts("a", 80_000)[2], "a 0": texts("a 0", 80_000)[2] });
    }
  } finally {
    process.chdir(here);
  }
});

test("large columns of images, and of paths, are told from each other", async () => {
  const path = join(root, "images.parquet");
  const bytesOf = (name: string) => ({ ...column(name, 80_000), text: false });
  const columns = [bytesOf("image"), column("text", 4), bytesOf("mask"), column("left", 80_000)];
  writeFileSync(path, handParquet(ROWS, [...columns, column("right", 80_000)]));
  const options = { imageColumns: ["mask", "left", "right"], allowOutsideRoot: true };
  const source = await openParquet(path, options);
  const { image, columns: found } = await source.get(12, context);
  const file = readFileSync(path);
  const textOf = (one: unknown) => {
    const { offset, length } = one as ImageRange;
    return file.toString("latin1", offset, offset + length);
  };
  assert.equal(textOf(image), texts("image", 80_000)[12]);
  assert.equal(textOf(found?.mask), texts("mask", 80_000)[12]);
  for (const name of ["left", "right"]) {
    assert.equal(found?.[name], join(root, texts(name, 80_000)[12] as string));
  }
});

test("a large column whose dictionary is damaged says so, and not that it has none", async () => {
  const path = join(root, "dictionary.parquet");
  const isDictionary = true;
  const dictionary = { values: 1, encoding: 9, data: plain("x".repeat(2 ** 20)), isDictionary };
  const places = Buffer.concat([Buffer.of(0), run(ROWS, 0).subarray(0, 1)]);
  const pages = [dictionary, { values: ROWS, encoding: 8, data: places }];
  const text = { name: "text", text: true, required: true, pages };
  writeFileSync(path, handParquet(ROWS, [column("image", 4), text]));
  const source = await openParquet(path);
  await assert.rejects(async () => source.get(3, context), /a dictionary has encoding 9/);
});
