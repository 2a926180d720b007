// Headers of Parquet's pages, written byte by byte, and what is refused of them: a file is not believed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import type { ColumnChunk } from "../../src/sources/parquet/parquet-chunks.js";
import { readColumn, readValueRanges } from "../../src/sources/parquet/parquet-column.js";
import type { ParquetFile } from "../../src/sources/parquet/parquet-file.js";
import { budgetOf } from "../../src/sources/parquet/parquet-pages.js";
import type { ParquetLeaf } from "../../src/sources/parquet/parquet-schema.js";
import { type Fields, int, struct, types, varint } from "../support/thrift-bytes.js";

const { BINARY, FALSE, STRUCT } = types;
const refused = (message: RegExp) => ({ name: "RangeError", message });

interface PageParts {
  type?: number;
  bytes?: number;
  unpacked?: number;
  values?: number;
  encoding?: number;
  levels?: number;
  checksum?: number;
  /** Fields of the header besides, or in place of those. */
  fields?: Fields;
}

/** A data page in version 1, unless another header is given. */
function page(data: readonly number[], parts: PageParts = {}): Buffer {
  const { bytes = data.length, unpacked = bytes, values = 1, encoding = 0, levels = 3 } = parts;
  const header = struct({
    1: int(parts.type ?? 0),
    2: int(unpacked),
    3: int(bytes),
    ...(parts.checksum !== undefined && { 4: int(parts.checksum) }),
    ...(parts.fields ?? {
      5: [STRUCT, struct({ 1: int(values), 2: int(encoding), 3: int(levels), 4: int(levels) })],
    }),
  });
  return Buffer.from([...header, ...data]);
}

const dictionaryOf = (values: number, encoding = 0): PageParts => ({
  type: 2,
  fields: { 7: [STRUCT, struct({ 1: int(values), 2: int(encoding) })] },
});

function version2(values: number, lengths: [definition: number, repetition: number]): PageParts {
  const [definition, repetition] = lengths;
  const fields = { 1: int(values), 2: int(0), 3: int(values), 4: int(0) };
  return {
    type: 3,
    fields: { 8: [STRUCT, struct({ ...fields, 5: int(definition), 6: int(repetition) })] },
  };
}

const string = (text: string) => [text.length, 0, 0, 0, ...Buffer.from(text)];
const START = 4;

interface Column {
  rows?: number;
  values?: number;
  codec?: number;
  leaf?: Partial<ParquetLeaf>;
  /** Bytes of the file behind the column. */
  behind?: number;
}

function columnOf(pages: readonly Buffer[], of: Column = {}) {
  const bytes = Buffer.concat([Buffer.alloc(START), ...pages, Buffer.alloc(of.behind ?? 0)]);
  const { rows = 1, values = rows, codec = 0 } = of;
  const length = bytes.length - START - (of.behind ?? 0);
  const chunk: ColumnChunk = { codec, values, start: START, bytes: length };
  const file: ParquetFile = {
    path: "hand-made.parquet",
    folder: ".",
    size: bytes.length,
    version: undefined,
    read: async (offset, count) => bytes.subarray(offset, offset + count),
    metadata: () => Promise.reject(new Error("the footer is not read")),
    endsAs: () => Promise.reject(new Error("nor is its end")),
  };
  const leaf = {
    ...{ path: "a", column: 0, kind: "string", width: 4, deepest: 0, lists: [] },
    ...of.leaf,
  } as ParquetLeaf;
  return { file, group: { rows, columns: [chunk] }, leaf };
}

/** Values of the rows; a list is told apart from what is none. */
async function valuesOf(pages: readonly Buffer[], of: Column = {}) {
  const { file, group, leaf } = columnOf(pages, of);
  const rows: unknown[] = [];
  const make = {
    bytes: (bytes: Buffer, start: number, end: number) => bytes.toString("latin1", start, end),
    integer: String,
  };
  await readColumn(file, group, leaf, make, (row, value, repetition, definition) => {
    const [filled] = leaf.lists;
    if (filled === undefined) rows[row] = value;
    else if (repetition === 0 && definition < filled)
      rows[row] = definition < filled - 1 ? null : [];
    else if (repetition === 0) rows[row] = [value];
    else (rows[row] as unknown[]).push(value);
  });
  return rows;
}

async function rangesOf(pages: readonly Buffer[], of: Column = {}) {
  const { file, group, leaf } = columnOf(pages, of);
  const ranges = await readValueRanges(file, group, leaf);
  return ranges && [...ranges.sizes];
}

