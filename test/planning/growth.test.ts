// How what was measured with two numbers of pairs is carried on to others.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { areSettled, growthBetween, valueAt } from "../../src/planning/growth.js";

describe("the growth between two measurements", () => {
  test("is the line through the least values of both", () => {
    const small = { pairs: 100, values: [5, 3, 3.1] };
    const large = { pairs: 300, values: [9, 8, 7] };
    const growth = growthBetween(small, large, 0.5);
    assert.deepEqual(growth, { pairs: 300, value: 7, perPair: 0.02 });
    assert.equal(valueAt(growth, 300), 7);
    assert.equal(valueAt(growth, 400), 9);
    assert.equal(valueAt(growth, 100), 3);
  });

  test("is none where they differ by less than can be seen", () => {
    const growth = growthBetween(
      { pairs: 100, values: [3, 3, 3] },
      { pairs: 300, values: [3.4, 3.4, 3.4] },
      0.5,
    );
    assert.deepEqual(growth, { pairs: 300, value: 3.4, perPair: 0 });
    assert.equal(valueAt(growth, 1e10), 3.4);
  });

  test("is not known where they differ by no more than three times the noise of either", () => {
    const large = { pairs: 300, values: [6, 7] };
    assert.equal(growthBetween({ pairs: 100, values: [3, 3] }, large, 0.5).perPair, null);
    assert.ok(growthBetween({ pairs: 100, values: [2.9, 2.9] }, large, 0.5).perPair);
    const noisy = { pairs: 100, values: [4, 3] };
    assert.equal(growthBetween(noisy, { pairs: 300, values: [6, 6] }, 0.5).perPair, null);
    assert.equal(growthBetween(noisy, { pairs: 300, values: [3, 3] }, 0.5).perPair, null);
  });

  test("is known wherever the values of both are settled", () => {
    assert.ok(areSettled([3.25, 3, 9], 0.75));
    assert.ok(!areSettled([3.25, 3, 9], 0.74));
    for (const least of [3, 3.5, 3.75, 4, 5]) {
      const values = [least, least + 0.25];
      const small = { pairs: 100, values: [3, 3.25] };
      assert.notEqual(growthBetween(small, { pairs: 300, values }, 0.75).perPair, null, `${least}`);
    }
  });

  test("is none between sets of the same size, and where the larger one takes less", () => {
    const some = { pairs: 100, values: [1] };
    assert.equal(growthBetween(some, { pairs: 100, values: [5] }, 0.5).perPair, 0);
    assert.equal(growthBetween(some, { pairs: 300, values: [0.5] }, 0.5).perPair, 0);
  });
});

test("what grows in a way that is not known is known where it was measured alone", () => {
  const growth = { pairs: 100, value: 5, perPair: null };
  assert.equal(valueAt(growth, 100), 5);
  assert.equal(valueAt(growth, 101), null);
});

test("what is handled in another way from some pairs on grows by another line there", () => {
  const beyond = { pairs: 200, growth: { pairs: 1000, value: 3, perPair: 0.001 } };
  const growth = { pairs: 100, value: 5, perPair: 0.1, beyond };
  assert.equal(valueAt(growth, 200), 15);
  assert.equal(valueAt(growth, 1000), 3);
  assert.equal(valueAt(growth, 2000), 4);
  assert.equal(valueAt({ ...growth, perPair: null }, 150), null);
});

test("no line goes below zero", () => {
  assert.equal(valueAt({ pairs: 100, value: 1, perPair: 0.1 }, 10), 0);
});
