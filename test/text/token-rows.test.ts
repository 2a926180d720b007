// Rows of tokens: how they lie in memory, are cut and measured.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { measureText } from "../../src/text/text-measure.js";
import { attentionMask, tokenTensor } from "../../src/text/token-rows.js";
import { keptLengths, keptPositions } from "../../src/text/truncation.js";
import { fc } from "../support/properties.js";

describe("rows of tokens", () => {
  const tables = fc.record({
    rows: fc.array(fc.array(fc.nat(2 ** 31 - 1), { maxLength: 6 }), { maxLength: 5 }),
    room: fc.nat(3),
    pad: fc.nat(9),
    type: fc.constantFrom("int64" as const, "int32" as const),
    paddingSide: fc.constantFrom("left" as const, "right" as const),
    typed: fc.boolean(),
  });

  test("are read back without their padding, in memory that was not empty", () => {
    fc.assert(
      fc.property(tables, ({ rows, room, pad, type, paddingSide, typed }) => {
        const length = Math.max(0, ...rows.map((row) => row.length)) + room;
        const allocate = (bytes: number) =>
          new Uint8Array(new ArrayBuffer(bytes + 16), 8, bytes).fill(255);
        const layout = { type, length, paddingSide, allocate };
        const given = typed ? rows.map((row) => Int32Array.from(row)) : rows;
        const ids = tokenTensor(given, pad, layout);
        const mask = attentionMask(given, layout);
        for (const tensor of [ids, mask])
          assert.deepEqual([tensor.type, tensor.dims], [type, [rows.length, length]]);
        const rowOf = ({ data }: typeof ids, row: number) =>
          Array.from(data.subarray(row * length, (row + 1) * length), Number);
        for (const [row, expected] of rows.entries()) {
          const padding = length - expected.length;
          const around = (inner: number[], outer: number) =>
            paddingSide === "left"
              ? [...Array(padding).fill(outer), ...inner]
              : [...inner, ...Array(padding).fill(outer)];
          assert.deepEqual(rowOf(ids, row), around(expected, pad));
          assert.deepEqual(
            rowOf(mask, row),
            around(
              expected.map(() => 1),
              0,
            ),
          );
        }
      }),
    );
  });

  /** The longer text loses a token at a time, of equal ones the first. */
  function cutOneByOne(first: number, second: number, most: number): [number, number] {
    const kept: [number, number] = [first, second];
    while (kept[0] + kept[1] > most) kept[kept[0] >= kept[1] && kept[0] > 0 ? 0 : 1] -= 1;
    return kept;
  }

  test("of two texts are cut as if the longer one lost a token at a time", () => {
    fc.assert(
      fc.property(fc.nat(12), fc.nat(12), fc.nat(26), (first, second, most) => {
        const kept = keptLengths(first, second, most);
        assert.equal(kept[0] + kept[1], Math.min(first + second, most));
        const [more, less] = first > second ? kept : [kept[1], kept[0]];
        const expected = cutOneByOne(first, second, most);
        // which of two equal ones has the odd token is the reference's own rule
        assert.deepEqual([more, less].sort(), [...expected].sort());
        if (first === second && kept[0] !== kept[1]) assert.equal(kept[1], kept[0] + 1);
      }),
      { numRuns: 300 },
    );
  });

  test("keep every special token, and of each text one end", () => {
    const kinds = fc.array(fc.constantFrom(0, 1, null, undefined), { maxLength: 16 });
    fc.assert(
      fc.property(
        kinds,
        fc.nat(18),
        fc.constantFrom("left" as const, "right" as const),
        (ids, maxLength, side) => {
          const positions = keptPositions(ids, { maxLength, side, strategy: "longest_first" });
          assert.ok(positions !== undefined);
          assert.deepEqual(
            positions,
            [...new Set(positions)].sort((a, b) => a - b),
          );
          const special = [...ids.keys()].filter((i) => ids[i] !== 0 && ids[i] !== 1);
          assert.ok(special.every((i) => positions.includes(i)));
          assert.equal(positions.length, Math.max(special.length, Math.min(ids.length, maxLength)));
          for (const text of [0, 1]) {
            const all = [...ids.keys()].filter((i) => ids[i] === text);
            const kept: number[] = positions.filter((i) => ids[i] === text);
            assert.deepEqual(
              kept,
              side === "left" ? all.slice(all.length - kept.length) : all.slice(0, kept.length),
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

test("a text is measured by its own tokens, and not by those that every text gets", () => {
  const numbers = {
    ids: [9, 5, 9, 6, 9],
    sequenceIds: [null, 0, 0, 0, null],
  } as unknown as Parameters<typeof measureText>[1];
  assert.deepEqual(measureText("a b", numbers, 9), {
    blank: false,
    length: 5,
    ownTokens: 3,
    unknownTokens: 1,
  });
  assert.deepEqual(measureText(" \n", numbers, null), {
    blank: true,
    length: 5,
    ownTokens: 3,
    unknownTokens: 0,
  });
});
