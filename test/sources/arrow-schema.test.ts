// Schemas of Arrow files, by the numbers of Arrow's Schema.fbs: which types are read as what, and what is refused.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readArrowSchema } from "../../src/sources/arrow/arrow-schema.js";
import { tableAt } from "../../src/sources/flatbuffer.js";
import {
  flatbuffer,
  int8,
  int16,
  int32,
  listOf,
  type Placed,
  type Stored,
  tableOf,
  textOf,
} from "../support/flatbuffer-writer.js";

const schemaOf = (fields: readonly Placed[], others: Record<number, Stored> = {}) =>
  readArrowSchema(tableAt(Buffer.from(flatbuffer(tableOf({ 1: listOf(fields), ...others }))), 0));

/** A column of the type of this number in Type of Schema.fbs. */
const column = (
  number: number,
  type: Record<number, Stored>,
  others: Record<number, Stored> = {},
) => tableOf({ 0: textOf("one"), 2: int8(number), 3: tableOf(type), ...others });

const utf8 = column(5, {});
const child = (count: number, one: Placed = utf8) => ({
  5: listOf(Array<Placed>(count).fill(one)),
});

describe("a column of Arrow", () => {
  for (const [what, one, kind, size, isSigned] of [
    ["Null", column(1, {}), "null", 0, true],
    ["int8", column(2, { 0: int32(8), 1: int8(1) }), "integer", 1, true],
    ["uint8", column(2, { 0: int32(8) }), "integer", 1, false],
    [
      "uint16, as it may also be said",
      column(2, { 0: int32(16), 1: int8(0) }),
      "integer",
      2,
      false,
    ],
    ["int32", column(2, { 0: int32(32), 1: int8(1) }), "integer", 4, true],
    ["int64", column(2, { 0: int32(64), 1: int8(1) }), "integer", 8, true],
    ["float16", column(3, {}), "other", 0, true],
    ["float16, as it may also be said", column(3, { 0: int16(0) }), "other", 0, true],
    ["float32", column(3, { 0: int16(1) }), "float", 4, true],
    ["float64", column(3, { 0: int16(2) }), "float", 8, true],
    ["Binary", column(4, {}), "bytes", 4, true],
    ["Utf8", utf8, "string", 4, true],
    ["Bool", column(6, {}), "boolean", 0, true],
    ["Decimal", column(7, {}), "other", 0, true],
    ["Timestamp", column(10, {}), "other", 0, true],
    ["List", column(12, {}, child(1)), "list", 4, true],
    ["Struct", column(13, {}, child(3)), "struct", 0, true],
    ["Struct without columns", column(13, {}), "struct", 0, true],
    ["FixedSizeBinary", column(15, { 0: int32(16) }), "other", 0, true],
    ["FixedSizeList", column(16, { 0: int32(3) }, child(1)), "fixed list", 3, true],
    ["FixedSizeList of none", column(16, {}, child(1)), "fixed list", 0, true],
    ["Map", column(17, {}, child(1)), "list", 4, true],
    ["Duration", column(18, {}), "other", 0, true],
    ["LargeBinary", column(19, {}), "bytes", 8, true],
    ["LargeUtf8", column(20, {}), "string", 8, true],
    ["LargeList", column(21, {}, child(1)), "list", 8, true],
  ] as const) {
    test(`of ${what} is of the kind ${kind}`, () => {
      const [found] = schemaOf([one]).fields;
      const { children, ...own } = found ?? {};
      assert.deepEqual(own, { name: "one", kind, size, isSigned });
      for (const inner of children ?? []) assert.equal(inner.kind, "string");
    });
  }

  const nested = (depth: number): Placed =>
    depth === 1 ? utf8 : column(12, {}, { 5: listOf([nested(depth - 1)]) });
  const many = (count: number) => Array<Placed>(count).fill(utf8);

  test("may be nested eight deep, and be one of 4096", () => {
    assert.equal(schemaOf([nested(8)]).fields.length, 1);
    assert.equal(schemaOf(many(4096)).fields.length, 4096);
  });

  for (const [what, columns, message] of [
    ["that is nested nine deep", [nested(9)], "a column is nested too deeply"],
    ["beyond 4096", many(4097), "a list has 4097 elements, of 4096 at most"],
    [
      "beyond 4096, of those within others too",
      [...many(4095), column(13, {}, child(2))],
      "a list has 2 elements, of 0 at most",
    ],
    ["of 24 bits", [column(2, { 0: int32(24) })], "an integer has 24 bits"],
    ["of no bits", [column(2, {})], "an integer has 0 bits"],
    ["of -1 elements", [column(16, { 0: int32(-1) }, child(1))], "a list has -1 elements"],
    ["of a list of nothing", [column(12, {})], "a column has not the columns of its type"],
    ["of a list of two", [column(12, {}, child(2))], "a column has not the columns of its type"],
    [
      "of a text with columns",
      [column(5, {}, child(1))],
      "a column has not the columns of its type",
    ],
    ["of no type", [column(0, {})], 'the column "one" is of a type that is not read'],
    ["of a union", [column(14, {})], 'the column "one" is of a type that is not read'],
    ["of a type to come", [column(22, {})], 'the column "one" is of a type that is not read'],
    [
      "whose type is missing",
      [tableOf({ 0: textOf("one"), 2: int8(5) })],
      'the column "one" is of a type that is not read',
    ],
    [
      "with a dictionary",
      [column(5, {}, { 4: tableOf({}) })],
      'the column "one" has a dictionary, which is not read',
    ],
  ] as const) {
    test(`${what} is refused`, () => {
      assert.throws(() => schemaOf(columns), { name: "RangeError", message });
    });
  }
});

describe("what is said of a schema", () => {
  const said = (...entries: [key: string, value: string][]) => ({
    2: listOf(entries.map(([key, value]) => tableOf({ 0: textOf(key), 1: textOf(value) }))),
  });

  test("is what the hub's library keeps of it, and whether pixtok packed it", () => {
    const none = { huggingface: undefined, isPacked: false };
    const shown = (others: Record<number, Stored>) => {
      const { huggingface, isPacked } = schemaOf([utf8], others);
      return { huggingface, isPacked };
    };
    assert.deepEqual(shown({}), none);
    assert.deepEqual(shown(said(["pandas", "{}"])), none);
    assert.deepEqual(shown(said(["a", "b"], ["huggingface", "{é}"])), {
      ...none,
      huggingface: "{é}",
    });
    assert.deepEqual(shown(said(["pixtok.messages", "[]"])), { ...none, isPacked: true });
  });

  test("may be 256 things, and not more", () => {
    const many = (count: number) => said(...Array<[string, string]>(count).fill(["a", "b"]));
    assert.equal(schemaOf([utf8], many(256)).isPacked, false);
    assert.throws(() => schemaOf([utf8], many(257)), /a list has 257 elements, of 256 at most/);
  });

  test("may not be that numbers are big-endian", () => {
    assert.equal(schemaOf([utf8], { 0: int16(0) }).fields.length, 1);
    assert.throws(() => schemaOf([utf8], { 0: int16(1) }), /numbers are big-endian/);
  });
});
