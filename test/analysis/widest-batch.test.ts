// The largest rows that a check has seen, as a batch of another size has them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { widestBatch } from "../../src/analysis/widest-batch.js";

const image = (rows: number, height: number, width: number) => ({
  rows,
  tensors: { image: { type: "float32", dims: [rows, 3, height, width] } as const },
});

describe("the widest batch", () => {
  test("is none before rows were seen", () => {
    assert.equal(widestBatch(4).summary(1, 1), null);
  });

  test("is of the rows with the most bytes each, whatever came before or behind", () => {
    for (const seen of [
      [image(8, 4, 4), image(2, 5, 5), image(4, 3, 3)],
      [image(2, 5, 5), image(8, 4, 4)],
    ]) {
      const batch = widestBatch(6);
      for (const one of seen) batch.see(one);
      assert.deepEqual(batch.summary(10, 25), {
        size: 6,
        tensors: { image: { type: "float32", dims: [6, 3, 5, 5] } },
        bytes: 6 * 3 * 5 * 5 * 4,
        pairsPerSecond: 10,
        epochSeconds: 2.5,
      });
    }
  });

  test("is of those that were seen first, of several that are as large", () => {
    const batch = widestBatch(2);
    for (const one of [image(4, 4, 9), image(4, 6, 6), image(2, 9, 4)]) batch.see(one);
    assert.deepEqual(batch.summary(1, 1)?.tensors.image?.dims, [2, 3, 4, 9]);
  });

  test("has as many of what a row has several of, rounded up, and sums all tensors", () => {
    const batch = widestBatch(3);
    batch.see({
      rows: 2,
      tensors: {
        patches: { type: "float16", dims: [7, 10] },
        input_ids: { type: "int64", dims: [2, 5] },
        scale: { type: "uint8", dims: [] },
      },
    });
    const { tensors, bytes } = batch.summary(1, 1) ?? {};
    assert.deepEqual(tensors, {
      patches: { type: "float16", dims: [11, 10] },
      input_ids: { type: "int64", dims: [3, 5] },
      scale: { type: "uint8", dims: [] },
    });
    assert.equal(bytes, 11 * 10 * 2 + 3 * 5 * 8 + 1);
  });
});