/** Refused by who reads values, and by who looks where they stand. */
async function assertRefused(pages: readonly Buffer[], message: RegExp, of: Column = {}) {
  await assert.rejects(valuesOf(pages, of), refused(message));
  await assert.rejects(rangesOf(pages, of), refused(message));
}

/** Levels of a page in version 1: a run for each, behind their length. */
const levels = (...values: number[]) => [
  ...[values.length * 2, 0, 0, 0],
  ...values.flatMap((value) => [2, value]),
];
const optional = { deepest: 1 };
const inList = { deepest: 3, lists: [2] };

describe("pages of a column", () => {
  test("are read to the column's last value, and to its last byte", async () => {
    const pages = [page(string("a")), page([...string("b"), ...string("")], { values: 2 })];
    assert.deepEqual(await valuesOf(pages, { rows: 3 }), ["a", "b", ""]);
    assert.deepEqual(await rangesOf(pages, { rows: 3 }), [1, 1, 0]);
    await assertRefused(pages, /a column has 3 of 4 values/, { rows: 4 });
    await assertRefused(pages, /a column has 3 of 2 values/, { rows: 2 });
  });

  test("are looked through 8 KiB at a time for where many small values are, and not behind their column", async () => {
    const pages = [page(Array(2000).fill(string("a")).flat(), { values: 2000 })];
    const { file, group, leaf } = columnOf(pages, { rows: 2000, behind: 9000 });
    const reads: [offset: number, length: number][] = [];
    const read = (offset: number, length: number) => {
      reads.push([offset, length]);
      return file.read(offset, length);
    };
    const ranges = await readValueRanges({ ...file, read }, group, leaf);
    assert.equal(ranges?.offsets.at(-1), file.size - 9000 - 1);
    const end = file.size - 9000;
    assert.ok(reads.every(([offset, length]) => offset + length <= end));
    // the header with what is behind it, and then 10 000 bytes of values
    assert.equal(reads.length, 1 + 2);
  });

  test("of another type are passed over", async () => {
    const index = page([1, 2, 3], { type: 1, fields: {} });
    assert.deepEqual(await valuesOf([index, page(string("a"))]), ["a"]);
  });

  test("end within their column", async () => {
    const data = string("abc");
    const [longer, negative] = [page(data, { bytes: 8 }), page(data, { bytes: -1 })];
    for (const bad of [longer, negative]) {
      await assertRefused([bad], /a page does not fit the column/, { behind: 9 });
    }
    const index = page([], { type: 1, bytes: 5, fields: {} });
    await assertRefused([index], /a page does not fit the column/, { behind: 9 });
    assert.deepEqual(await valuesOf([page(data)], { behind: 9 }), ["abc"]);
  });

  test("have the header of their type, with what must be in it", async () => {
    const data = string("abc");
    for (const type of [2, 3]) await assertRefused([page(data, { type })], /not of its type/);
    const wrong: Fields[] = [{}, { 5: [STRUCT, struct({ 1: int(1), 2: int(0), 3: int(3) })] }];
    for (const fields of wrong) await assertRefused([page(data, { fields })], /type|lacks a field/);
    await assertRefused([page(data, { fields: { 5: int(1) } })], /header is damaged/);
    const less = struct({ 1: int(1), 2: int(0), 3: int(1), 4: int(0), 5: int(0) });
    await assertRefused([page(data, { type: 3, fields: { 8: [STRUCT, less] } })], /lacks a field/);
    await assertRefused([page(data, { values: -1 })], /a page does not fit the column/);
  });

  test("may have a long header", async () => {
    const statistics: Fields = { 1: [BINARY, [...varint(5000), ...Array(5000).fill(0)]] };
    const header: Fields = {
      ...{ 1: int(1), 2: int(0), 3: int(3), 4: int(3) },
      5: [STRUCT, struct(statistics)],
    };
    const fields: Fields = { 5: [STRUCT, struct(header)] };
    assert.deepEqual(await valuesOf([page(string("a"), { fields })]), ["a"]);
  });

  test("are what their checksum says", async () => {
    const data = string("abc");
    const checksum = crc32(Buffer.from(data)) | 0;
    assert.deepEqual(await valuesOf([page(data, { checksum })]), ["abc"]);
    const changed = page(data, { checksum: checksum + 1 });
    await assert.rejects(valuesOf([changed]), refused(/not what its checksum says/));
  });

  test("without compression are as long as they say", async () => {
    await assertRefused([page(string("abc"), { unpacked: 8 })], /a page does not fit the column/);
  });

  test("with compression are of just the length that they say, levels of version 2 as they are", async () => {
    // Snappy: its length, then literals
    const packed = [7, 6 << 2, ...string("abc")];
    const lz4 = { codec: 1 };
    assert.deepEqual(await valuesOf([page(packed, { unpacked: 7 })], lz4), ["abc"]);
    for (const unpacked of [6, 8, -1]) {
      await assert.rejects(valuesOf([page(packed, { unpacked })], lz4), { name: "RangeError" });
    }
    const parts = { ...version2(1, [2, 0]), unpacked: 9 };
    const of = { codec: 1, leaf: optional };
    assert.deepEqual(await valuesOf([page([2, 1, ...packed], parts)], of), ["abc"]);
    assert.equal(await rangesOf([page(packed, { unpacked: 7 })], lz4), undefined);
  });

  test("that are not compressed in a column that is are as long as they say", async () => {
    const fields = (levels: PageParts) => ({
      ...levels,
      fields: {
        8: [
          STRUCT,
          struct({
            ...{ 1: int(1), 2: int(0), 3: int(1), 4: int(0), 5: int(0), 6: int(0) },
            7: [FALSE, []],
          }),
        ],
      } as Fields,
    });
    const stored = (unpacked: number) => page(string("abc"), fields({ type: 3, unpacked }));
    assert.deepEqual(await valuesOf([stored(7)], { codec: 1 }), ["abc"]);
    const message = /a page does not fit the column/;
    await assert.rejects(valuesOf([stored(8)], { codec: 1 }), refused(message));
  });

  test("are no ranges where one of them is encoded, be it the last", async () => {
    const [plain, encoded] = [page(string("abc")), page([...string("abc")], { encoding: 6 })];
    assert.deepEqual(await rangesOf([plain, plain], { rows: 2 }), [3, 3]);
    assert.equal(await rangesOf([plain, encoded], { rows: 2 }), undefined);
  });

  test("with compression are no longer together than their column may become, before any is unpacked", async () => {
    const half = page(string("abc"), { unpacked: 2 ** 25 + 2 ** 20 });
    const message = /bytes of a column become more than/;
    await assert.rejects(valuesOf([half, half], { codec: 1, rows: 2 }), refused(message));
  });
});

