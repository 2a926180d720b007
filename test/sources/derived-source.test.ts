// Sources whose rows are those of other sources.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PairSource } from "pixtok";
import { columnsOf, joinedSources } from "../../src/sources/derived-source.js";

const sourceOf = (name: string, length: number, own: Partial<PairSource> = {}): PairSource => ({
  ...{ length, fingerprint: name, get: (index) => ({ image: `${name}${index}`, text: name }) },
  ...own,
});

describe("columns of several sources", () => {
  const [numbers, texts] = [
    { columnTypes: { a: "int64" } },
    { columnTypes: { a: "string" } },
  ] as const;
  const typesOf = (...own: Partial<PairSource>[]) =>
    columnsOf(own.map((one, i) => sourceOf(`${i}`, 1, one))).columnTypes;

  test("have types where all of them have the same", () => {
    assert.deepEqual(typesOf(numbers, numbers, numbers), { a: "int64" });
    assert.equal(typesOf(numbers, numbers, texts), undefined);
    assert.equal(typesOf(numbers, texts, numbers), undefined);
    assert.equal(typesOf(numbers, {}), undefined);
  });

  test("have the same classes, or are refused", () => {
    const [one, other] = [{ classNames: { a: ["x"] } }, { classNames: { a: ["y"] } }];
    const classesOf = (...own: Partial<PairSource>[]) =>
      columnsOf(own.map((one, i) => sourceOf(`${i}`, 1, one))).classNames;
    assert.deepEqual(classesOf(one, one), one.classNames);
    assert.throws(() => classesOf(one, one, other), /the same classes in the same columns of all/);
    assert.throws(() => classesOf(one, {}), TypeError);
  });
});

describe("files of one kind as one source", () => {
  test("are told from others by each of them", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => sourceOf(name, 2)) as [
      PairSource,
      PairSource,
      PairSource,
    ];
    const fingerprint = joinedSources([a, b]).fingerprint;
    assert.notEqual(joinedSources([a, c]).fingerprint, fingerprint);
    assert.notEqual(joinedSources([b, a]).fingerprint, fingerprint);
    assert.equal(joinedSources([a]), a);
  });

  test("have the blocks of all, one behind the other", () => {
    const blocks = (...lengths: number[]) => ({ blockLengths: () => lengths });
    const joined = joinedSources([sourceOf("a", 3, blocks(1, 2)), sourceOf("b", 4, blocks(4))]);
    assert.deepEqual(joined.blockLengths?.(), [1, 2, 4]);
  });
});
