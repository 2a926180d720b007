// Boxes of AVIF files and what items have, written as ISO/IEC 14496-12 and 23008-12 have them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Box, box, boxes } from "../../src/image/decode/avif/avif-boxes.js";
import {
  itemData,
  readItems,
  tilesOf,
  writeItems,
} from "../../src/image/decode/avif/avif-items.js";
import { requireAvifSize } from "../../src/image/decode/avif/avif-size.js";
import { fc } from "../support/properties.js";

function number(value: number, bytes: number): Buffer {
  const written = Buffer.alloc(bytes);
  if (bytes === 8) written.writeBigUInt64BE(BigInt(value));
  else if (bytes > 0) written.writeUIntBE(value, 0, bytes);
  return written;
}
const only = (file: Buffer) => boxes(file, 0, file.length)[0] as Box;

describe("boxes", () => {
  test("stand one after the other, of 32 or 64 bits, or to the end", () => {
    const plain = box("free", [Buffer.from([1, 2])]);
    const long = Buffer.concat([number(1, 4), Buffer.from("mdat"), number(19, 8), Buffer.alloc(3)]);
    const last = Buffer.concat([number(0, 4), Buffer.from("last"), Buffer.alloc(5)]);
    const file = Buffer.concat([plain, long, box("a", []), last]);
    assert.deepEqual(
      boxes(file, 0, file.length),
      [
        { type: "free", start: 0, body: 8, end: 10 },
        { type: "mdat", start: 10, body: 26, end: 29 },
        { type: "       a", start: 29, body: 37, end: 37 },
        { type: "last", start: 37, body: 45, end: 50 },
      ].map((one) => ({ ...one, type: one.type.slice(-4) })),
    );
    // what is too short for a head is none
    assert.equal(boxes(file, 0, 17).length, 1);
    assert.deepEqual(boxes(file, 29, 37).length, 1);
  });

  test("end within what they are in, behind their heads", () => {
    const plain = box("free", [Buffer.from([1, 2])]);
    assert.throws(() => boxes(plain, 0, 9), { name: "RangeError", message: /ends too late/ });
    const short = Buffer.concat([number(7, 4), Buffer.from("free"), Buffer.alloc(8)]);
    assert.throws(() => boxes(short, 0, 16), { message: /ends too late/ });
    const long = Buffer.concat([number(1, 4), Buffer.from("mdat"), number(15, 8)]);
    assert.throws(() => boxes(long, 0, 16), { message: /ends too late/ });
  });
});

