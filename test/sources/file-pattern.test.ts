// The names that braces stand for. Expected values: braceexpand 0.1.7 (Python), which webdataset uses.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { expandBraces } from "../../src/sources/file-pattern.js";

const expanded = {
  "a,b": ["a,b"],
  "{}": ["{}"],
  "{abc}": ["{abc}"],
  "x{abc}y{1..2}": ["x{abc}y1", "x{abc}y2"],
  "{,x}.tar": [".tar", "x.tar"],
  "a{b,c{d,e}}f": ["abf", "acdf", "acef"],
  "{1..2,5}": ["1..2", "5"],
  "{0..2}": ["0", "1", "2"],
  "{0..-2}": ["0", "-1", "-2"],
  "{-1..1}": ["-1", "0", "1"],
  "{-05..-3}": ["-05", "-04", "-03"],
  "{5..05}": ["05"],
  "{0..10..5}": ["0", "5", "10"],
  "{08..1..-3}": ["08", "05", "02"],
  "{a..e..2}": ["a", "c", "e"],
  "{C..A}": ["C", "B", "A"],
};

describe("a pattern with braces", () => {
  for (const [pattern, names] of Object.entries(expanded)) {
    test(`${pattern} stands for ${names.join(" ")}`, () => {
      assert.deepEqual(expandBraces("data", pattern), names);
    });
  }

  test("stands for a million names at most, also where these multiply", () => {
    for (const pattern of ["{0..1000000}", "{0..999}{0..1000}", "{1..9999999999}"]) {
      assert.throws(() => expandBraces("data", pattern), /data: expected at most 1000000 names/);
    }
  });

  test("whose braces do not match is refused, without what is secret in a URL", () => {
    for (const pattern of ["{a", "a}", "}a{", "https://h/{x?signature=secret"]) {
      assert.throws(
        () => expandBraces("data", pattern),
        ({ message }) => /as many closing braces/.test(message) && !/secret/.test(message),
      );
    }
  });
});
