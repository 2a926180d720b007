// Directories of TIFF files by hand, of TIFF 6.0 in both byte orders and BigTIFF.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  holdsNumbers,
  readTiffDirectory,
  tagList,
  tagNumber,
  tagNumbers,
} from "../../src/image/decode/tiff/tiff-directory.js";

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Bytes of the value where it stands in the entry; else where it begins. */
  readonly value: readonly number[] | number;
}

/** Pillow does not know BigTIFF with the big end first. */
const kinds = [
  { littleEndian: true, isBig: false },
  { littleEndian: false, isBig: false },
  { littleEndian: true, isBig: true },
] as const;
const nameOf = ({ littleEndian, isBig }: (typeof kinds)[number]) =>
  `${isBig ? "BigTIFF" : "TIFF"}, ${littleEndian ? "little" : "big"} end first`;

/** A file of one directory, and of some bytes behind it, which begin at `elsewhere`. */
function fileOf(
  { littleEndian, isBig }: (typeof kinds)[number],
  entries: readonly Entry[],
  behind: readonly number[] = [],
): { file: Buffer; elsewhere: number } {
  const number = (value: number, bytes: number) => {
    const buffer = Buffer.alloc(8);
    if (littleEndian) buffer.writeBigUInt64LE(BigInt(value));
    else buffer.writeBigUInt64BE(BigInt(value));
    return littleEndian ? buffer.subarray(0, bytes) : buffer.subarray(8 - bytes);
  };
  const place = isBig ? 8 : 4;
  const head = Buffer.concat([
    Buffer.from(littleEndian ? "II" : "MM"),
    number(isBig ? 43 : 42, 2),
    ...(isBig ? [number(8, 2), number(0, 2)] : []),
    number(isBig ? 16 : 8, place),
  ]);
  const list = entries.map(({ tag, type, count, value }) => {
    const field = Buffer.alloc(place);
    field.set(typeof value === "number" ? number(value, place) : value);
    return Buffer.concat([number(tag, 2), number(type, 2), number(count, place), field]);
  });
  const directory = [number(entries.length, isBig ? 8 : 2), ...list, number(0, place)];
  const start = Buffer.concat([head, ...directory]);
  return { file: Buffer.concat([start, Buffer.from(behind)]), elsewhere: start.length };
}

