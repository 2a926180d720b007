// What each image processor of transformers 5 gives for a wide photo. Photos of other shapes are in
// test/slow/transformers-goldens.test.ts, and images of the project's own in the conformance suite.

import assert from "node:assert/strict";
import { test } from "node:test";
import { differencesOf, goldensByProcessor, skip } from "../support/transformers-goldens.js";

test("every processor gives the shared goldens of a photo, by both backends", {
  skip,
}, async () => {
  const goldens = [...goldensByProcessor().values()]
    .flat()
    .filter(({ image }) => image === "n02090721_Irish_wolfhound.JPEG");
  assert.equal(goldens.length, 106);
  assert.deepEqual(await differencesOf(goldens), []);
});
