// What is written by a format's rules is read back, whatever it is; and what reaches beyond its end is not.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { delimitedRecords, fieldsOf } from "../../src/sources/manifest/delimited-records.js";
import { readValues } from "../../src/sources/parquet/parquet-values.js";
import { fc } from "../support/properties.js";

describe("separated values", () => {
  const characters = fc.constantFrom("a", "é", "€", " ", '"', ",", "\t", "\n", "\r", "");
  const fields = fc.record({
    text: fc.array(characters, { maxLength: 6 }).map((some) => some.join("")),
    isQuoted: fc.boolean(),
  });
  const tables = fc.record({
    rows: fc.array(fc.array(fields, { minLength: 2, maxLength: 4 }), { maxLength: 6 }),
    delimiter: fc.constantFrom(",", "\t"),
    lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
    blankLines: fc.nat(2),
    hasLastEnd: fc.boolean(),
    piece: fc.integer({ min: 1, max: 20 }),
  });

  /** As Python's csv.writer writes it, which need not quote every field. */
  const written = ({ text, isQuoted }: { text: string; isQuoted: boolean }) =>
    isQuoted || /["\n\r,\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

  test("are read back, in pieces of any size", () => {
    fc.assert(
      fc.property(tables, ({ rows, delimiter, lineEnd, blankLines, hasLastEnd, piece }) => {
        const lines = rows.map((row) => row.map(written).join(delimiter));
        const text = lines.join(lineEnd.repeat(1 + blankLines)) + (hasLastEnd ? lineEnd : "");
        const file = Buffer.from(text);
        const scan = delimitedRecords(delimiter).scanner();
        const starts: number[] = [];
        for (let at = 0; at < file.length; at += piece) {
          scan(file.subarray(at, at + piece), (start) => starts.push(start));
        }
        const records = starts.map((start, i) => file.toString("utf8", start, starts[i + 1]));
        assert.deepEqual(
          records.map((record) => fieldsOf(record, delimiter)),
          rows.map((row) => row.map((field) => field.text)),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe("values of a Parquet page", () => {
  const PLAIN = 0;
  const DELTA_BINARY_PACKED = 5;
  const DELTA_LENGTH_BYTE_ARRAY = 6;
  const DELTA_BYTE_ARRAY = 7;
  const make = {
    bytes: (page: Buffer, start: number, end: number): unknown =>
      page.toString("latin1", start, end),
    integer: (value: number | bigint): unknown => value,
  };
  type Leaf = Parameters<typeof readValues>[3];
  const strings = { kind: "bytes" } as unknown as Leaf;
  const read = (page: Buffer, encoding: number, count: number, leaf = strings) =>
    readValues(page, encoding, count, leaf, make, () => {});

  function varint(value: bigint): number[] {
    return value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];
  }
  const zigzag = (value: bigint) => varint(value < 0n ? -2n * value - 1n : 2n * value);

  /** Apache Parquet's encodings, "Delta Encoding", in blocks of four parts of 32 differences. */
  function deltas(values: readonly bigint[]): Buffer {
    const head = [128n, 4n, BigInt(values.length)].flatMap(varint);
    const bytes = [...head, ...zigzag(values[0] ?? 0n)];
    const differences = values.slice(1).map((value, i) => value - (values[i] as bigint));
    for (let first = 0; first < differences.length; first += 128) {
      const block = differences.slice(first, first + 128);
      const least = block.reduce((a, b) => (a < b ? a : b));
      const parts = [0, 32, 64, 96].map((at) => block.slice(at, at + 32).map((one) => one - least));
      const widths = parts.map((part) =>
        Math.max(0, ...part.map((one) => (one === 0n ? 0 : one.toString(2).length))),
      );
      bytes.push(...zigzag(least), ...widths);
      for (const [i, part] of parts.entries()) {
        const width = widths[i] as number;
        if (part.length === 0) continue;
        const packed = part.reduce((bits, one, at) => bits | (one << BigInt(at * width)), 0n);
        for (let at = 0; at < 4 * width; at += 1)
          bytes.push(Number((packed >> BigInt(8 * at)) & 255n));
      }
    }
    return Buffer.from(bytes);
  }

  const length32 = (length: number) => Buffer.from(Int32Array.of(length).buffer);
  const texts = fc.array(fc.string({ maxLength: 9, unit: "binary-ascii" }), {
    minLength: 1,
    maxLength: 200,
  });
  const writers: [string, number, (values: readonly string[]) => Buffer][] = [
    [
      "plain",
      PLAIN,
      (values) =>
        Buffer.concat(values.flatMap((text) => [length32(text.length), Buffer.from(text)])),
    ],
    [
      "after their lengths",
      DELTA_LENGTH_BYTE_ARRAY,
      (values) =>
        Buffer.concat([
          deltas(values.map(({ length }) => BigInt(length))),
          Buffer.from(values.join("")),
        ]),
    ],
    [
      "after what each has of the one before",
      DELTA_BYTE_ARRAY,
      (values) => {
        const fronts = values.map((text, i) => {
          const before = values[i - 1] ?? "";
          let front = 0;
          while (front < text.length && text[front] === before[front]) front += 1;
          return front;
        });
        const rests = values.map((text, i) => text.slice(fronts[i]));
        return Buffer.concat([
          deltas(fronts.map(BigInt)),
          deltas(rests.map(({ length }) => BigInt(length))),
          Buffer.from(rests.join("")),
        ]);
      },
    ],
  ];
  for (const [how, encoding, write] of writers) {
    test(`are read back, ${how}; a byte less is an error`, () => {
      fc.assert(
        fc.property(texts, (values) => {
          const page = write(values);
          assert.deepEqual(read(page, encoding, values.length), values);
          const larger = Buffer.concat([page, Buffer.from("xyz")]);
          assert.deepEqual(read(larger, encoding, values.length), values);
          if (values.at(-1) === "" && encoding !== PLAIN) return;
          assert.throws(
            () => read(larger.subarray(0, page.length - 1), encoding, values.length),
            RangeError,
          );
        }),
        { numRuns: 60 },
      );
    });
  }

  test("do not reach beyond it, to the last byte", () => {
    const beyond = /a value reaches beyond its page/;
    const plain = (length: number) => Buffer.concat([length32(length), Buffer.from("abc")]);
    assert.deepEqual(read(plain(3), PLAIN, 1), ["abc"]);
    assert.throws(() => read(plain(4), PLAIN, 1), beyond);
    assert.throws(() => read(plain(-1), PLAIN, 1), beyond);
    const lengths = (...values: bigint[]) => Buffer.concat([deltas(values), Buffer.from("abc")]);
    assert.deepEqual(read(lengths(1n, 2n), DELTA_LENGTH_BYTE_ARRAY, 2), ["a", "bc"]);
    for (const values of [[1n, 3n], [4n, -1n], [-1n, 4n], [4n]]) {
      assert.throws(() => read(lengths(...values), DELTA_LENGTH_BYTE_ARRAY, values.length), beyond);
    }
    const fronts = Buffer.concat([deltas([0n, 2n]), deltas([1n, 1n]), Buffer.from("ab")]);
    assert.throws(
      () => read(fronts, DELTA_BYTE_ARRAY, 2),
      /more than there is of the one before it/,
    );
  });

  test("that are numbers are read back, of either width and with their sign", () => {
    const wide = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), {
      minLength: 1,
      maxLength: 140,
    });
    const narrow = fc.array(fc.integer().map(BigInt), { minLength: 1, maxLength: 140 });
    for (const [width, numbers] of [
      [8, wide],
      [4, narrow],
    ] as const) {
      fc.assert(
        fc.property(numbers, fc.boolean(), (values, isUnsigned) => {
          const leaf = { kind: isUnsigned ? "unsigned" : "integer", width } as unknown as Leaf;
          const shown = values.map((value) =>
            isUnsigned ? BigInt.asUintN(8 * width, value) : value,
          );
          const asBigInts = (some: unknown[]) => some.map((one) => BigInt(one as number));
          const page = Buffer.alloc(width * values.length);
          for (const [i, value] of values.entries()) {
            if (width === 8) page.writeBigInt64LE(value, 8 * i);
            else page.writeInt32LE(Number(value), 4 * i);
          }
          assert.deepEqual(asBigInts(read(page, PLAIN, values.length, leaf)), shown);
          assert.throws(
            () => read(page.subarray(1), PLAIN, values.length, leaf),
            /a page ends before its values do/,
          );
        }),
        { numRuns: 60 },
      );
    }
    // their differences have 32 bits
    const near = fc.array(fc.integer({ min: -(2 ** 29), max: 2 ** 29 }).map(BigInt), {
      minLength: 1,
      maxLength: 140,
    });
    fc.assert(
      fc.property(near, (values) => {
        const leaf = { kind: "integer", width: 4 } as unknown as Leaf;
        const numbers = read(deltas(values), DELTA_BINARY_PACKED, values.length, leaf);
        assert.deepEqual(numbers, values.map(Number));
      }),
      { numRuns: 60 },
    );
  });
});
