import assert from "node:assert/strict";
import { test } from "node:test";
import { imageFacts } from "../../src/image/decode/image-facts.js";
import { fixture } from "../support/fixtures.js";

test("the size of a TIFF image is that of the turned image, as Pillow's", async () => {
  const upright = (await imageFacts(fixture("images/tiff-orientation-3.tiff"))).size;
  for (const orientation of [6, 7]) {
    const { size } = await imageFacts(fixture(`images/tiff-orientation-${orientation}.tiff`));
    assert.deepEqual(size, { width: upright?.height, height: upright?.width });
  }
});
