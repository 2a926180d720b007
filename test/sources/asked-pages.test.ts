import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { joinedParts, offsetColumns, smallColumns } from "../../src/sources/packed/asked-pages.js";

const part = (begin: number, end: number) => ({ begin, end });

describe("parts of a file that are asked for", () => {
  test("are one where there is a page between them at most", () => {
    assert.deepEqual(joinedParts([part(10, 20), part(20, 30), part(4126, 4130)]), [10, 4120]);
    assert.deepEqual(joinedParts([part(10, 20), part(4117, 4120)]), [10, 10, 4117, 3]);
  });

  test("may lie within each other, or in no order", () => {
    assert.deepEqual(joinedParts([part(10, 90), part(20, 30), part(90, 95)]), [10, 85]);
    assert.deepEqual(joinedParts([part(9000, 9001), part(0, 5)]), [9000, 1, 0, 5]);
  });

  test("are none without a byte", () => {
    assert.deepEqual(joinedParts([]), []);
    assert.deepEqual(joinedParts([part(9000, 9000), part(0, 1)]), [0, 1]);
  });
});

describe("columns of a message", () => {
  const memory = new ArrayBuffer(2 ** 20);
  const column = (values: unknown, valueOffsets?: Int32Array, children: unknown[] = []) =>
    ({ length: 1, values, valueOffsets, children }) as Parameters<typeof smallColumns>[0];

  test("have offsets within each other, and beside values", () => {
    const texts = column(new Uint8Array(memory, 40, 10), new Int32Array(memory, 32, 2));
    const lists = column(undefined, new Int32Array(memory, 64, 3), [texts]);
    const long = column(undefined, new Int32Array(memory, 0, 2 ** 16 + 1)); // which no message has
    assert.deepEqual(
      [...offsetColumns(column(undefined, undefined, [lists, texts, long]))],
      [part(64, 76), part(32, 40), part(32, 40)],
    );
  });

  test("are small where they are no images: offsets and values, in the order in which they lie", () => {
    const texts = column(new Uint8Array(memory, 40, 10), new Int32Array(memory, 32, 2));
    const images = column(undefined, undefined, [column(new Uint8Array(memory, 64, 2 ** 18 + 1))]);
    const tokens = column(undefined, new Int32Array(memory, 2 ** 19, 4), [
      column(new Int32Array(memory, 2 ** 19 + 64, 2 ** 16)),
    ]);
    assert.deepEqual(
      [...smallColumns(column(undefined, undefined, [texts, images, tokens]))],
      [
        part(32, 40),
        part(40, 50),
        part(2 ** 19, 2 ** 19 + 16),
        part(2 ** 19 + 64, 2 ** 19 + 64 + 2 ** 18),
      ],
    );
  });
});