test("a column may take 64 MiB, and 1100 bytes for each of its own, to the last one", () => {
  const most = 2 ** 26 + 1100 * 3;
  const take = budgetOf({ codec: 0, values: 1, start: START, bytes: 3 });
  take(most - 1);
  take(1);
  const message = `3 bytes of a column become more than ${most} bytes`;
  assert.throws(() => take(1), { name: "RangeError", message });
});

describe("levels of a page", () => {
  test("say which values are there", async () => {
    const data = [...levels(1, 0, 1), ...string("a"), ...string("b")];
    const pages = [page(data, { values: 3 })];
    assert.deepEqual(await valuesOf(pages, { rows: 3, leaf: optional }), ["a", null, "b"]);
    assert.deepEqual(await rangesOf(pages, { rows: 3, leaf: optional }), [1, -1, 1]);
    const second = [2, 1, 2, 0, 2, 1, ...string("a"), ...string("b")];
    const parts = version2(3, [6, 0]);
    const of = { rows: 3, leaf: optional };
    assert.deepEqual(await valuesOf([page(second, parts)], of), ["a", null, "b"]);
    assert.deepEqual(await rangesOf([page(second, parts)], of), [1, -1, 1]);
  });

  test("of a column that needs none are passed over in version 2", async () => {
    const pages = [page([2, 0, ...string("a")], version2(1, [2, 0]))];
    assert.deepEqual(await valuesOf(pages), ["a"]);
    assert.deepEqual(await rangesOf(pages), [1]);
  });

  test("say which elements a list has, whether it is empty, and whether it is one", async () => {
    const data = [...levels(0, 1, 0, 0, 0), ...levels(3, 2, 1, 0, 3)];
    const pages = [page([...data, ...string("a"), ...string("b")], { values: 5 })];
    const of = { rows: 4, values: 5, leaf: inList };
    assert.deepEqual(await valuesOf(pages, of), [["a", null], [], null, ["b"]]);
    assert.deepEqual(await rangesOf(pages, of), [1, -1, 1]);
    const { file, group, leaf } = columnOf(pages, of);
    assert.deepEqual([...((await readValueRanges(file, group, leaf))?.ends ?? [])], [2, 2, 2, 3]);
  });

  test("begin a row for each row of the group", async () => {
    const data = (first: number, ...rest: number[]) => [
      page(
        [
          ...levels(first, ...rest),
          ...levels(3, ...rest.map(() => 3)),
          ...[first, ...rest].flatMap(() => string("a")),
        ],
        { values: 1 + rest.length },
      ),
    ];
    const of = (rows: number) => ({ rows, values: 2, leaf: inList });
    assert.deepEqual(await valuesOf(data(0, 0), of(2)), [["a"], ["a"]]);
    await assertRefused(data(1, 0), /rows are not those of its group/, of(1));
    await assertRefused(data(0, 0), /rows are not those of its group/, of(1));
    await assertRefused(data(0, 1), /a column has 1 of 2 rows/, of(2));
  });

  test("do not go on with a list that has ended", async () => {
    const data = [...levels(0, 1), ...levels(3, 1), ...string("a")];
    const pages = [page(data, { values: 2 })];
    await assertRefused(pages, /a list goes on without an element/, {
      ...{ rows: 1, values: 2, leaf: inList },
    });
  });

  test("lie in their page, and are runs", async () => {
    const of = { leaf: optional };
    for (const data of [
      [2, 0, 0],
      [3, 0, 0, 0, 2, 1],
      [255, 255, 255, 127],
    ]) {
      await assertRefused([page(data)], /levels do not fit their page|does not fit/, of);
    }
    await assertRefused([page(levels(1))], /a page ends before its values do/, of);
    await assertRefused(
      [page([...levels(1), ...string("a")], { levels: 4 })],
      /packed in bits/,
      of,
    );
    const none = [page(levels(0))];
    assert.deepEqual(await valuesOf(none, of), [null]);
    await assertRefused([page([2, 1], version2(1, [3, 0]))], /does not fit the column/, of);
    await assertRefused([page([2, 1], version2(1, [3, -1]))], /does not fit the column/, of);
    await assertRefused([page([2, 1], version2(1, [-1, 2]))], /does not fit the column/, of);
  });
});

