// Which pairs are in which file and message of a pack.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { packLayout } from "../../src/packing/pack-layout.js";
import { fc } from "../support/properties.js";

const MESSAGE_BYTES = 16 * 2 ** 20;
const MESSAGE_ROWS = 256;

describe("a file has as many pairs", () => {
  const filePairs = (rowBytes: number, fileBytes: number) =>
    packLayout(1e6, rowBytes, fileBytes).filePairs;

  test("as fit into its bytes, and at least one", () => {
    assert.equal(filePairs(100, 1000), 10);
    assert.equal(filePairs(100, 1099), 10);
    assert.equal(filePairs(100, 999), 9);
    assert.equal(filePairs(100, 99), 1);
  });

  test("as are left of the set", () => {
    const layout = packLayout(25, 100, 1000);
    assert.equal(layout.files, 3);
    assert.deepEqual([0, 1, 2].map(layout.pairsIn), [10, 10, 5]);
    assert.equal(packLayout(20, 100, 1000).files, 2);
  });
});

describe("a message", () => {
  const lengths = (rowBytes: number, rows: number) =>
    [...packLayout(rows, rowBytes, 2 ** 40).tasks([0])].map(({ indices }) => indices.length);

  test("has no more rows than are read together", () => {
    assert.deepEqual(lengths(1, MESSAGE_ROWS), [MESSAGE_ROWS]);
    assert.deepEqual(lengths(1, MESSAGE_ROWS + 1), [MESSAGE_ROWS, 1]);
  });

  test("has no more bytes than are prepared at once, and at least a row", () => {
    assert.deepEqual(lengths(MESSAGE_BYTES / 4, 5), [4, 1]);
    assert.deepEqual(lengths(MESSAGE_BYTES / 4 + 1, 5), [3, 2]);
    assert.deepEqual(lengths(2 * MESSAGE_BYTES, 2), [1, 1]);
  });
});

test("each pair is in one message of one file of one part, in order", () => {
  const sizes = fc.record({
    length: fc.integer({ min: 1, max: 2000 }),
    rowBytes: fc.integer({ min: 1, max: 2 ** 23 }),
    fileBytes: fc.integer({ min: 1, max: 2 ** 30 }),
    parts: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(sizes, ({ length, rowBytes, fileBytes, parts }) => {
      const layout = packLayout(length, rowBytes, fileBytes);
      const files = Array.from({ length: parts }, (_, part) => layout.part(part, parts)).flat();
      const tasks = [...layout.tasks(files)];
      assert.deepEqual(
        tasks.flatMap(({ indices }) => indices),
        Array.from({ length }, (_, index) => index),
      );
      assert.deepEqual(
        files,
        Array.from({ length: layout.files }, (_, file) => file),
      );
      for (const file of files) {
        const own = tasks.filter((task) => task.file === file);
        assert.equal(own.length, layout.messagesIn(file));
        assert.deepEqual(
          own.map(({ last }) => last),
          own.map((_, at) => at === own.length - 1),
        );
        assert.equal(own.flatMap(({ indices }) => indices).length, layout.pairsIn(file));
      }
    }),
  );
});
