// What is taken from the times at which pairs were ready.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { secondsOfPair } from "../../src/planning/measure-packing.js";

describe("the seconds that packing takes for a pair", () => {
  test("are those of the second half of the time, when a process has become as fast as it does", () => {
    const slow = [
      { pairs: 10, seconds: 2 },
      { pairs: 20, seconds: 3 },
    ];
    const fast = [
      { pairs: 40, seconds: 4 },
      { pairs: 80, seconds: 5 },
      { pairs: 120, seconds: 6 },
    ];
    // the half is at the second time of the slow ones
    assert.equal(secondsOfPair([...slow, ...fast]), 3 / 100);
    const longer = { pairs: 200, seconds: 8 };
    assert.equal(secondsOfPair([...slow, ...fast, longer]), 4 / 160);
  });

  test("are those of all pairs where these were ready together", () => {
    assert.equal(secondsOfPair([{ pairs: 8, seconds: 2 }]), 0.25);
  });
});
