// Numbers that stand beside the pixels of images.

import assert from "node:assert/strict";
import { test } from "node:test";
import { besideTensor } from "../../src/image/image-tensors.js";

test("numbers beside images are a row for each: its own size, or the same ones", () => {
  const shown = (...given: Parameters<typeof besideTensor>) => {
    const { dims, data } = besideTensor(...given);
    return [dims, Array.from(data, Number)];
  };
  const sizes = [
    { width: 3, height: 2 },
    { width: 5, height: 4 },
  ];
  assert.deepEqual(shown(sizes, 2), [
    [2, 2],
    [2, 3, 4, 5],
  ]);
  assert.deepEqual(shown([7, 8, 9], 2), [
    [2, 3],
    [7, 8, 9, 7, 8, 9],
  ]);
  assert.deepEqual(shown(6, 3), [[3], [6, 6, 6]]);
});
