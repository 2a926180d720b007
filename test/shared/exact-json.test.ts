import assert from "node:assert/strict";
import { test } from "node:test";
import { exactJson, NoExactJson } from "../../src/shared/exact-json.js";
import { fc } from "../support/properties.js";

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

test("is read as what was written, the sign of a zero included", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(JSON.parse(exactJson(value)), value);
    }),
  );
  assert.ok(Object.is(JSON.parse(exactJson(-0)), -0));
  assert.deepEqual(JSON.parse(exactJson(Object.assign(Object.create(null), { a: 1 }))), { a: 1 });
  assert.equal(exactJson([]), "[]");
  assert.equal(exactJson({}), "{}");
});

test("has a hundred levels of arrays and objects, and no more", () => {
  assert.deepEqual(JSON.parse(exactJson(nested(100))), nested(100));
  assert.throws(() => exactJson(nested(101)), {
    message: "expected arrays and objects at most 100 deep",
  });
});

test("is refused of what JSON would change, wherever it stands", () => {
  class Own {}
  for (const value of [
    ...[undefined, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1n],
    ...[() => 1, Symbol("a"), new Date(0), new Own(), new Map(), Uint8Array.of(1), Array(1)],
  ]) {
    for (const place of [value, [1, value], { a: 1, b: value }]) {
      assert.throws(() => exactJson(place), NoExactJson);
    }
  }
});