for (const kind of kinds) {
  const order = (bytes: number[]) => (kind.littleEndian ? bytes : bytes.reverse());

  describe(nameOf(kind), () => {
    const read = (entries: readonly Entry[], behind: readonly number[] = []) =>
      readTiffDirectory(fileOf(kind, entries, behind).file);
    const { elsewhere } = fileOf(kind, [{ tag: 1, type: 3, count: 1, value: [] }]);

    test("has numbers of each type, with their signs", () => {
      for (const [type, bytes, expected] of [
        [3, [0xfe, 0xff], 65534],
        [4, [0xfe, 0xff, 0xff, 0xff], 2 ** 32 - 2],
        [6, [0xfe], -2],
        [6, [0x7f], 127],
        [6, [0x80], -128],
        [8, [0xfe, 0xff], -2],
        [8, [0xff, 0x7f], 32767],
        [9, [0xfe, 0xff, 0xff, 0xff], -2],
        [9, [0xff, 0xff, 0xff, 0x7f], 2 ** 31 - 1],
        [9, [0, 0, 0, 0x80], -(2 ** 31)],
        [13, [1, 0, 0, 0], 1],
      ] as const) {
        const directory = read([{ tag: 7, type, count: 1, value: order([...bytes]) }]);
        assert.deepEqual(tagNumbers(directory, 7), [expected], `type ${type}`);
        assert.equal(holdsNumbers(directory, 7), true);
      }
    });

    test("has numbers of 64 bits elsewhere, or in their place", () => {
      const bytes = order([2, 0, 0, 0, 1, 0, 0, 0]);
      const value = kind.isBig ? bytes : elsewhere;
      const directory = read([{ tag: 7, type: 16, count: 1, value }], kind.isBig ? [] : bytes);
      assert.deepEqual(tagNumbers(directory, 7), [2 ** 32 + 2]);
    });

    test("has lists elsewhere that are longer than an entry", () => {
      const numbers = [1, 2, 3, 4, 5];
      const behind = numbers.flatMap((number) => order([number, 0]));
      const directory = read([{ tag: 7, type: 3, count: 5, value: elsewhere }], behind);
      assert.deepEqual(tagNumbers(directory, 7), numbers);
      assert.equal(tagNumber(directory, 7, 9), 1);
      assert.equal(tagNumber(directory, 8, 9), 9);
      assert.equal(tagNumbers(directory, 8), undefined);
    });

    test("has no numbers in texts, fractions and bytes, but lists of bytes", () => {
      for (const type of [1, 2, 7]) {
        const directory = read([{ tag: 7, type, count: 2, value: [3, 4] }]);
        assert.throws(() => tagNumbers(directory, 7), {
          code: "CORRUPT_IMAGE",
          message: /its tag 7 holds no numbers$/,
        });
        assert.equal(holdsNumbers(directory, 7), false);
        if (type === 1) assert.deepEqual(tagList(directory, 7), [3, 4]);
        else assert.throws(() => tagList(directory, 7), /its tag 7 holds no numbers/);
      }
      const directory = read([{ tag: 7, type: 3, count: 1, value: order([5, 0]) }]);
      assert.deepEqual(tagList(directory, 7), [5]);
      assert.equal(tagList(directory, 8), undefined);
      assert.equal(holdsNumbers(directory, 8), false);
    });

    test("has of each type as many bytes as it takes", () => {
      for (const [type, bytes] of [
        [1, 1],
        [2, 1],
        [3, 2],
        [4, 4],
        [5, 8],
        [6, 1],
        [7, 1],
        [8, 2],
        [9, 4],
        [10, 8],
        [11, 4],
        [12, 8],
        [13, 4],
        [16, 8],
      ] as const) {
        const behind = Array.from({ length: 2 * bytes }, (_, i) => i);
        const isElsewhere = 2 * bytes > (kind.isBig ? 8 : 4);
        const entry = { tag: 7, type, count: 2, value: isElsewhere ? elsewhere : behind };
        const { tags } = read([entry], isElsewhere ? behind : []);
        assert.deepEqual([...(tags.get(7)?.data ?? [])], behind, `type ${type}`);
      }
    });

    test("passes over types that there are not, tags without a value, and tags that come again", () => {
      const value = order([5, 0]);
      const entries = [
        { tag: 7, type: 14, count: 1, value },
        { tag: 7, type: 0, count: 1, value },
        { tag: 7, type: 3, count: 0, value },
        { tag: 7, type: 3, count: 1, value },
        { tag: 7, type: 3, count: 1, value: order([6, 0]) },
      ];
      assert.deepEqual(tagNumbers(read(entries), 7), [5]);
    });

    test("ends where a value is not in the file", () => {
      const { elsewhere: end } = fileOf(
        kind,
        Array<Entry>(2).fill({ tag: 1, type: 3, count: 1, value: [] }),
      );
      const short = { tag: 7, type: 4, count: 3, value: end };
      const next = { tag: 8, type: 3, count: 1, value: order([5, 0]) };
      assert.deepEqual([...read([short, next], Array(12).fill(0)).tags.keys()], [7, 8]);
      assert.deepEqual([...read([short, next], Array(11).fill(0)).tags.keys()], []);
    });

    test("leaves out what makes all values more than the file", () => {
      const { file } = fileOf(kind, Array<Entry>(3).fill({ tag: 1, type: 3, count: 1, value: [] }));
      const most = file.length - 9;
      const large = { type: 1, value: 0 };
      const entries = [
        { ...large, tag: 6, count: most },
        { ...large, tag: 7, count: 10 },
        { tag: 8, type: 3, count: 1, value: order([5, 0]) },
      ];
      assert.deepEqual([...read(entries).tags.keys()], [6, 8]);
      const fitting = [
        { ...large, tag: 6, count: most },
        { ...large, tag: 7, count: 9 },
      ];
      assert.deepEqual([...read([...fitting, entries[2] as Entry]).tags.keys()], [6, 7, 8]);
    });

    test("has the entries that are whole", () => {
      const { file } = fileOf(kind, [
        { tag: 6, type: 3, count: 1, value: order([5, 0]) },
        { tag: 7, type: 3, count: 1, value: order([6, 0]) },
      ]);
      const end = file.length - (kind.isBig ? 8 : 4);
      assert.deepEqual([...readTiffDirectory(file.subarray(0, end)).tags.keys()], [6, 7]);
      assert.deepEqual([...readTiffDirectory(file.subarray(0, end - 1)).tags.keys()], [6]);
      assert.throws(() => readTiffDirectory(file.subarray(0, kind.isBig ? 17 : 9)), RangeError);
    });
  });
}
