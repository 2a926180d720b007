// Patterns of data files. What they match is what fsspec.utils.glob_translate says, by which `datasets` resolves them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { glob, globOfFolders } from "../../src/sources/glob.js";

const names = ["a", "b", "c", "d", "m", "-", "]", "!", "ab", "a]", "b].txt", "\u{1f600}"];

const matched = {
  "[a-c]": ["a", "b", "c"],
  "[a-cm]": ["a", "b", "c", "m"],
  "[!a-c]": ["d", "m", "-", "]", "!", "\u{1f600}"],
  "[a-]": ["a", "-"],
  "[-a]": ["a", "-"],
  "[]a]": ["a", "]"],
  "[]-c]": ["a", "b", "c", "]"],
  "[!]]": ["a", "b", "c", "d", "m", "-", "!", "\u{1f600}"],
  "[!]a]": ["b", "c", "d", "m", "-", "!", "\u{1f600}"],
  "a[]]": ["a]"],
  "[!]": [],
  "[a": [],
  "?": ["a", "b", "c", "d", "m", "-", "]", "!", "\u{1f600}"],
  "\u{1f600}": ["\u{1f600}"],
  "[\u{1f600}a]": ["a", "\u{1f600}"],
};

describe("a pattern of a name", () => {
  for (const [pattern, expected] of Object.entries(matched)) {
    test(`${pattern} is of ${expected.join(" ") || "none of these"}`, () => {
      assert.deepEqual(names.filter(glob(pattern)), expected);
    });
  }
});

/** What `datasets.data_files.resolve_pattern` finds of these by each pattern, with datasets 5.2. */
const paths = [
  ".h.txt",
  "__a.txt",
  "a.txt",
  "__sub/__b.txt",
  "__sub/a.txt",
  "sub/.h.txt",
  "sub/__c.txt",
  "sub/c.txt",
];
const found = {
  "*": ["__a.txt", "a.txt"],
  "**": ["__a.txt", "a.txt", "sub/__c.txt", "sub/c.txt"],
  "**/*": ["__a.txt", "a.txt", "sub/__c.txt", "sub/c.txt"],
  "__*": ["__a.txt"],
  "sub/__*": ["sub/__c.txt"],
  "__sub/*": ["__sub/__b.txt", "__sub/a.txt"],
  "__*/*": ["__sub/__b.txt", "__sub/a.txt"],
  ".*": [".h.txt"],
};

describe("a pattern of paths takes files that begin with two underscores, and no such folders unasked", () => {
  for (const [pattern, expected] of Object.entries(found)) {
    test(`${pattern} is of ${expected.join(" ")}`, () => {
      assert.deepEqual(paths.filter(glob(pattern)), expected);
    });
  }
});

test("folders that a pattern may lead into are no deeper than it, but below any folders", () => {
  const folders = ["a", "b", "a/b", "a/b/c"];
  assert.deepEqual(folders.filter(globOfFolders("a/*.csv")), ["a"]);
  assert.deepEqual(folders.filter(globOfFolders("a/*")), ["a"]);
  assert.deepEqual(folders.filter(globOfFolders("*/b/x")), ["a", "b", "a/b"]);
  assert.deepEqual(folders.filter(globOfFolders("a/**")), ["a", "a/b", "a/b/c"]);
  assert.deepEqual(folders.filter(globOfFolders("*.csv")), []);
});
