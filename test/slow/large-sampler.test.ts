import assert from "node:assert/strict";
import { freemem } from "node:os";
import { test } from "node:test";
import { weightedSampler } from "pixtok";

test("the weighted sampler takes a hundred million weights", {
  skip: freemem() < 3 * 2 ** 30 ? "there is not enough memory" : false,
}, () => {
  const count = 100_000_000;
  const weights = new Uint8Array(count).fill(1);
  weights[7] = 0;
  const sampler = weightedSampler(weights);
  assert.equal(sampler.length, count);
  let least = count;
  let most = 0;
  for (let position = 0; position < 1000; position += 1) {
    const index = sampler.indexAt(position, 0);
    least = Math.min(least, index);
    most = Math.max(most, index);
  }
  assert.ok(least < count / 50 && most > count - count / 50, `${least} to ${most}`);
});
