// Thrift's compact protocol, in which Parquet has its footer and the headers of its pages.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { thriftReader } from "../../src/sources/parquet/parquet-thrift.js";
import { type Fields, int, struct, types, varint, zigzag } from "../support/thrift-bytes.js";

const { TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, STRUCT } = types;

const refused = (message: RegExp) => ({ name: "RangeError", message });

describe("Thrift's compact protocol", () => {
  test("passes over fields of every type to the one that is asked for", () => {
    const inner = struct({ 1: int(5), 2: [TRUE], 20: [BINARY, [1, 0]] });
    const others: Fields = {
      1: [TRUE],
      2: [FALSE],
      3: [BYTE, [9]],
      4: [I16, zigzag(300)],
      5: [I32, zigzag(-70_000)],
      6: [I64, zigzag(2 ** 40)],
      7: [DOUBLE, Array(8).fill(1)],
      8: [BINARY, [3, 1, 2, 3]],
      9: [LIST, [0x21, 1, 2]],
      10: [SET, [(2 << 4) | BYTE, 7, 7]],
      11: [STRUCT, inner],
      12: [LIST, [0xf0 | STRUCT, 16, ...Array.from({ length: 16 }, () => inner).flat()]],
      40: int(-3),
    };
    const bytes = Buffer.from([99, ...struct(others), 99]);
    const reader = thriftReader(bytes, 1);
    let found = 0;
    reader.struct({
      40: (type) => {
        found = reader.integer(type);
      },
    });
    assert.equal(found, -3);
    assert.equal(reader.position, bytes.length - 1);
    for (let end = 1; end < bytes.length - 1; end += 1) {
      assert.throws(() => thriftReader(bytes.subarray(0, end), 1).struct({}), /ends early/);
    }
  });

  test("has numbers of ten bytes at most, and no types beyond those that it has", () => {
    const read = (fields: Fields) => () => thriftReader(Buffer.from(struct(fields))).struct({});
    const long = (bytes: number) => [...Array(bytes - 1).fill(128), 1];
    read({ 1: [I64, long(10)] })();
    assert.throws(read({ 1: [I64, long(11)] }), refused(/a number is too long/));
    for (const type of [11, 13, 15]) {
      assert.throws(read({ 1: [type] }), refused(new RegExp(`there is no type ${type}`)));
    }
  });

  test("is 32 structures deep, and lists have a million elements, at most", () => {
    const deep = (levels: number): number[] =>
      levels === 1 ? struct({}) : struct({ 1: [STRUCT, deep(levels - 1)] });
    thriftReader(Buffer.from(deep(32))).struct({});
    assert.throws(
      () => thriftReader(Buffer.from(deep(33))).struct({}),
      refused(/nested too deeply/),
    );
    // those beside each other are not within each other
    const many = Array.from({ length: 40 }, (_, i) => [i + 1, [STRUCT, struct({})]]);
    thriftReader(Buffer.from(struct(Object.fromEntries(many)))).struct({});
    const list = (count: number) =>
      Buffer.concat([
        Buffer.from([(1 << 4) | LIST, 0xf0 | BYTE, ...varint(count)]),
        Buffer.alloc(count + 1),
      ]);
    thriftReader(list(1_000_000)).struct({});
    assert.throws(() => thriftReader(list(1_000_001)).struct({}), refused(/a list is too long/));
  });

  test("has each field in its own type, and those that must be there", () => {
    const reads = {
      integer: I32,
      long: I64,
      binary: BINARY,
      boolean: FALSE,
      list: LIST,
    } as const;
    for (const [name, own] of Object.entries(reads)) {
      for (const type of [TRUE, FALSE, I16, I32, I64, BINARY, LIST, SET]) {
        const reader = thriftReader(Buffer.from([0, 0]));
        const read = () => reader[name as "long"](type);
        const isOwn = type === own || (name === "boolean" && type === TRUE);
        if (isOwn) read();
        else assert.throws(read, refused(/another type than it should have/), `${name} ${type}`);
      }
    }
    assert.equal(thriftReader(Buffer.alloc(0)).boolean(TRUE), true);
    assert.equal(thriftReader(Buffer.alloc(0)).boolean(FALSE), false);
    const bytes = Buffer.from(struct({ 1: int(1), 2: int(2) }));
    thriftReader(bytes).struct({}, { 1: I32, 2: I32 });
    for (const required of [{ 1: I32, 3: I32 }, { 1: I64 }]) {
      assert.throws(() => thriftReader(bytes).struct({}, required), refused(/lacks a field/));
    }
  });
});
