// Pages of Parquet without their compression: of just the length that they have, or refused.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { unpackLz4Block } from "../../src/sources/parquet/lz4-block.js";
import { unpackPage } from "../../src/sources/parquet/parquet-unpack.js";

const damaged = { name: "RangeError", message: "LZ4 data are damaged" };

describe("a block of LZ4", () => {
  const unpacked = (bytes: readonly number[] | Buffer, length: number) => {
    const output = Buffer.alloc(length, 0xee);
    unpackLz4Block(Buffer.from(bytes), output);
    return output.toString("latin1");
  };
  const text = (part: string) => [...Buffer.from(part, "latin1")];

  test("has literals and matches, which may overlap what they make", () => {
    assert.equal(unpacked([0x30, ...text("abc")], 3), "abc");
    assert.equal(unpacked([0x32, ...text("abc"), 2, 0, 0x10, 120], 10), "abcbcbcbcx");
    assert.equal(unpacked([0x40, ...text("abcd"), 4, 0, 0x00], 8), "abcdabcd");
    // lengths go on behind 15, and behind each 255
    for (const length of [14, 15, 16, 15 + 254, 15 + 255, 15 + 256]) {
      const more = length < 15 ? [] : [...Array(Math.floor((length - 15) / 255)).fill(255)];
      if (length >= 15) more.push((length - 15) % 255);
      const nibble = Math.min(length, 15);
      const letters = "abcdefg".repeat(40).slice(0, length);
      assert.equal(unpacked([nibble << 4, ...more, ...text(letters)], length), letters);
      const match = [0x10 | nibble, 120, 1, 0, ...more, 0];
      assert.equal(unpacked(match, 1 + length + 4), "x".repeat(length + 5));
    }
    const far = "0123456789".repeat(30);
    const distance = [300 & 255, 300 >> 8];
    const bytes = [0xf0, 255, 30, ...text(far), ...distance, 0];
    assert.equal(unpacked(bytes, 304), far + far.slice(0, 4));
  });

  test("is of just its length, whole, and refers to nothing before it", () => {
    const bytes = [0x32, ...text("abc"), 3, 0, 0x10, 120];
    for (const length of [0, 3, 5, 9, 11]) {
      assert.throws(() => unpacked(bytes, length), damaged);
    }
    assert.equal(unpacked(bytes, 10), "abcabcabcx");
    for (let end = 0; end < bytes.length; end += 1) {
      assert.throws(() => unpacked(bytes.slice(0, end), 10), damaged);
    }
    for (const distance of [0, 4]) {
      const match = [0x32, ...text("abc"), distance, 0, 0x10, 120];
      assert.throws(() => unpacked(match, 10), damaged);
    }
  });
});

describe("a page that is compressed", () => {
  const [SNAPPY, OLD_LZ4] = [1, 5];
  const frame = (unpacked: number, block: readonly number[]) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(unpacked, 0);
    head.writeUInt32BE(block.length, 4);
    return Buffer.concat([head, Buffer.from(block)]);
  };
  const block = [0x30, 97, 98, 99];

  test("by the older LZ4 is of Hadoop's frames, or one block without any", async () => {
    const two = Buffer.concat([frame(3, block), frame(3, block)]);
    assert.equal((await unpackPage(OLD_LZ4, two, 6)).toString(), "abcabc");
    assert.equal((await unpackPage(OLD_LZ4, Buffer.from(block), 3)).toString(), "abc");
    for (const bytes of [two.subarray(0, -1), Buffer.concat([two, Buffer.from([0])])]) {
      await assert.rejects(unpackPage(OLD_LZ4, bytes, 6), /LZ4 data are damaged/);
    }
    for (const length of [5, 7]) {
      await assert.rejects(unpackPage(OLD_LZ4, two, length), /LZ4 data are damaged/);
    }
  });

  test("by Snappy is of the length that it begins with", async () => {
    const bytes = Buffer.from([3, 2 << 2, 97, 98, 99]);
    assert.equal((await unpackPage(SNAPPY, bytes, 3)).toString(), "abc");
    for (const length of [2, 4]) {
      await assert.rejects(unpackPage(SNAPPY, bytes, length), /Snappy data are damaged/);
    }
    // a length of two bytes
    const long = Buffer.concat([
      Buffer.from([200, 1]),
      Buffer.from([60 << 2, 199]),
      Buffer.alloc(200, 120),
    ]);
    assert.equal((await unpackPage(SNAPPY, long, 200)).toString(), "x".repeat(200));
  });

  test("is nothing where it has no bytes, and is refused by a number that has no name", async () => {
    assert.equal((await unpackPage(SNAPPY, Buffer.alloc(0), 0)).length, 0);
    for (const codec of [0, 3, 8]) {
      await assert.rejects(unpackPage(codec, Buffer.from(block), 3), {
        message: `compression ${codec} is not read`,
      });
    }
  });
});
