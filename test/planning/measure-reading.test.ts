// How fast a set is read, by a clock that each epoch moves on.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MultimodalDataset } from "pixtok";
import { measureReading } from "../../src/planning/measure-reading.js";
import { numberedPairs, tinyImage } from "../support/pairs.js";

const options = { batchSize: 3, shuffle: false, window: 8, threads: undefined, seconds: 2 };

/** Three pairs, one batch. `begin` is called when the first is read, at the start of each epoch. */
function pairs(begin: () => void = () => {}, readable = 3) {
  const { get, length } = numberedPairs(3);
  const source = {
    length,
    async get(index: number) {
      if (index === 0) begin();
      if (index >= readable) throw new Error(`row ${index} is damaged`);
      return get(index);
    },
  };
  return MultimodalDataset.from(source, { image: tinyImage, text: null });
}

describe("reading is measured", () => {
  test("in pairs a second, from the first batch to the first that comes after so many seconds", async (t) => {
    let now = 0;
    const dataset = await pairs(() => {
      now += 1000;
    });
    t.mock.method(performance, "now", () => now);
    const { rate, memory } = await measureReading(dataset, options);
    assert.deepEqual([rate, now], [3, 3000]);
    assert.ok(memory > 0);
  });

  test("without the pairs that cannot be read; there have to be others", async (t) => {
    let now = 0;
    const begin = () => {
      now += 1000;
    };
    const [some, none] = [await pairs(begin, 2), await pairs(begin, 0)];
    t.mock.method(performance, "now", () => now);
    assert.equal((await measureReading(some, options)).rate, 2);
    await assert.rejects(measureReading(none, options), {
      code: "NO_READABLE_SAMPLE",
      message: /none of the \d+ samples .*row 0 is damaged/,
    });
  });

  test("with as many threads as are given, and a window where blocks are shuffled", async () => {
    const dataset = await pairs();
    const refused = (more: object) => measureReading(dataset, { ...options, seconds: 0, ...more });
    await assert.rejects(refused({ threads: 0 }), /threads: expected/);
    await assert.rejects(refused({ shuffle: "blocks", window: 0 }), /shuffleWindow: expected/);
    await refused({ window: 0 });
  });
});
