import assert from "node:assert/strict";
import { test } from "node:test";
import { ImageProcessor } from "pixtok";

test("a batch of 130 000 rows may fail in all of them", async () => {
  const images = Array.from({ length: 130_000 }, () => "no-such-file.png");
  const small = new ImageProcessor({ resize: { width: 1, height: 1 }, type: "uint8" });
  await assert.rejects(small.process(images), { code: "FILE_NOT_FOUND" });
});
