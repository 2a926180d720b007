// Lists of structs in Parquet, whose fields are columns of their own, written byte by byte: these are not believed to fit together.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ColumnChunk } from "../../src/sources/parquet/parquet-chunks.js";
import type { ParquetFile } from "../../src/sources/parquet/parquet-file.js";
import { type Nested, nestedIn, readNested } from "../../src/sources/parquet/parquet-nested.js";
import type { ParquetNode } from "../../src/sources/parquet/parquet-schema.js";
import { textMaker } from "../../src/sources/parquet/text-values.js";
import { int, struct, types } from "../support/thrift-bytes.js";

/** A level each of the list and of what is there: 0 no list, 1 an empty one, 2 an element without a value, 3 one with. */
type Slot = readonly [repetition: number, definition: number];

/** `optional list<required struct<optional string a, optional string b>>`, as Arrow writes it. */
const field = (name: string, column: number): ParquetNode => ({
  ...{ name, repeated: false, defined: 3, children: [] },
  leaf: { path: `m.${name}`, column, kind: "string", width: 4, deepest: 3, lists: [2] },
});
const element: ParquetNode = {
  ...{ name: "element", repeated: false, defined: 2, leaf: undefined },
  children: [field("a", 0), field("b", 1)],
};
const messages: ParquetNode = {
  ...{ name: "m", repeated: false, defined: 1, leaf: undefined },
  children: [{ name: "list", repeated: true, defined: 2, children: [element], leaf: undefined }],
};

/** A page in version 1, of a letter for every value that is there. */
function page(slots: readonly Slot[], letter: string): Buffer {
  const levels = (which: 0 | 1) => [
    ...[2 * slots.length, 0, 0, 0],
    ...slots.flatMap((slot) => [2, slot[which]]),
  ];
  const there = slots.filter(([, definition]) => definition === 3);
  const value = [1, 0, 0, 0, letter.charCodeAt(0)];
  const data = [...levels(0), ...levels(1), ...there.flatMap(() => value)];
  const header = struct({ 1: int(slots.length), 2: int(0), 3: int(3), 4: int(3) });
  const head = struct({
    ...{ 1: int(0), 2: int(data.length), 3: int(data.length) },
    5: [types.STRUCT, header],
  });
  return Buffer.from([...head, ...data]);
}

/** Reads the rows of a file with these slots of `a` and `b`, or of some of the two. */
async function read(rows: number, a: readonly Slot[], b: readonly Slot[], fields = /[ab]/) {
  const pages = [page(a, "a"), page(b, "b")] as const;
  const bytes = Buffer.concat([Buffer.alloc(4), ...pages]);
  const chunk = (start: number, own: Buffer, values: number): ColumnChunk => ({
    ...{ codec: 0, values, start, bytes: own.length },
  });
  const columns = [chunk(4, pages[0], a.length), chunk(4 + pages[0].length, pages[1], b.length)];
  const file: ParquetFile = {
    ...{ path: "a.parquet", folder: ".", size: bytes.length, version: undefined },
    read: async (offset, count) => bytes.subarray(offset, offset + count),
    metadata: () => Promise.reject(new Error("the footer is not read")),
    endsAs: () => Promise.reject(new Error("nor is its end")),
  };
  const nested = nestedIn(messages, ({ path }) => fields.test(path.slice(2))) as Nested;
  return readNested(file, { rows, columns }, nested, () => textMaker());
}

describe("lists of structs", () => {
  test("are put together from their fields", async () => {
    const a: Slot[] = [
      [0, 3],
      [1, 2],
      [0, 0],
      [0, 1],
      [0, 2],
    ];
    const b: Slot[] = [
      [0, 2],
      [1, 3],
      [0, 0],
      [0, 1],
      [0, 3],
    ];
    const { value: at } = await read(4, a, b);
    assert.deepEqual(at(0), [
      { a: "a", b: null },
      { a: null, b: "b" },
    ]);
    assert.equal(at(1), null);
    assert.deepEqual(at(2), []);
    assert.deepEqual(at(3), [{ a: null, b: "b" }]);
  });

  test("have the fields that are read alone, and are not there without any", () => {
    const nested = nestedIn(messages, ({ path }) => path === "m.b");
    assert.deepEqual(
      nested?.leaves.map(({ path }) => path),
      ["m.b"],
    );
    assert.equal(
      nestedIn(messages, () => false),
      undefined,
    );
  });

  test("take as much memory as their fields, which is what the cache of rows counts", async () => {
    const a: Slot[] = [
      [0, 3],
      [1, 3],
    ];
    const b: Slot[] = [
      [0, 2],
      [1, 3],
    ];
    const { bytes: ofA } = await read(1, a, b, /a/);
    const { bytes: ofB } = await read(1, a, b, /b/);
    // a text is a string, and a slot a pointer and two levels
    assert.ok(ofA > ofB && ofB > 2 * 8, `${ofA} and ${ofB} bytes`);
    assert.equal((await read(1, a, b)).bytes, ofA + ofB);
  });

  const unfit: [what: string, a: Slot[], b: Slot[]][] = [
    [
      "more elements",
      [
        [0, 3],
        [1, 3],
      ],
      [[0, 3]],
    ],
    ["elements of an empty list", [[0, 1]], [[0, 2]]],
    ["a list that is not there", [[0, 1]], [[0, 0]]],
  ];
  for (const [what, a, b] of unfit) {
    test(`whose fields disagree are an error of the row: ${what}`, async () => {
      for (const pair of [
        [a, b],
        [b, a],
      ] as const) {
        const { value: at } = await read(1, ...pair);
        assert.throws(() => at(0), { name: "RangeError", message: /do not fit together/ });
      }
    });
  }
});

describe("lists of older writers", () => {
  const leaf = (name: string, repeated = false): ParquetNode => ({
    ...{ name, repeated, defined: 1, children: [] },
    leaf: { path: name, column: 0, kind: "string", width: 4, deepest: 1, lists: [1] },
  });
  const group = (name: string, repeated: boolean, ...children: ParquetNode[]): ParquetNode => ({
    ...{ name, repeated, defined: 1, leaf: undefined, children },
  });
  const read = (node: ParquetNode) => nestedIn(node, () => true);

  test("have for elements the repeated group where it has several fields", () => {
    const list = read(group("m", false, group("array", true, leaf("a"), leaf("b"))));
    assert.equal(list?.kind, "list");
    const { element } = list as Nested & { kind: "list" };
    assert.equal(element.kind, "struct");
    assert.equal(element.leaves.length, 2);
  });

  test("are fields of a struct where there are others beside them", () => {
    const struct = read(group("m", false, leaf("a", true), leaf("b")));
    assert.equal(struct?.kind, "struct");
    const { fields } = struct as Nested & { kind: "struct" };
    assert.deepEqual(
      fields.map(([name, { kind }]) => [name, kind]),
      [
        ["a", "list"],
        ["b", "value"],
      ],
    );
  });
});
