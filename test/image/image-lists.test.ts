// Images in lists, as a call of process has them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { countedLists, listsOf } from "../../src/image/image-lists.js";
import type { PictureGeometry } from "../../src/image/picture-geometry.js";

const geometryOf = (rows: PictureGeometry["rows"]) => ({ rows }) as PictureGeometry;

test("several images are a list each, or one list for a class that has a row for each", () => {
  assert.deepEqual(listsOf("a"), { images: ["a"], lists: [1] });
  assert.deepEqual(listsOf(["a", "b"]), { images: ["a", "b"], lists: [1, 1] });
  assert.deepEqual(listsOf(["a", "b"], geometryOf("image")).lists, [1, 1]);
  assert.deepEqual(listsOf(["a", "b"], geometryOf("list")).lists, [2]);
  assert.deepEqual(listsOf([]), { images: [], lists: [] });
});

test("a list without images counts for a class that has a row for each list alone", () => {
  const given = [["a"], [], ["b", "c"]];
  assert.deepEqual(listsOf(given), { images: ["a", "b", "c"], lists: [1, 2] });
  assert.deepEqual(listsOf(given, geometryOf("list")).lists, [1, 0, 2]);
  assert.deepEqual(countedLists([0, 1], geometryOf("image")), [1]);
  assert.deepEqual(countedLists([0, 1], geometryOf("list")), [0, 1]);
});
