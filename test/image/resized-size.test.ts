// Sizes that transformers resizes to. Expected values: Python's round(), and get_size_with_aspect_ratio of transformers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resizedSize, roundHalfEven } from "../../src/image/pretrained/resized-size.js";

test("a number halfway between two is rounded to the even one", () => {
  assert.deepEqual(
    [0.5, 1.5, 2.5, 2.49, 2.51, 3, 1234.5].map(roundHalfEven),
    [0, 2, 2, 2, 3, 3, 1234],
  );
});

test("the shorter edge makes room for the longer one, and an image of that edge stays", () => {
  const target = { shortestEdge: 40, longestEdge: 60 };
  const sizeOf = (width: number, height: number) => {
    const size = resizedSize({ width, height }, target);
    return [size.width, size.height];
  };
  assert.deepEqual(sizeOf(80, 100), [40, 50]);
  assert.deepEqual(sizeOf(100, 80), [50, 40]);
  assert.deepEqual(sizeOf(40, 57), [40, 57]);
  assert.deepEqual(sizeOf(80, 200), [24, 60]);
  assert.deepEqual(sizeOf(96, 40), [60, 25]);
});
