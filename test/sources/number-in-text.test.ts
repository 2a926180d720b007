// The number, or truth value, that a text of a table says.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { numberIn } from "../../src/sources/number-in-text.js";

describe("a text says", () => {
  for (const [text, number] of [
    ["5", 5n],
    ["+5", 5n],
    [" -5\n", -5n],
    ["9007199254740993", 9007199254740993n],
    ["5.", 5],
    [".5", 0.5],
    ["+1.5E-3", 0.0015],
    ["1e5", 100_000],
    // as Python's float() reads them
    ["nan", Number.NaN],
    ["-NaN", Number.NaN],
    ["inf", Infinity],
    ["+inf", Infinity],
    ["-inf", -Infinity],
    ["Infinity", Infinity],
    ["+infinity", Infinity],
    ["-infinity", -Infinity],
    ["True", true],
    ["false", false],
  ] as const) {
    test(`a number or truth value: ${JSON.stringify(text)}`, () => {
      assert.equal(numberIn(text), number);
    });
  }

  test("none where it is anything else", () => {
    for (const text of ["", ".", "e5", "1e", "0x1", "1,5", "1 2", "--5", "+true", "infinite"]) {
      assert.equal(numberIn(text), undefined, text);
    }
  });

  test("none where it is longer than any number is", () => {
    assert.equal(numberIn("1".repeat(1200)), BigInt("1".repeat(1200)));
    assert.equal(numberIn("1".repeat(1201)), undefined);
  });
});
