// Heads of messages in packed sets: what they may be, and what no parser is to meet.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { requireBatchHead, requireSchemaHead } from "../../src/sources/packed/arrow-head.js";
import { describeMessage, writeMessageList } from "../../src/sources/packed/message-list.js";
import { readPackedHead } from "../../src/sources/packed/packed-file.js";
import {
  flatbuffer,
  int8,
  int16,
  int64,
  listOf,
  type Placed,
  type Stored,
  tableOf,
  textOf,
} from "../support/flatbuffer-writer.js";

const [SCHEMA, RECORD_BATCH] = [1, 3];

/** A message of a kind, behind the eight bytes of the stream. */
function headOf(kind: number, header: Placed, others: Record<number, Stored> = {}): Buffer {
  const message = tableOf({ 0: int16(4), 1: int8(kind), 2: header, ...others });
  return Buffer.concat([Buffer.alloc(8), flatbuffer(message)]);
}

const some = (count: number, one: Stored = tableOf({})) =>
  listOf(Array.from({ length: count }, () => one));

/** A field within fields, so deep. */
const nested = (depth: number): Placed =>
  tableOf(depth === 1 ? {} : { 5: listOf([nested(depth - 1)]) });

const schemaOf =
  (fields: Record<number, Stored>, others = {}) =>
  () =>
    requireSchemaHead(headOf(SCHEMA, tableOf(fields), others));

describe("the schema of a packed file", () => {
  for (const [what, read] of [
    ["has a thousand columns, and some of its own", schemaOf({ 1: some(7 + 8 + 16 + 1024) })],
    ["has columns of five axes", schemaOf({ 1: listOf([nested(6)]) })],
    ["has eight things that are said of it", schemaOf({ 1: some(1), 2: some(8), 3: some(8) })],
    ["has as many said of a column", schemaOf({ 1: listOf([tableOf({ 6: some(8) })]) })],
    ["has as many said of the message", schemaOf({ 1: some(1) }, { 4: some(8) })],
    ["says that there is no body", schemaOf({ 1: some(1) }, { 3: int64(0) })],
  ] as const) {
    test(what, () => read());
  }

  for (const [what, read, message] of [
    ["more columns", schemaOf({ 1: some(1056) }), "a list has 1056 elements, of 1055 at most"],
    ["deeper columns", schemaOf({ 1: listOf([nested(7)]) }), "a column is nested too deeply"],
    [
      "several columns within one",
      schemaOf({ 1: listOf([tableOf({ 5: some(2) })]) }),
      "a list has 2 elements, of 1 at most",
    ],
    [
      "a dictionary",
      schemaOf({ 1: listOf([tableOf({ 4: tableOf({}) })]) }),
      "there is something in it that pixtok does not write",
    ],
    [
      "more that is said of it",
      schemaOf({ 1: some(1), 2: some(9) }),
      "a list has 9 elements, of 8 at most",
    ],
    ["more features", schemaOf({ 1: some(1), 3: some(9) }), "a list has 9 elements, of 8 at most"],
    [
      "more that is said of a column",
      schemaOf({ 1: listOf([tableOf({ 6: some(9) })]) }),
      "a list has 9 elements, of 8 at most",
    ],
    [
      "more that is said of the message",
      schemaOf({ 1: some(1) }, { 4: some(9) }),
      "a list has 9 elements, of 8 at most",
    ],
    ["a body", schemaOf({ 1: some(1) }, { 3: int64(1) }), "a length is 1, of 0 at most"],
  ] as const) {
    test(`has not ${what}`, () => assert.throws(read, { name: "RangeError", message }));
  }

  test("is held to that before it is parsed, also where the rest of the file is not there", () => {
    const said = tableOf({ 0: textOf("pixtok"), 1: textOf(writeMessageList([], 1)) });
    const schema = headOf(SCHEMA, tableOf({ 1: some(1056) }), { 4: listOf([said]) });
    schema.writeUInt32LE(schema.length - 8, 4);
    const list = writeMessageList([describeMessage([schema], 0)], 1);
    schema.write(list, schema.indexOf(list.slice(0, 10)), "latin1");
    assert.throws(() => readPackedHead("x.arrow", schema), {
      code: "INVALID_PACK",
      source: "x.arrow",
      message: /the head of the schema: a list has 1056 elements, of 1055 at most/,
    });
  });

  test("is of its kind", () => {
    const message = "a message is of another kind than it should be";
    for (const head of [
      headOf(RECORD_BATCH, tableOf({})),
      Buffer.concat([Buffer.alloc(8), flatbuffer(tableOf({ 2: tableOf({}) }))]),
      Buffer.concat([Buffer.alloc(8), flatbuffer(tableOf({ 1: int8(SCHEMA) }))]),
    ]) {
      assert.throws(() => requireSchemaHead(head), { name: "RangeError", message });
    }
  });
});

