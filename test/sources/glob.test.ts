// Patterns of data files. What they match is what fsspec.utils.glob_translate says, by which `datasets` resolves them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { glob } from "../../src/sources/glob.js";

const names = ["a", "b", "c", "d", "m", "-", "]", "!", "ab", "a]", "b].txt"];

const matched = {
  "[a-c]": ["a", "b", "c"],
  "[a-cm]": ["a", "b", "c", "m"],
  "[!a-c]": ["d", "m", "-", "]", "!"],
  "[a-]": ["a", "-"],
  "[-a]": ["a", "-"],
  "[]a]": ["a", "]"],
  "[]-c]": ["a", "b", "c", "]"],
  "[!]]": ["a", "b", "c", "d", "m", "-", "!"],
  "[!]a]": ["b", "c", "d", "m", "-", "!"],
  "a[]]": ["a]"],
  "[!]": [],
  "[a": [],
  "?": ["a", "b", "c", "d", "m", "-", "]", "!"],
};

describe("a pattern of a name", () => {
  for (const [pattern, expected] of Object.entries(matched)) {
    test(`${pattern} is of ${expected.join(" ") || "none of these"}`, () => {
      assert.deepEqual(names.filter(glob(pattern)), expected);
    });
  }
});
