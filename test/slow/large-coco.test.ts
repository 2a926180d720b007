import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openCocoCaptions } from "pixtok";

const folder = mkdtempSync(join(tmpdir(), "pixtok-coco-"));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("COCO captions of a hundred thousand images are kept as bytes", async () => {
  const images = Array.from({ length: 100_000 }, (_, id) => ({
    id,
    file_name: `${id}.jpg`,
    coco_url: "http://images.example/".padEnd(80, "x"),
  }));
  const annotations = images.flatMap(({ id }) => [
    { id, image_id: id, caption: "some words about an image" },
    { id: -id, image_id: 99_999 - id, caption: "other words about it" },
  ]);
  const path = write("many.json", { images, annotations });
  images.length = 0;
  annotations.length = 0;
  globalThis.gc?.();
  const before = process.memoryUsage();
  const source = await openCocoCaptions(path);
  globalThis.gc?.();
  const after = process.memoryUsage();
  // its other caption stands beside image 29 999, and so before this one
  assert.deepEqual(await source.texts?.(70_000), [
    "other words about it",
    "some words about an image",
  ]);
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(grown < 24 << 20, `${(grown / 2 ** 20).toFixed(1)} MiB`);
});