/** Numbers in pairs, each of 64 bits. */
const pairs = (...numbers: (readonly [number, number])[]): Placed =>
  listOf(numbers.map(([first, second]) => Buffer.concat([int64(first), int64(second)])));

describe("a message of rows", () => {
  const good = { 0: int64(3), 1: pairs([3, 0], [7, 0]), 2: pairs([0, 8], [8, 24]) };
  const batchOf = (fields: Record<number, Stored>, body: Stored | null = int64(32)) =>
    headOf(RECORD_BATCH, tableOf(fields), body === null ? {} : { 3: body });
  const read = (head: Buffer) => requireBatchHead(head, 3, 32);

  test("has its rows, values of each column, and where its buffers are", () => {
    assert.deepEqual(read(batchOf(good)), { rows: 3, nodes: [3, 7], buffers: [0, 8, 8, 24] });
  });

  test("may have no columns, and no body", () => {
    const head = batchOf({ 0: int64(3) }, null);
    assert.deepEqual(requireBatchHead(head, 3, 0), { rows: 3, nodes: [], buffers: [] });
  });

  for (const [what, head, message] of [
    ["fewer rows", batchOf({ ...good, 0: int64(2) }), "it has not the rows that it should have"],
    ["more rows", batchOf({ ...good, 0: int64(4) }), "a length is 4, of 3 at most"],
    ["no number of rows", batchOf({ 1: good[1] }), "it has not the rows that it should have"],
    ["values that are null", batchOf({ ...good, 1: pairs([3, 1]) }), "a length is 1, of 0 at most"],
    [
      "more values than bytes",
      batchOf({ ...good, 1: pairs([33, 0]) }),
      "a length is 33, of 32 at most",
    ],
    [
      "fewer values than none",
      batchOf({ ...good, 1: pairs([-1, 0]) }),
      /^a length is -1, of 32 at most/,
    ],
    [
      "a buffer behind its body",
      batchOf({ ...good, 2: pairs([33, 0]) }),
      "a length is 33, of 32 at most",
    ],
    [
      "a buffer beyond its body",
      batchOf({ ...good, 2: pairs([8, 25]) }),
      "a length is 25, of 24 at most",
    ],
    [
      "a buffer of 4 GiB",
      batchOf({ ...good, 2: pairs([0, 2 ** 32]) }),
      "a length is 4294967296, of 32 at most",
    ],
    [
      "compression",
      batchOf({ ...good, 3: tableOf({}) }),
      "there is something in it that pixtok does not write",
    ],
    [
      "variadic buffers",
      batchOf({ ...good, 4: some(0) }),
      "there is something in it that pixtok does not write",
    ],
    ["another body", batchOf(good, int64(31)), "a message has another length than it should have"],
    ["no body", batchOf(good, null), "a message has another length than it should have"],
  ] as const) {
    test(`has not ${what}`, () => assert.throws(() => read(head), { name: "RangeError", message }));
  }

  test("has no more values and buffers than columns have", () => {
    const none = Buffer.alloc(16);
    const nodes = 1055 * 6;
    read(batchOf({ ...good, 1: some(nodes, none), 2: some(3 * nodes, none) }));
    for (const fields of [{ 1: some(nodes + 1, none) }, { 2: some(3 * nodes + 1, none) }]) {
      assert.throws(
        () => read(batchOf({ ...good, ...fields })),
        /a list has \d+ elements, of \d+ at most/,
      );
    }
  });
});
