// The logarithm by which cuts of an image are compared, rounded to the nearest number as Python's decimal gives it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exactLog } from "../../src/image/pretrained/vision/exact-log.js";

/** float(Decimal(value).ln()), with 80 digits. */
const logarithms: readonly (readonly [value: number, logarithm: number])[] = [
  [1, 0],
  [3, 1.0986122886681098],
  [0.2, -1.6094379124341003],
  [16 / 9, 0.5753641449035618],
  [1 + 2 ** -52, 2.2204460492503128e-16],
  [1 - 2 ** -53, -1.1102230246251565e-16],
  [Number.MIN_VALUE, -744.4400719213812],
  [Number.MAX_VALUE, 709.782712893384],
  // Python's math.log gives another number
  [24.346662403685524, 3.192394772523525],
  [0.5553535437158823, -0.5881503523397904],
];

describe("the natural logarithm, rounded to the nearest number", () => {
  for (const [value, logarithm] of logarithms) {
    test(`of ${value}`, () => assert.equal(exactLog(value), logarithm));
  }
});
