// What is done once in each epoch.

import assert from "node:assert/strict";
import { test } from "node:test";
import { onceAnEpoch } from "../../src/sources/once-an-epoch.js";

test("what is done once in an epoch is done again in another, and where it failed", async () => {
  let times = 0;
  let fails = false;
  const once = onceAnEpoch(async () => {
    times += 1;
    if (fails) throw new Error("torn");
  });
  const of = (epoch: number) => once({ seed: 0, epoch });
  await Promise.all([of(0), of(0), once(undefined)]);
  assert.equal(times, 1);
  fails = true;
  const both = await Promise.allSettled([of(1), of(1)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  assert.equal(times, 2);
  fails = false;
  await of(1);
  await of(1);
  assert.equal(times, 3);
});
