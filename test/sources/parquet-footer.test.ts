// Footers of Parquet files, written byte by byte: schemas become columns, and what a footer says of a file is held
// against the schema and the file's size.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { boundedCache } from "../../src/sources/parquet/bounded-cache.js";
import { readParquetMetadata } from "../../src/sources/parquet/parquet-metadata.js";
import { leavesOf } from "../../src/sources/parquet/parquet-schema.js";
import { type Fields, int, struct, types, varint, zigzag } from "../support/thrift-bytes.js";

const { TRUE, FALSE, I32, I64, BINARY, LIST, STRUCT } = types;
const long = (value: number) => [I64, zigzag(value)] as const;
const text = (value: string) => [BINARY, [...varint(value.length), ...Buffer.from(value)]] as const;
const list = (of: number, items: readonly (readonly number[])[]) =>
  [LIST, [0xf0 | of, ...varint(items.length), ...items.flat()]] as const;

const [BOOLEAN, INT32, INT64, FLOAT, DOUBLE, BYTE_ARRAY, FIXED] = [0, 1, 2, 4, 5, 6, 7];
const [REQUIRED, OPTIONAL, REPEATED] = [0, 1, 2];

interface Element {
  name: string;
  type?: number;
  repetition?: number;
  children?: number;
  conversion?: number;
  logical?: number;
  signed?: boolean;
}

const element = ({ name, type, repetition = REQUIRED, children, ...of }: Element) =>
  struct({
    ...(type !== undefined && { 1: int(type) }),
    3: int(repetition),
    4: text(name),
    ...(children !== undefined && { 5: int(children) }),
    ...(of.conversion !== undefined && { 6: int(of.conversion) }),
    ...(of.logical !== undefined && {
      10: [
        STRUCT,
        struct({
          [of.logical]: [
            STRUCT,
            struct(of.signed === undefined ? {} : { 2: [of.signed ? TRUE : FALSE] }),
          ],
        }),
      ],
    }),
  });

interface Chunk {
  path?: string[];
  codec?: number;
  values?: number;
  bytes?: number;
  data?: number;
  dictionary?: number;
  /** Fields of the chunk beside its metadata, and one that the metadata lack. */
  fields?: Fields;
  without?: number;
}

const chunk = ({
  path = ["a"],
  codec = 0,
  values = 3,
  bytes = 10,
  data = 4,
  ...of
}: Chunk = {}) => {
  const names = path.map((name) => [...varint(name.length), ...Buffer.from(name)]);
  const metadata: Fields = {
    ...{ 1: int(6), 2: list(I32, [zigzag(0)]), 3: list(BINARY, names), 4: int(codec) },
    ...{ 5: long(values), 6: long(bytes), 7: long(bytes), 9: long(data) },
    ...(of.dictionary !== undefined && { 11: long(of.dictionary) }),
  };
  if (of.without !== undefined) delete metadata[of.without];
  return struct({ 2: long(0), 3: [STRUCT, struct(metadata)], ...of.fields });
};

const group = (rows: number, chunks: readonly (readonly number[])[]) =>
  struct({ 1: list(STRUCT, chunks), 2: long(10), 3: long(rows) });

const column = { name: "a", type: BYTE_ARRAY };

function footer(
  elements: readonly Element[] = [column],
  groups: readonly (readonly number[])[] = [group(3, [chunk()])],
  fields: Fields = {},
) {
  const top = elements.filter(({ name }) => !name.startsWith("."));
  const all = [{ name: "schema", children: top.length }, ...elements].map(element);
  return Buffer.from(
    struct({
      ...{ 1: int(2), 2: list(STRUCT, all), 3: long(3), 4: list(STRUCT, groups) },
      ...fields,
    }),
  );
}

const FILE = 100;
const read = (...of: Parameters<typeof footer>) => readParquetMetadata(footer(...of), FILE);
const refused = (message: RegExp, work: () => unknown) =>
  assert.throws(work, { name: "RangeError", message });

