// A column that is read a page at a time, whose pages may be encoded in several ways.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openPagedColumn } from "../../src/sources/parquet/paged-column.js";
import type { RowGroup } from "../../src/sources/parquet/parquet-chunks.js";
import { metadataOf, type ParquetFile } from "../../src/sources/parquet/parquet-file.js";
import { leavesOf, type ParquetLeaf } from "../../src/sources/parquet/parquet-schema.js";
import { textMaker } from "../../src/sources/parquet/text-values.js";
import { type HandColumn, handParquet, levels, plain, run } from "../support/parquet-writer.js";

/** The only column of a file that is in memory. */
async function opened(rows: number, column: HandColumn) {
  const bytes = handParquet(rows, [column]);
  const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
  const { columns, groups } = await metadataOf("x.parquet", bytes.length, read);
  const file: ParquetFile = {
    ...{ path: "x.parquet", folder: ".", size: bytes.length, version: undefined, read },
    metadata: () => Promise.reject(new Error("the footer is not read again")),
    endsAs: () => Promise.reject(new Error("nor is its end")),
  };
  const [leaf] = leavesOf(columns) as [ParquetLeaf];
  const { value } = await openPagedColumn(file, groups[0] as RowGroup, leaf);
  return { bytes, column: value };
}

const dictionary = { values: 2, encoding: 0, data: plain("aa", "b"), isDictionary: true };
/** Places in the dictionary, of a bit each: the second, three times the first. */
const places = Buffer.concat([Buffer.of(1), run(1, 1), run(3, 0)]);

describe("a column whose writer gave up its dictionary", () => {
  const text = { name: "text", text: true, required: true };
  const pages = [
    dictionary,
    { values: 4, encoding: 8, data: places },
    { values: 2, encoding: 0, data: plain("ccc", "dd") },
  ];

  test("has values to look up in some pages, and stored ones in others", async () => {
    const { column } = await opened(6, { ...text, pages });
    assert.deepEqual([0, 1].map(column.isLookedUp), [true, false]);
    assert.deepEqual([0, 1].map(column.isStored), [false, true]);
    assert.deepEqual(column.pageOf(3), { page: 0, rowInPage: 3 });
    assert.deepEqual(column.pageOf(4), { page: 1, rowInPage: 0 });
  });

  test("has the values of all", async () => {
    const { column } = await opened(6, { ...text, pages });
    const { value: words } = await column.dictionary(textMaker());
    assert.deepEqual((await column.values(0, textMaker(), words)).value, ["b", "aa", "aa", "aa"]);
    assert.deepEqual((await column.values(1, textMaker(), undefined)).value, ["ccc", "dd"]);
    await assert.rejects(column.values(0, textMaker(), undefined), /dictionary is missing/);
  });

  test("has no stored values where it is compressed", async () => {
    const [, , stored] = pages;
    const { column } = await opened(2, { ...text, codec: 1, pages: stored ? [stored] : [] });
    assert.equal(column.isStored(0), false);
  });
});

test("stored values of a page are where its rows have them, and null where one has none", async () => {
  const there = levels(Buffer.concat([run(1, 0), run(1, 1), run(1, 0), run(1, 1)]));
  const data = Buffer.concat([there, plain("first", "second")]);
  const { bytes, column } = await opened(4, {
    ...{ name: "image", pages: [{ values: 4, encoding: 0, data }] },
  });
  const { value: ranges } = await column.ranges(0);
  const found = [0, 1, 2, 3].map((row) => {
    const range = ranges.at(row);
    return range && bytes.toString("latin1", range.offset, range.offset + range.length);
  });
  assert.deepEqual(found, [null, "first", null, "second"]);
  const { value } = await column.values(0, textMaker(), undefined);
  assert.deepEqual(value, [null, "first", null, "second"]);
});
