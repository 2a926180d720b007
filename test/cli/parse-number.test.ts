// Numbers that are given to commands.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCount, parseWhole } from "../../src/cli/parse-number.js";

test("counts are whole numbers of at least 1, other numbers of at least 0", () => {
  assert.deepEqual(["1", "40", "1e3"].map(parseCount), [1, 40, 1000]);
  assert.deepEqual(["0", "40"].map(parseWhole), [0, 40]);
  for (const text of ["", " ", "-1", "1.5", "a", "9007199254740993"]) {
    assert.throws(() => parseWhole(text), /whole number of at least 0/, text);
    assert.throws(() => parseCount(text), /whole number of at least 1/, text);
  }
  assert.throws(() => parseCount("0"), /whole number of at least 1/);
});