describe("a schema's columns", () => {
  test("have the kind that type, converted type and logical type say", () => {
    const kindOf = (of: Partial<Element>) =>
      leavesOf(read([{ ...column, ...of }], []).columns).map(({ kind, width }) => [kind, width])[0];
    const cases: [Partial<Element>, string, number][] = [
      [{ type: BYTE_ARRAY }, "bytes", 4],
      ...[0, 4, 19].map((conversion): [Partial<Element>, string, number] => [
        { conversion },
        "string",
        4,
      ]),
      ...[1, 4, 12].map((logical): [Partial<Element>, string, number] => [
        { logical },
        "string",
        4,
      ]),
      [{ conversion: 5 }, "other", 4],
      [{ logical: 5 }, "other", 4],
      [{ type: FIXED }, "other", 4],
      [{ type: FLOAT }, "float", 4],
      [{ type: DOUBLE }, "float", 8],
      [{ type: BOOLEAN }, "boolean", 4],
      [{ type: INT32 }, "integer", 4],
      [{ type: INT64 }, "integer", 8],
      ...[11, 12, 13, 14].map((conversion): [Partial<Element>, string, number] => [
        { type: INT32, conversion },
        "unsigned",
        4,
      ]),
      ...[15, 16, 17, 18].map((conversion): [Partial<Element>, string, number] => [
        { type: INT64, conversion },
        "integer",
        8,
      ]),
      [{ type: INT32, conversion: 6 }, "other", 4],
      [{ type: INT32, logical: 10, signed: true }, "integer", 4],
      [{ type: INT32, logical: 10, signed: false }, "unsigned", 4],
      [{ type: INT32, logical: 10, signed: false, conversion: 15 }, "unsigned", 4],
      [{ type: INT64, logical: 8 }, "other", 8],
      [{ type: INT64, logical: 8, conversion: 18 }, "other", 8],
    ];
    for (const [of, kind, width] of cases)
      assert.deepEqual(kindOf(of), [kind, width], JSON.stringify(of));
  });

  test("have levels by what is optional or repeated above them, and stand depth first", () => {
    const { columns } = read(
      [
        { name: "a", type: INT32, repetition: OPTIONAL },
        { name: "b", children: 1, repetition: OPTIONAL },
        { name: ".list", children: 2, repetition: REPEATED },
        { name: ".x", type: INT32, repetition: OPTIONAL },
        { name: ".y", type: INT32 },
        { name: "c", type: INT32, repetition: REPEATED },
      ],
      [],
    );
    assert.deepEqual(
      leavesOf(columns).map(({ path, column, deepest, lists }) => [
        ...[path, column, deepest, lists],
      ]),
      [
        ["a", 0, 1, []],
        ["b..list..x", 1, 3, [2]],
        ["b..list..y", 2, 2, [2]],
        ["c", 3, 1, [1]],
      ],
    );
    assert.deepEqual(
      columns.map(({ name, repeated }) => [name, repeated]),
      [
        ["a", false],
        ["b", false],
        ["c", true],
      ],
    );
  });

  test("are all there, and no others", () => {
    refused(/the schema has more than its columns/, () =>
      read([column, { ...column, name: ".x" }]),
    );
    refused(/the schema ends early/, () => read([{ name: "a", children: 1 }], []));
    refused(/the schema ends early/, () => read([{ name: "a", children: -1 }], []));
    refused(/a column has no type/, () => read([{ name: "a" }], []));
    refused(/a repetition that there is not/, () => read([{ ...column, repetition: 3 }], []));
    const [head] = [element({ name: "schema", children: 1 })];
    const alone = struct({ 1: int(2), 2: list(STRUCT, [head]), 3: long(0), 4: list(STRUCT, []) });
    refused(/the schema ends early/, () => readParquetMetadata(Buffer.from(alone), FILE));
  });

  test("are 32 levels deep, with names of 4096 bytes, at most", () => {
    const deep = (levels: number) => [
      { name: "a", children: 1 },
      ...Array.from({ length: levels - 2 }, () => ({ name: ".a", children: 1 })),
      { name: ".a", type: INT32 },
    ];
    read(deep(32), []);
    refused(/nested too deeply/, () => read(deep(33), []));
    read([{ ...column, name: "a".repeat(4096) }], []);
    refused(/name is too long/, () => read([{ ...column, name: "a".repeat(4097) }], []));
  });
});

