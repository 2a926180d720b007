// Parquet's encodings of values, byte by byte: what is written by the format's own description is read back, and
// is refused where a byte is missing or a number is out of its limits.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readBits, readHybrid } from "../../src/sources/parquet/parquet-levels.js";
import type { ParquetLeaf } from "../../src/sources/parquet/parquet-schema.js";
import { readValues } from "../../src/sources/parquet/parquet-values.js";
import { fc } from "../support/properties.js";

/** Numbers of so many bits, the lowest bit first, without bytes that would fill up the last run. */
function packed(values: readonly bigint[], width: number): Buffer {
  const bits = values.map((value) =>
    [...value.toString(2).padStart(width, "0").slice(-width)].reverse().join(""),
  );
  const all = width === 0 ? "" : bits.join("");
  return Buffer.from(
    (all.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt([...byte].reverse().join(""), 2)),
  );
}

function varint(value: bigint | number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

const zigzag = (value: bigint) => varint(value < 0n ? -2n * value - 1n : 2n * value);

const refused = (read: () => unknown, message: RegExp) =>
  assert.throws(read, { name: "RangeError", message });

/** Whatever is cut off its end, it is not read. */
function assertWhole(bytes: Buffer, read: (bytes: Buffer) => unknown) {
  for (let end = 0; end < bytes.length; end += 1) {
    assert.throws(() => read(bytes.subarray(0, end)), { name: "RangeError" }, `${end} bytes`);
  }
}

describe("runs and packed bits", () => {
  const width = (most: number) => 32 - Math.clz32(most);

  test("are read back, as one and as the other, and refused without their last byte", () => {
    const numbers = fc
      .constantFrom(1, 5, 255, 256, 65_535, 2 ** 32 - 1)
      .chain((most) =>
        fc.tuple(fc.constant(most), fc.array(fc.nat(most), { minLength: 1, maxLength: 20 })),
      );
    fc.assert(
      fc.property(numbers, ([most, values]) => {
        const bits = width(most);
        const bytes = Math.ceil(bits / 8);
        const asBits = Buffer.concat([
          varint(Math.ceil(values.length / 8) * 2 + 1),
          packed(values.map(BigInt), bits),
        ]);
        const asRuns = Buffer.concat(
          values.map((value) => {
            const run = Buffer.alloc(bytes);
            run.writeUIntLE(value, 0, bytes);
            return Buffer.concat([varint(2), run]);
          }),
        );
        for (const stored of [asBits, asRuns]) {
          const read = (given: Buffer) => readHybrid(given, bits, values.length, most);
          assert.deepEqual([...read(stored)], values);
          assertWhole(stored, read);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("follow each other, a run ends where the numbers do, and empty runs are passed over", () => {
    const bytes = Buffer.from([0, 0, 3 << 1, 1, 3, 0b10_01_00_11, 0, 50 << 1, 2]);
    assert.deepEqual([...readHybrid(bytes, 2, 13, 3)], [1, 1, 1, 3, 0, 1, 2, 0, 0, 0, 0, 2, 2]);
  });

  test("of no bits are zeros without a byte", () => {
    assert.deepEqual([...readHybrid(Buffer.from([6]), 0, 3, 0)], [0, 0, 0]);
    assert.deepEqual([...readHybrid(Buffer.from([3]), 0, 3, 0)], [0, 0, 0]);
  });

  test("are no larger than they may be, the largest included", () => {
    const run = (value: number) => () => readHybrid(Buffer.from([2, value]), 8, 1, 255 - 100);
    assert.deepEqual([...run(155)()], [155]);
    refused(run(156), /a level or place is 156, and should be 155 at most/);
    const bits = (value: number) => () => readHybrid(Buffer.from([3, value]), 8, 1, 155);
    assert.deepEqual([...bits(155)()], [155]);
    refused(bits(156), /is 156, and should be 155/);
    assert.deepEqual([...readHybrid(Buffer.from([2, 0, 1]), 9, 1, 256)], [256]);
  });

  test("have 0 to 32 bits, and a length below 2^32", () => {
    const bytes = Buffer.alloc(12, 0);
    bytes[0] = 2;
    for (const bits of [-1, 33, Number.NaN]) {
      refused(() => readHybrid(bytes, bits, 1, 2 ** 32 - 1), /numbers have .* bits/);
    }
    assert.deepEqual([...readHybrid(bytes, 32, 1, 2 ** 32 - 1)], [0]);
    const long = (head: number) => () =>
      readHybrid(Buffer.concat([varint(head), Buffer.alloc(1)]), 1, 1, 1);
    assert.deepEqual([...long(2 ** 32 - 2)()], [0]);
    refused(long(2 ** 32), /a run is too long/);
  });

  test("stand across bytes", () => {
    const bytes = Buffer.from([0xff, 0b1010_0101, 0x12, 0x34, 0x56, 0x78]);
    assert.equal(readBits(bytes, 0, 7, 3), 0b011);
    assert.equal(readBits(bytes, 1, 4, 4), 0b1010);
    assert.equal(readBits(bytes, 2, 0, 32), 0x78563412);
  });
});

const leaf = (kind: ParquetLeaf["kind"], width: 4 | 8 = 4) => ({ kind, width }) as ParquetLeaf;
const make = {
  bytes: (page: Buffer, start: number, end: number): unknown => page.toString("latin1", start, end),
  integer: (value: number | bigint): unknown => value,
  float: (value: number): unknown => value,
  boolean: (value: boolean): unknown => value,
};
const [PLAIN, RLE, DELTAS, LENGTHS, FRONTS, SPLIT] = [0, 3, 5, 6, 7, 9];

function readAs(encoding: number, count: number, of: ParquetLeaf, budget = (_: number) => {}) {
  return (bytes: Buffer) => readValues(bytes, encoding, count, of, make, budget);
}

/** Differences between values, in blocks of 128 values and four miniblocks. */
function deltas(values: readonly bigint[], isCut = false): Buffer {
  const parts = [varint(128), varint(4), varint(values.length), zigzag(values[0] ?? 0n)];
  const differences = values.slice(1).map((value, i) => value - (values[i] as bigint));
  for (let from = 0; from < differences.length; from += 128) {
    const block = differences.slice(from, from + 128);
    const least = block.reduce((a, b) => (a < b ? a : b));
    const minis = [0, 32, 64, 96].map((at) => block.slice(at, at + 32).map((one) => one - least));
    const widths = minis.map((mini) =>
      mini.reduce((most, one) => Math.max(most, one === 0n ? 0 : one.toString(2).length), 0),
    );
    parts.push(zigzag(least), Buffer.from(widths));
    for (const [i, mini] of minis.entries()) {
      const bits = packed(mini, widths[i] as number);
      const whole = mini.length > 0 ? 4 * (widths[i] as number) : 0;
      parts.push(isCut ? bits : Buffer.concat([bits, Buffer.alloc(whole - bits.length)]));
    }
  }
  return Buffer.concat(parts);
}

describe("values of a page", () => {
  test("none are none in any encoding", () => {
    assert.deepEqual(readAs(99, 0, leaf("float"))(Buffer.alloc(0)), []);
  });

  test("numbers as they are: signed and unsigned, exact beyond 2^53, to the page's last byte", () => {
    const bytes = Buffer.from("ffffffffffffff7fffffffffffffffff", "hex");
    const cases: [ParquetLeaf["kind"], 4 | 8, unknown[]][] = [
      ["integer", 4, [-1, 0x7fffffff, -1, -1]],
      ["unsigned", 4, [0xffffffff, 0x7fffffff, 0xffffffff, 0xffffffff]],
      ["integer", 8, [2n ** 63n - 1n, -1]],
      ["unsigned", 8, [2n ** 63n - 1n, 2n ** 64n - 1n]],
    ];
    for (const [kind, width, expected] of cases) {
      const read = readAs(PLAIN, expected.length, leaf(kind, width));
      assert.deepEqual(read(bytes), expected);
      assertWhole(bytes, read);
    }
    const limits = Buffer.alloc(16);
    limits.writeBigInt64LE(2n ** 53n - 1n, 0);
    limits.writeBigInt64LE(-(2n ** 53n), 8);
    const read = readAs(PLAIN, 2, leaf("integer", 8));
    assert.deepEqual(read(limits), [2 ** 53 - 1, -(2n ** 53n)]);
  });

  test("floats as they are, and split into their first bytes, second bytes, …", () => {
    for (const width of [4, 8] as const) {
      const values = [1.5, -2.25, Number.POSITIVE_INFINITY];
      const plain = Buffer.alloc(3 * width);
      for (const [i, value] of values.entries()) {
        if (width === 4) plain.writeFloatLE(value, 4 * i);
        else plain.writeDoubleLE(value, 8 * i);
      }
      const split = Buffer.from(plain);
      for (let i = 0; i < 3; i += 1) {
        for (let byte = 0; byte < width; byte += 1)
          split[3 * byte + i] = plain[width * i + byte] as number;
      }
      for (const [encoding, bytes] of [
        [PLAIN, plain],
        [SPLIT, split],
      ] as const) {
        const read = readAs(encoding, 3, leaf("float", width));
        assert.deepEqual(read(bytes), values);
        assertWhole(bytes, read);
      }
      refused(() => readAs(DELTAS, 3, leaf("float", width))(plain), /encoding 5, which is not/);
    }
  });

  test("booleans as bits, and as runs behind their length", () => {
    const values = [true, false, false, true, true, false, true, false, true];
    const bits = packed(
      values.map((value) => (value ? 1n : 0n)),
      1,
    );
    assert.deepEqual(readAs(PLAIN, 9, leaf("boolean"))(bits), values);
    assertWhole(bits, readAs(PLAIN, 9, leaf("boolean")));
    const runs = Buffer.concat([Buffer.from([3, 0, 0, 0, 5]), bits]);
    assert.deepEqual(readAs(RLE, 9, leaf("boolean"))(runs), values);
    assertWhole(runs, readAs(RLE, 9, leaf("boolean")));
    // what follows the runs is not theirs
    runs[0] = 2;
    refused(() => readAs(RLE, 9, leaf("boolean"))(runs), /end early/);
    refused(() => readAs(DELTAS, 9, leaf("boolean"))(runs), /encoding 5, which is not read/);
  });

  test("strings behind their lengths, empty ones too", () => {
    const strings = ["ab", "", "c"];
    const bytes = Buffer.concat(
      strings.flatMap((one) => [Buffer.from([one.length, 0, 0, 0]), Buffer.from(one)]),
    );
    const read = readAs(PLAIN, 3, leaf("string"));
    assert.deepEqual(read(bytes), strings);
    assertWhole(bytes, read);
    refused(() => read(bytes.subarray(0, -1)), /a value reaches beyond its page/);
    for (const encoding of [RLE, DELTAS, SPLIT]) {
      refused(() => readAs(encoding, 3, leaf("bytes"))(bytes), /which is not read/);
    }
    refused(() => readAs(LENGTHS, 3, leaf("integer"))(bytes), /encoding 6, which is not read/);
  });
});

describe("differences between values", () => {
  test("are read back in every width, over several blocks", () => {
    const widths = fc
      .constantFrom(["integer", 4], ["unsigned", 4], ["integer", 8], ["unsigned", 8])
      .chain(([kind, width]) => {
        const bits = BigInt(8 * (width as number));
        const [min, max] =
          kind === "integer"
            ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n]
            : [0n, 2n ** (bits - 1n) - 1n];
        const one = fc.oneof(fc.bigInt({ min, max }), fc.bigInt({ min: 0n, max: 3n }));
        return fc.tuple(
          fc.constant(leaf(kind as "integer", width as 4)),
          // differences of half the width at most have no sign bit to wrap around
          fc.array(
            one.map((value) => value / 2n),
            { minLength: 1, maxLength: 300 },
          ),
        );
      });
    fc.assert(
      fc.property(widths, ([of, values]) => {
        const numbers = readAs(DELTAS, values.length, of)(deltas(values, true)) as number[];
        assert.deepEqual(numbers.map(BigInt), values);
      }),
      { numRuns: 60 },
    );
  });

  test("are refused without their last byte", () => {
    const values = Array.from({ length: 50 }, (_, i) => BigInt(i * i * 7));
    const bytes = deltas(values, true);
    assertWhole(bytes, readAs(DELTAS, 50, leaf("integer", 8)));
  });

  test("wrap around in the width of their column", () => {
    const header = [varint(128), varint(4), varint(2), zigzag(2n ** 31n - 1n)];
    const bytes = Buffer.concat([...header, zigzag(1n), Buffer.alloc(4)]);
    assert.deepEqual(readAs(DELTAS, 2, leaf("integer"))(bytes), [2 ** 31 - 1, -(2 ** 31)]);
    assert.deepEqual(readAs(DELTAS, 2, leaf("unsigned"))(bytes), [2 ** 31 - 1, 2 ** 31]);
    assert.deepEqual(readAs(DELTAS, 2, leaf("integer", 8))(bytes), [2 ** 31 - 1, 2 ** 31]);
  });

  test("have blocks of multiples of 128 up to a million, and miniblocks of multiples of 32", () => {
    const of = (block: number, miniblocks: number, count = 1) =>
      Buffer.concat([varint(block), varint(miniblocks), varint(count), zigzag(7n)]);
    const read = readAs(DELTAS, 1, leaf("integer"));
    for (const [block, miniblocks] of [
      [128, 1],
      [128, 4],
      [2 ** 20, 1],
    ] as const)
      assert.deepEqual(read(of(block, miniblocks)), [7]);
    for (const [block, miniblocks] of [
      ...[
        [0, 1],
        [64, 1],
        [192, 2],
        [128, 8],
        [128, 0],
        [128, 3],
        [2 ** 20 + 128, 1],
      ],
    ] as [number, number][]) {
      refused(() => read(of(block, miniblocks)), /in blocks of a wrong size/);
    }
    refused(() => read(of(128, 4, 2)), /there are 2 values and should be 1/);
  });

  test("have no more bits than their column", () => {
    const of = (bits: number) =>
      Buffer.concat([
        ...[varint(128), varint(4), varint(2), zigzag(0n), zigzag(0n)],
        ...[Buffer.from([bits, 0, 0, 0]), Buffer.alloc(300)],
      ]);
    assert.deepEqual(readAs(DELTAS, 2, leaf("integer"))(of(32)), [0, 0]);
    refused(() => readAs(DELTAS, 2, leaf("integer"))(of(33)), /differences have 33 bits/);
    assert.deepEqual(readAs(DELTAS, 2, leaf("integer", 8))(of(64)), [0, 0]);
    refused(() => readAs(DELTAS, 2, leaf("integer", 8))(of(65)), /differences have 65 bits/);
    refused(() => readAs(DELTAS, 1, leaf("integer"))(Buffer.alloc(20, 255)), /number is too long/);
  });

  test("tell the lengths of strings, and how they begin", () => {
    const strings = ["apple", "applet", "", "app", "app"];
    const lengths = strings.map(({ length }) => BigInt(length));
    const concatenated = Buffer.concat([deltas(lengths), Buffer.from(strings.join(""))]);
    const read = readAs(LENGTHS, 5, leaf("string"));
    assert.deepEqual(read(concatenated), strings);
    assertWhole(concatenated, read);
    refused(
      () =>
        readAs(LENGTHS, 2, leaf("string"))(Buffer.concat([deltas([3n, -1n]), Buffer.from("abc")])),
      /a value reaches beyond its page/,
    );

    const fronts = Buffer.concat([
      ...[
        deltas([0n, 5n, 0n, 0n, 3n]),
        deltas([5n, 1n, 0n, 3n, 0n]),
        Buffer.from("applet" + "app"),
      ],
    ]);
    let taken = 0;
    const front = readAs(FRONTS, 5, leaf("string"), (bytes) => {
      taken += bytes;
    });
    assert.deepEqual(front(fronts), strings);
    assert.equal(taken, 6, "memory for the one value that is put together");
    assertWhole(fronts, front);
    for (const [first, second] of [
      [1n, 0n],
      [0n, 4n],
      [0n, -1n],
    ] as const) {
      const bytes = Buffer.concat([deltas([first, second]), deltas([3n, 1n]), Buffer.from("abcd")]);
      refused(() => readAs(FRONTS, 2, leaf("string"))(bytes), /begins with more than there is/);
    }
    const cut = Buffer.concat([deltas([0n, 2n]), deltas([3n, 0n]), Buffer.from("abc")]);
    assert.deepEqual(readAs(FRONTS, 2, leaf("string"))(cut), ["abc", "ab"]);
  });
});
