import assert from "node:assert/strict";
import { test } from "node:test";
import { pictureFacts } from "../src/image/decode/image-facts.js";
import { fixture } from "./support/fixtures.js";

test("the size of a TIFF picture is that of the turned picture, as Pillow's", async () => {
  const upright = (await pictureFacts(fixture("pictures/tiff-orientation-3.tiff"))).size;
  for (const orientation of [6, 7]) {
    const { size } = await pictureFacts(fixture(`pictures/tiff-orientation-${orientation}.tiff`));
    assert.deepEqual(size, { width: upright?.height, height: upright?.width });
  }
});