describe("a row group", () => {
  const groupOf = (of: Chunk, rows = 3) => read([column], [group(rows, [chunk(of)])]).groups[0];

  test("begins with its dictionary, where there is one before its data", () => {
    const startOf = (of: Chunk) => groupOf({ data: 20, ...of })?.columns[0]?.start;
    assert.equal(startOf({}), 20);
    assert.equal(startOf({ dictionary: 10 }), 10);
    for (const dictionary of [0, -1, 20, 30]) assert.equal(startOf({ dictionary }), 20);
  });

  test("lies in the file, behind its mark, to its last byte", () => {
    groupOf({ data: 4, bytes: 96 });
    groupOf({ data: 100, bytes: 0 });
    for (const of of [{ data: 4, bytes: 97 }, { data: 3 }, { bytes: -1 }]) {
      refused(/column a does not lie in the file/, () => groupOf(of));
      const behind = [group(3, [chunk()]), group(3, [chunk({ data: 20, ...of })])];
      refused(/column a does not lie in the file/, () => read([column], behind));
    }
  });

  test("has the schema's columns, with a value for each row", () => {
    refused(/column b is not where the schema has it/, () => groupOf({ path: ["b"] }));
    refused(/a row group has 2 columns, the schema 1/, () =>
      read([column], [group(3, [chunk(), chunk()])]),
    );
    refused(/column a has 2 values in 3 rows/, () => groupOf({ values: 2 }));
    const inList = { ...column, repetition: REPEATED };
    assert.equal(
      read([inList], [group(3, [chunk({ values: 7 })])]).groups[0]?.columns[0]?.values,
      7,
    );
    // of no rows nothing is asked
    assert.equal(read([column], [group(0, [])]).groups[0]?.rows, 0);
    const codec = groupOf({ codec: 6 })?.columns[0]?.codec;
    assert.equal(codec, 6);
  });

  test("has about as many rows as its bytes may stand for", () => {
    const most = 2 ** 20 + 8 * 10;
    assert.equal(groupOf({ values: most }, most)?.rows, most);
    for (const rows of [most + 1, -1]) {
      refused(/a row group of 10 bytes declares/, () => groupOf({ values: rows }, rows));
    }
  });

  test("is in this file, and not encrypted; nor is the footer", () => {
    groupOf({ fields: { 1: text("") } });
    refused(/in another file/, () => groupOf({ fields: { 1: text("b.parquet") } }));
    refused(/a column is encrypted/, () => groupOf({ fields: { 8: [STRUCT, struct({})] } }));
    refused(/it is encrypted/, () => read([column], [], { 8: [STRUCT, struct({})] }));
    refused(/path is too long/, () => groupOf({ path: Array(33).fill("a") }));
  });

  test("has what it must have", () => {
    for (const without of [1, 2, 3, 4, 5, 6, 7, 9]) {
      refused(/lacks a field/, () => groupOf({ without }));
    }
    const fields: Fields = { 1: list(STRUCT, [chunk()]), 2: long(10), 3: long(3) };
    for (const without of [1, 2, 3]) {
      const others = Object.entries(fields).filter(([id]) => Number(id) !== without);
      const cut = struct(Object.fromEntries(others));
      refused(/lacks a field/, () => read([column], [cut]));
    }
  });
});

test("what the datasets library says is found among others", () => {
  const pairs = [
    ["pandas", "x"],
    ["huggingface", "{}"],
    ["b", "y"],
  ].map(([key, value]) => struct({ 1: text(key as string), 2: text(value as string) }));
  assert.equal(read([column], [], { 5: list(STRUCT, pairs) }).huggingface, "{}");
  assert.equal(read([column], [], { 5: list(STRUCT, pairs.slice(0, 1)) }).huggingface, undefined);
  const without = [struct({ 1: text("huggingface") })];
  assert.equal(read([column], [], { 5: list(STRUCT, without) }).huggingface, undefined);
});

describe("values that are kept", () => {
  const cacheOf = (most: number) => {
    const made: string[] = [];
    const cache = boundedCache(most);
    const get = (key: string, bytes = 10) =>
      cache.get(key, async () => {
        made.push(key);
        return { value: key.toUpperCase(), bytes };
      });
    return { made, cache, get };
  };

  test("are those used last, of as many bytes as there may be", async () => {
    const { made, get } = cacheOf(20);
    for (const key of ["a", "b", "a", "c", "a", "b", "c"])
      assert.equal(await get(key), key.toUpperCase());
    // b was used least when c came, then c, then a
    assert.deepEqual(made, ["a", "b", "c", "b", "c"]);
  });

  test("are one at least, however large it is, until another comes", async () => {
    const { made, get } = cacheOf(20);
    for (const key of ["a", "b", "a", "big", "big", "a"]) await get(key, key === "big" ? 99 : 10);
    assert.deepEqual(made, ["a", "b", "big", "a"]);
  });

  test("make room as soon as they are there, be they asked for before others", async () => {
    const { made, cache, get } = cacheOf(20);
    let finish = () => {};
    const ends = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = cache.get("slow", async () => ends.then(() => ({ value: "SLOW", bytes: 15 })));
    await get("a");
    finish();
    await slow;
    await get("a");
    assert.deepEqual(made, ["a", "a"]);
  });

  test("are made once by all who ask at once, and again where that failed", async () => {
    const { made, cache, get } = cacheOf(20);
    assert.deepEqual(await Promise.all([get("a"), get("a")]), ["A", "A"]);
    assert.deepEqual(made, ["a"]);
    const failing = () => Promise.reject(new Error("it failed"));
    for (const key of ["b", "b"]) await assert.rejects(cache.get(key, failing), /it failed/);
    assert.equal(await get("b"), "B");
    await get("a");
    assert.deepEqual(made, ["a", "b"]);
  });
});
