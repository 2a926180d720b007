import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DataLoader, ImageProcessor } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { photos } from "../support/pairs.js";

describe("what is kept of memory that nobody has any more", () => {
  const large = new ImageProcessor({ resize: { width: 1024, height: 1024 } }); // 12 MiB an image
  const kept = () => process.memoryUsage().arrayBuffers / 2 ** 20;

  test("is no more than 384 MiB, whoever has let go of it", { timeout: 60_000 }, async () => {
    const before = kept();
    const path = fixture("images/jpeg-420.jpg");
    const results = [];
    for (let i = 0; i < 60; i += 1) results.push(await large.process(path));
    results.length = 0;
    for (let round = 0; round < 20 && kept() - before > 400; round += 1) {
      globalThis.gc?.();
      await sleep(50);
    }
    assert.ok(kept() - before <= 400, `${kept() - before} MiB`);
  });

  test("is no more than that of batches of many sizes", { timeout: 60_000 }, async () => {
    const before = kept();
    const dataset = await photos(24, large);
    for (const batchSize of [4, 5, 6, 7, 8, 10, 12, 14, 16]) {
      for await (const batch of new DataLoader(dataset, { batchSize, prefetch: 0 }))
        batch.release();
    }
    for (let round = 0; round < 20 && kept() - before > 600; round += 1) {
      globalThis.gc?.();
      await sleep(50);
    }
    // the last size alone may be more: two batches of 16 and of 8
    assert.ok(kept() - before <= 600, `${kept() - before} MiB`);
  });
});