describe("values that stand in the file as they are", () => {
  test("lie in their page, the last one to its last byte", async () => {
    const data = [...string("ab"), ...string("c")];
    assert.deepEqual(await rangesOf([page(data, { values: 2 })], { rows: 2 }), [2, 1]);
    const cut = [page(data.slice(0, -1), { values: 2 })];
    await assertRefused(cut, /a value reaches beyond its page/, { rows: 2, behind: 9 });
    for (const end of [6, 7, 9]) {
      const pages = [page(data.slice(0, end), { values: 2 })];
      await assertRefused(pages, /a page ends before its values do/, { rows: 2, behind: 9 });
    }
  });

  test("are told from others", async () => {
    const dictionary = page(string("a"), dictionaryOf(1));
    const places = page([0, 2, 0], { encoding: 8 });
    assert.equal(await rangesOf([dictionary, places]), undefined);
    assert.equal(await rangesOf([page([], { encoding: 6, values: 1 })]), undefined);
    assert.equal(await rangesOf([dictionary, page(string("a"))]), undefined);
  });
});

describe("a dictionary", () => {
  const dictionary = page([...string("a"), ...string("b")], dictionaryOf(2));
  const places = (place: number, encoding = 8) => page([8, 2, place], { encoding });

  test("gives values by their places, by the older number of the encoding too", async () => {
    for (const encoding of [2, 8]) {
      assert.deepEqual(await valuesOf([dictionary, places(1, encoding)]), ["b"]);
    }
    const older = page(string("a"), dictionaryOf(1, 2));
    assert.deepEqual(await valuesOf([older, places(0)]), ["a"]);
  });

  test("has no more places than values, comes first, is there, and is plain", async () => {
    const cases: [readonly Buffer[], RegExp][] = [
      [[dictionary, places(2)], /place is 2, and should be 1 at most/],
      [[places(0)], /a page's dictionary is missing/],
      [[dictionary, page([], { encoding: 8 })], /a page ends before its values do/],
      [[page(string("a"), dictionaryOf(1, 8)), places(0)], /a dictionary has encoding 8/],
      [[dictionary, dictionary, places(0)], /a dictionary is not first/],
    ];
    for (const [pages, message] of cases) await assert.rejects(valuesOf(pages), refused(message));
    const none = [page(levels(0), { encoding: 8 })];
    assert.deepEqual(await valuesOf(none, { leaf: optional }), [null]);
  });
});
