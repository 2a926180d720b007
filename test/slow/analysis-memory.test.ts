import assert from "node:assert/strict";
import { test } from "node:test";
import { computeStats, fitTfidf, ImageProcessor } from "pixtok";
import { numberedDataset } from "../support/pairs.js";

test("statistics of samples keep memory flat, however many", async () => {
  const image = new ImageProcessor({ resize: { width: 32, height: 32 }, type: "uint8" });
  const dataset = await numberedDataset(20_000, { image });
  const used: number[] = [];
  await computeStats(dataset, {
    onProgress: (done) => {
      if (done % 5000 > 63) return;
      global.gc?.();
      used.push(process.memoryUsage().rss);
    },
  });
  const growth = (used.at(-1) as number) - (used[0] as number);
  assert.ok(growth < 32 * 2 ** 20, `${growth} bytes more after 20 000 images than after 64`);
});

test("fitting TF-IDF keeps memory flat", async () => {
  const dataset = await numberedDataset(40_000);
  const used: number[] = [];
  await fitTfidf(dataset, {
    onProgress: (done) => {
      if (done % 10_000 > 255) return;
      global.gc?.();
      used.push(process.memoryUsage().heapUsed);
    },
  });
  const growth = (used.at(-1) as number) - (used[0] as number);
  assert.ok(growth < 8 * 2 ** 20, `${growth} bytes more after 40 000 texts than after 256`);
});
