// Rows of a packed file whose checksums are right, and whose columns are not what their heads say.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Data, makeData, Struct, Utf8 } from "apache-arrow";
import {
  listOf,
  numbersType,
  numberType,
  packFields,
} from "../../src/sources/packed/pack-columns.js";
import type { PackConfig, PackedColumn } from "../../src/sources/packed/pack-format.js";
import { readRows } from "../../src/sources/packed/packed-rows.js";
import { valueAt } from "../../src/sources/packed/packed-values.js";

const number = { type: "float32", classes: null } as const;
const columns: PackedColumn[] = [
  { ...number, name: "score", shape: [], size: 1 },
  { ...number, name: "box", shape: [2], size: 2 },
  { name: "meta", type: "json", shape: [], size: 1, classes: null },
];
const size = { width: 1, height: 1 };
const imageColumns = [{ name: "mask", size }];
const config = {
  format: 2,
  size,
  pictures: null,
  conversations: null,
  text: null,
  columns,
  imageColumns,
} as unknown as PackConfig;

const numbers = (count: number): Data =>
  makeData({
    type: numberType("float32"),
    length: count,
    nullCount: 0,
    data: Float32Array.from({ length: count }, (_, i) => i),
  } as never);
const strings = (...offsets: number[]): Data =>
  makeData({
    type: new Utf8(),
    length: 2,
    nullCount: 0,
    valueOffsets: Int32Array.from(offsets),
    data: Buffer.from("[1]{}"),
  });

/** Two images of one pixel: lists of lists of lists. */
function images(bytes: number): Data {
  const data = new Uint8Array(bytes).fill(bytes);
  const planes = [
    makeData({ type: numberType("uint8"), length: bytes, nullCount: 0, data } as never) as Data,
  ];
  for (const [length, each] of [
    [6, 1],
    [6, 1],
    [2, 3],
  ] as const) {
    const child = planes.at(-1) as Data;
    const valueOffsets = Int32Array.from({ length: length + 1 }, (_, i) => i * each);
    planes.push(makeData({ type: listOf(child.type), length, nullCount: 0, valueOffsets, child }));
  }
  return planes.at(-1) as Data;
}

/** Two rows with columns of as many values as are given. */
function rows(scores: number, boxes: number, meta: Data = strings(0, 3, 5), masks = 6) {
  const [image, key, index] = packFields({ ...config, columns: [], imageColumns: [] });
  const list = (type: unknown, child: Data) =>
    makeData({ type, length: 2, nullCount: 0, child } as never) as Data;
  assert.equal(image?.name, "image");
  const children = [
    images(6),
    strings(0, 1, 2),
    makeData({
      type: index?.type,
      length: 2,
      nullCount: 0,
      data: BigInt64Array.of(0n, 1n),
    } as never),
    numbers(scores),
    list(numbersType("float32", [2], config.format), numbers(boxes)),
    meta,
    images(masks),
  ];
  assert.equal(key?.name, "id");
  const type = new Struct(packFields(config));
  return readRows(makeData({ type, length: 2, nullCount: 0, children }), config);
}

describe("columns of a packed file", () => {
  test("are read where they are whole", () => {
    const { columns: values } = rows(2, 4);
    const value = (place: number, row: number) =>
      valueAt(values[place] as (typeof values)[number], row, columns[place] as PackedColumn);
    assert.deepEqual([value(0, 1), value(1, 1), value(2, 0)], [1, Float32Array.of(2, 3), [1]]);
  });

  test("are refused where there are fewer numbers than rows", () => {
    assert.throws(() => rows(1, 4), /^RangeError: numbers of the column "score" are missing/);
    assert.throws(() => rows(2, 3), /^RangeError: numbers of the column "box" are missing/);
  });

  test("of images are read where they are whole, and refused where they are not", () => {
    const { imageColumns: images } = rows(2, 4, strings(0, 3, 5), 7);
    assert.deepEqual(
      images.map(([first]) => first),
      [7],
    );
    assert.throws(() => rows(2, 4, strings(0, 3, 5), 5), /^RangeError: images are missing/);
  });

  test("are refused where offsets are too few, out of order or beyond the values", () => {
    assert.throws(() => rows(2, 4, strings(0, 3)), /^RangeError: a column has too few offsets/);
    for (const offsets of [
      [0, 5, 3],
      [-1, 3, 5],
      [0, 3, 6],
    ]) {
      assert.throws(
        () => rows(2, 4, strings(...offsets)),
        /^RangeError: a column's offsets are not in order/,
      );
    }
  });
});