describe("items", () => {
  const tables = fc.uniqueArray(
    fc.tuple(
      fc.nat(2 ** 16 - 1),
      fc.array(
        fc.record({ index: fc.nat(127), essential: fc.boolean() }, { noNullPrototype: true }),
        { maxLength: 4 },
      ),
    ),
    { selector: ([id]) => id, maxLength: 5 },
  );

  test("have properties by number, in narrow and wide tables", () => {
    fc.assert(
      fc.property(tables, fc.boolean(), fc.boolean(), (table, wideIds, wide) => {
        const entries = table.flatMap(([id, properties]) => [
          ...[number(id, wideIds ? 4 : 2), number(properties.length, 1)],
          ...properties.map(({ index, essential }) =>
            number(index + (essential ? (wide ? 0x8000 : 0x80) : 0), wide ? 2 : 1),
          ),
        ]);
        const head = Buffer.from([wideIds ? 1 : 0, 0, 0, wide ? 1 : 0]);
        const file = box("ipma", [head, number(table.length, 4), ...entries]);
        assert.deepEqual([...readItems(file, only(file))], table);
        const again = writeItems(new Map(table));
        assert.deepEqual([...readItems(again, only(again))], table);
        if (table.length === 0) return;
        const ipma = { ...only(file), end: file.length - 1 };
        assert.throws(() => readItems(file, ipma), { message: /ends within its properties/ });
      }),
    );
  });

  test("of a grid are its tiles", () => {
    for (const bytes of [2, 4]) {
      const reference = (type: string, from: number, ...to: number[]) =>
        box(type, [
          number(from, bytes),
          number(to.length, 2),
          ...to.map((id) => number(id, bytes)),
        ]);
      const head = Buffer.from([bytes === 2 ? 0 : 1, 0, 0, 0]);
      const references = [reference("auxl", 1, 9), reference("dimg", 2, 8)];
      const file = box("iref", [head, ...references, reference("dimg", 1, 5, 3, 4)]);
      assert.deepEqual(tilesOf(file, only(file), 1), [5, 3, 4]);
      assert.deepEqual(tilesOf(file, only(file), 2), [8]);
      assert.deepEqual(tilesOf(file, only(file), 9), []);
    }
  });

  test("lie where their locations say, in numbers of any size", () => {
    const sizes = fc.constantFrom(0, 4, 8);
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 2),
        fc.constantFrom(4, 8),
        sizes,
        sizes,
        sizes,
        (version, offsetBytes, lengthBytes, baseBytes, indexBytes) => {
          const hasIndex = version > 0;
          const idBytes = version < 2 ? 2 : 4;
          const base = baseBytes === 0 ? 0 : 7;
          const location = (id: number, extents: readonly (readonly [number, number])[]) => [
            ...[number(id, idBytes), number(0, version === 0 ? 2 : 4)],
            ...[number(base, baseBytes), number(extents.length, 2)],
            ...extents.flatMap(([offset, length]) => [
              number(0, hasIndex ? indexBytes : 0),
              number(offset - base, offsetBytes),
              number(lengthBytes === 0 ? 0 : length, lengthBytes),
            ]),
          ];
          const file = box("iloc", [
            Buffer.from([version, 0, 0, 0]),
            Buffer.from([(offsetBytes << 4) | lengthBytes, (baseBytes << 4) | indexBytes]),
            number(4, idBytes),
            ...location(5, [
              [9, 3],
              [20, 2],
            ]),
            ...location(6, []),
            ...location(7, [
              [12, 6],
              [30, 1],
            ]),
            ...location(8, [[14, 0]]),
          ]);
          const dataOf = (id: number) => itemData(file, only(file), id);
          const data = (from: number, length: number) =>
            file.subarray(from, lengthBytes === 0 ? file.length : from + length);
          assert.deepEqual(dataOf(5), data(9, 3));
          assert.deepEqual(dataOf(7), data(12, 6));
          assert.deepEqual(dataOf(8), file.subarray(14));
          assert.equal(dataOf(6).length, 0);
          assert.equal(dataOf(9).length, 0);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a declared size", () => {
  const fileOf = (...sides: readonly [number, number][]) => {
    const properties = sides.map(([width, height]) =>
      box("ispe", [number(0, 4), number(width, 4), number(height, 4)]),
    );
    const ipco = box("ipco", [box("pixi", [Buffer.alloc(2)]), ...properties]);
    const items = writeItems(
      new Map(
        sides.map((_, i) => [
          i + 1,
          [
            { index: 1, essential: false },
            { index: i + 2, essential: false },
          ],
        ]),
      ),
    );
    const iprp = box("iprp", [ipco, items]);
    return Buffer.concat([box("ftyp", []), box("meta", [number(0, 4), iprp])]);
  };

  test("is 32768 a side and 16384 x 16384 pixels at most, and not empty", () => {
    for (const [width, height] of [
      [1, 1],
      [32_768, 8192],
      [1, 32_768],
      [16_384, 16_384],
    ] as const)
      requireAvifSize(fileOf([2, 2], [width, height]));
    for (const [width, height] of [
      ...[
        [0, 1],
        [1, 0],
        [32_769, 1],
        [1, 32_769],
        [16_384, 16_385],
        [32_768, 8193],
      ],
    ] as [number, number][]) {
      assert.throws(
        () => requireAvifSize(fileOf([2, 2], [width, height])),
        (error) => {
          assert.match(String(error), new RegExp(`it declares a size of ${width} x ${height}`));
          return true;
        },
      );
    }
  });

  test("of a file without items is nobody's", () => {
    requireAvifSize(Buffer.alloc(0));
    requireAvifSize(box("ftyp", []));
    requireAvifSize(box("meta", [number(0, 4), box("pitm", [])]));
    requireAvifSize(box("meta", [number(0, 4), box("iprp", [box("ipco", [])])]));
  });
});
