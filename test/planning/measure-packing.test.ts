// What is taken from the times at which pairs were ready.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { MultimodalDataset } from "pixtok";
import { measurePacking, secondsOfPair } from "../../src/planning/measure-packing.js";
import { numberedPairs, tinyImage } from "../support/pairs.js";
import { newFolder } from "../support/remote-sets.js";

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

test("packing is measured as it is asked for, without the pairs that cannot be read", async () => {
  const pairs = numberedPairs(4);
  const get = (index: number) =>
    index === 2 ? { ...pairs.get(index), image: Buffer.from("no image") } : pairs.get(index);
  const source = { ...pairs, get };
  const dataset = new MultimodalDataset({ source, text: null, image: tinyImage });
  const folder = newFolder();
  const options = { folder, fileBytes: 6, threads: 1 };
  const { pairs: count, seconds } = await measurePacking(dataset, options);
  assert.deepEqual([count, seconds > 0], [4, true]);
  const files = readdirSync(folder).filter((name) => name.endsWith(".arrow"));
  assert.deepEqual(files.sort(), ["data-00000-of-00002.arrow", "data-00001-of-00002.arrow"]);
  await assert.rejects(measurePacking(dataset, { ...options, threads: 0 }), /^RangeError: threads/);
});
