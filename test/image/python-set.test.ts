// The order of a Python set, which decides between grids of tiles that fit an image alike.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inSetOrder } from "../../src/image/pretrained/vision/python-set.js";

/** Pairs of digits, and list(set(pairs)) of them by CPython 3.11. */
const sets = {
  "by their hashes": ["56 18 41 32", "32 18 41 56"],
  "where two share a slot": ["68 47 24 14", "68 47 14 24"],
  "where three share a slot": ["75 37 32 38", "37 75 32 38"],
  "where all share a slot": ["15 52 81 73", "52 73 81 15"],
  "each once": ["15 15 17 86", "17 86 15"],
} as const;

describe("pairs of numbers are in order", () => {
  for (const [how, [pairs, inOrder]] of Object.entries(sets)) {
    test(how, () => {
      const found = inSetOrder(
        pairs.split(" ").map((pair) => [Number(pair[0]), Number(pair[1])] as const),
      );
      assert.equal(found.map((pair) => pair.join("")).join(" "), inOrder);
    });
  }
});
