// What each image processor of transformers 5 gives for photos of all shapes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { differencesOf, goldensByProcessor, skip } from "../support/transformers-goldens.js";

describe("the shared goldens of transformers 5, both backends", { skip }, () => {
  const byProcessor = goldensByProcessor();

  test("are of 53 processors, 696 in all", () => {
    const cases = [...byProcessor.values()].reduce((sum, { length }) => sum + length, 0);
    assert.deepEqual([byProcessor.size, cases], [53, 696]);
  });

  for (const [name, goldens] of byProcessor) {
    test(name, async () => {
      assert.deepEqual(await differencesOf(goldens), []);
    });
  }
});
