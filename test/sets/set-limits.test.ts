// Limits of what sets are made with, and what sets say of themselves.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  concat,
  filter,
  map,
  mix,
  type PairSource,
  PixtokError,
  repeat,
  select,
  split,
  take,
} from "pixtok";
import { scan } from "../../src/sets/scan.js";
import { fixture } from "../support/fixtures.js";

const context = { seed: 0, epoch: 0 };
const source = (length: number, others: Partial<PairSource> = {}): PairSource => ({
  length,
  fingerprint: `of ${length}`,
  get: (index) => ({
    image: fixture("images/jpeg-17x33.jpg"),
    text: "a".repeat(index),
    key: `${index}`,
  }),
  ...others,
});
const refused = (message: RegExp) => ({ message });

describe("what a set says of itself", () => {
  test("is how it was made, and of what", async () => {
    const four = source(4);
    const cases: [PairSource, number, string][] = [
      [take(four, 2), 2, "the first 2 of a source of 4 pairs"],
      [repeat(four, 3), 12, "3 times a source of 4 pairs"],
      [select(four, [3, 1, 3]), 3, "3 selected of a source of 4 pairs"],
      [concat([four, source(2, { description: "two" })]), 6, "6 pairs: a source of 4 pairs; two"],
      [map(four, (pair) => pair), 4, "a source of 4 pairs"],
    ];
    const fingerprints = new Set<string | undefined>();
    for (const [set, length, description] of cases) {
      assert.deepEqual([set.length, set.description], [length, description]);
      fingerprints.add(set.fingerprint);
      const others = { ...four, fingerprint: "another" };
      assert.notEqual(take(others, 2).fingerprint, take(four, 2).fingerprint);
    }
    for (const set of [
      take(four, 3),
      repeat(four, 2),
      map(four, (pair) => pair, { fingerprint: "x" }),
    ])
      fingerprints.add(set.fingerprint);
    fingerprints.add(concat([source(2), four]).fingerprint);
    assert.equal(fingerprints.size, cases.length + 4);
  });

  test("has the columns that all of its sources have", () => {
    const typed = (type: "int64" | "string", names?: string[]) =>
      source(2, { columnTypes: { a: type }, ...(names && { classNames: { a: names } }) });
    const both = concat([typed("int64", ["x"]), typed("int64", ["x"])]);
    assert.deepEqual([both.columnTypes, both.classNames], [{ a: "int64" }, { a: ["x"] }]);
    assert.equal("columnTypes" in concat([typed("int64"), typed("string")]), false);
    assert.equal("columnTypes" in concat([typed("int64"), source(2)]), false);
    for (const set of [
      take(typed("int64", ["x"]), 1),
      map(typed("int64", ["x"]), (pair) => pair),
    ]) {
      assert.deepEqual([set.columnTypes, set.classNames], [{ a: "int64" }, { a: ["x"] }]);
    }
    assert.throws(
      () => concat([typed("int64", ["x"]), typed("int64", ["y"])]),
      refused(
        /sources: .*the same classes in the same columns of all.*2 pairs; a source of 2 pairs/,
      ),
    );
  });

  test("names its own row where a source names another, and leaves other errors alone", async () => {
    const failing = (error: unknown) =>
      take(source(3, { get: () => Promise.reject(error) }), 3).get(2, context);
    const own = new PixtokError("EMPTY_FILE", "it is empty", { index: 7, source: "a" });
    await assert.rejects(async () => failing(own), {
      code: "EMPTY_FILE",
      index: 2,
      source: "a",
      cause: own,
    });
    const others = [
      new PixtokError("EMPTY_FILE", "it is empty", { index: 2 }),
      new PixtokError("EMPTY_FILE", "it is empty"),
      new Error("else"),
    ];
    for (const error of others) {
      await assert.rejects(
        async () => failing(error),
        (thrown) => thrown === error,
      );
    }
  });
});

