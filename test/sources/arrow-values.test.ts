// Values in the buffers of Arrow, by hand.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ArrowVector } from "../../src/sources/arrow/arrow-batches.js";
import type { ArrowKind } from "../../src/sources/arrow/arrow-schema.js";
import { DamagedRow, nestedAt, valueAt } from "../../src/sources/arrow/arrow-values.js";

/** A column of one text: two offsets, and two bytes in front of others. */
function textBetween(start: number, end: number): unknown {
  const bytes = Buffer.from("________abcd");
  bytes.writeInt32LE(start, 0);
  bytes.writeInt32LE(end, 4);
  const vector: ArrowVector = {
    field: { name: "text", kind: "string", size: 4, isSigned: true, children: [] },
    ...{ length: 1, validity: null, children: [] },
    ...{ offsets: { start: 0, end: 8 }, data: { start: 8, end: 10 } },
  };
  return valueAt(bytes, vector, 0);
}

describe("a text of Arrow", () => {
  test("ends where its column does, at the latest", () => {
    assert.equal(textBetween(0, 2), "ab");
    assert.throws(() => textBetween(0, 3), DamagedRow);
  });

  test("begins at its column's first byte, and before it ends", () => {
    assert.equal(textBetween(1, 1), "");
    assert.throws(() => textBetween(-1, 1), DamagedRow);
    assert.throws(() => textBetween(2, 1), DamagedRow);
  });
});

test("a struct of Arrow has no fields that are not read", () => {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32LE(7);
  const vectorOf = (name: string, kind: ArrowKind, ...children: ArrowVector[]): ArrowVector => ({
    field: { name, kind, size: 4, isSigned: true, children: children.map((one) => one.field) },
    ...{ length: 1, validity: null, offsets: null, data: { start: 0, end: 8 }, children },
  });
  const lists = vectorOf("struct", "struct", vectorOf("time", "other"));
  const row = vectorOf(
    "row",
    "struct",
    vectorOf("id", "integer"),
    vectorOf("time", "other"),
    lists,
  );
  assert.deepEqual(nestedAt(bytes, row, 0), { id: 7 });
});
