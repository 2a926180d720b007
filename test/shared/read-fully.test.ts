// A buffer is filled by reads that give less than was asked for.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ReadAt, readFully } from "../../src/shared/read-fully.js";

const file = Buffer.from("0123456789");

/** Gives three bytes at a time. */
const readThree: ReadAt = async (buffer, offset, length, position) => {
  const end = position + Math.min(3, length);
  return { bytesRead: file.copy(buffer, offset, position, Math.min(end, file.length)) };
};

describe("a buffer is filled from a position of a file on", () => {
  for (const [position, length, expected] of [
    [2, 7, "2345678"],
    [0, 10, "0123456789"],
    [4, 10, "456789"],
    [10, 2, ""],
    [3, 0, ""],
  ] as const) {
    test(`with ${length} bytes from ${position}: "${expected}"`, async () => {
      const buffer = Buffer.alloc(length);
      const filled = await readFully(readThree, buffer, position);
      assert.equal(buffer.toString("utf8", 0, filled), expected);
    });
  }
});