describe("limits", () => {
  test("of counts", () => {
    assert.equal(take(source(4), 4).length, 4);
    for (const count of [0, 5, 1.5, "2"])
      assert.throws(() => take(source(4), count as number), /count/);
    assert.equal(repeat(source(4), 1).length, 4);
    const most = Math.floor(Number.MAX_SAFE_INTEGER / 4);
    assert.equal(repeat(source(4), most).length, 4 * most);
    for (const times of [0, most + 1]) assert.throws(() => repeat(source(4), times), /times/);
    assert.equal(select(source(4), [0, 3]).length, 2);
    for (const index of [-1, 4, 0.5])
      assert.throws(() => select(source(4), [0, index]), refused(/indices\[1\]/));
    assert.throws(() => select(source(4), []), refused(/indices: .*at least one index/));
    for (const indices of [null, 5, {}, "01"])
      assert.throws(() => select(source(4), indices as never), { name: "TypeError" });
    assert.throws(() => map(source(4), 5 as never), refused(/change: .*a function of a pair/));
  });

  test("of conditions, to the last pixel and character", async () => {
    const lengthOf = async (conditions: object) => (await filter(source(4), conditions)).length;
    assert.equal(await lengthOf({ textLength: [1, 2] }), 2);
    assert.equal(await lengthOf({ textLength: [3, 3] }), 1);
    assert.equal(await lengthOf({ minSide: 17, maxSide: 33, aspect: [17 / 33, 17 / 33] }), 4);
    for (const one of [
      { minSide: 18 },
      { maxSide: 32 },
      { aspect: [0.52, 9] },
      { aspect: [0, 0.51] },
    ])
      await assert.rejects(lengthOf(one), refused(/wanted: .*what some of the 4 pairs are like/));
    await assert.rejects(
      lengthOf({ aspect: [2, 1] }),
      refused(/aspect: .*a least that is not above/),
    );
    for (const aspect of [1, [1], [1, 2, 3], ["1", 2]])
      await assert.rejects(lengthOf({ aspect }), refused(/aspect: .*\[least, most\]/));
    await assert.rejects(filter(source(4), (() => 1) as never), refused(/wanted: .*a boolean/));
    const several = source(2, { get: () => ({ image: "none", text: ["ab", "abc"] }) });
    assert.equal((await filter(several, { textLength: [2, 3] })).length, 2);
    await assert.rejects(filter(several, { textLength: [2, 2] }), refused(/wanted/));
  });

  test("of shares, which may be off by rounding", async () => {
    const many = source(200);
    const thirds = { a: 0.1, b: 0.2, c: 0.7 };
    const parts = await split(many, thirds);
    assert.equal(parts.a.length + parts.b.length + parts.c.length, 200);
    assert.equal((await split(many, { a: 1 })).a.length, 200);
    assert.ok(0.05 + 0.55 + 0.3 + 0.1 > 1);
    await split(many, { a: 0.05, b: 0.55, c: 0.3, d: 0.1 });
    await assert.rejects(
      split(many, { a: 0.5, b: 0.6 }),
      refused(/shares: .*a sum of at most 1, got 1.1$/),
    );
    await assert.rejects(split(many, {}), refused(/shares: .*at least one share/));
    await assert.rejects(
      split(many, 5 as never),
      refused(/shares: .*an object of a share by name/),
    );
    await assert.rejects(
      split(many, { a: 1, b: 0 }),
      refused(/shares\.b: .*some of the 200 pairs/),
    );
    for (const share of [-0.1, 1.1, "1"])
      await assert.rejects(split(many, { a: share as number }), refused(/shares\.a/));
  });

  test("of options, whose names are known", async () => {
    const unknown = { sead: 1 } as object;
    await assert.rejects(split(source(4), { a: 1 }, unknown), refused(/^split: unknown option/));
    await assert.rejects(
      filter(source(4), () => true, unknown),
      refused(/^filter: unknown option/),
    );
    await assert.rejects(filter(source(4), unknown), refused(/^filter: unknown option/));
    assert.throws(() => map(source(4), (pair) => pair, unknown), refused(/^map: unknown option/));
    assert.throws(() => mix([source(4)], unknown), refused(/^mix: unknown option/));
  });

  test("of weights", () => {
    for (const weights of [[1], [1, 2, 3]])
      assert.throws(
        () => mix([source(1), source(2)], { weights }),
        refused(/weights: .*2 of them/),
      );
    for (const weight of [0, -1, Infinity, Number.NaN, "1"])
      assert.throws(() => mix([source(1)], { weights: [weight as number] }), refused(/above 0/));
    assert.throws(() => mix([source(1)], { weights: 1 as never }), refused(/an array of numbers/));
    assert.equal(mix([source(3), source(2)], { length: 9 }).sampler.length, 9);
  });

  test("of pairs that are read at once", async () => {
    const said: number[][] = [];
    let [underWay, most] = [0, 0];
    const found: number[] = [];
    const find = async (index: number) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await undefined;
      underWay -= 1;
      return index;
    };
    await scan(130, -1, find, (index) => found.push(index), {
      onProgress: (...done) => void said.push(done),
    });
    assert.deepEqual(
      found,
      Array.from({ length: 130 }, (_, index) => index),
    );
    assert.deepEqual(
      [most, said],
      [
        64,
        [
          [64, 130],
          [128, 130],
          [130, 130],
        ],
      ],
    );
  });
});
