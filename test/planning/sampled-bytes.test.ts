// What a sample of pairs tells of their bytes.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { describe, test } from "node:test";
import { type ImageInput, type PairSource, PixtokError } from "pixtok";
import { sampleBytes } from "../../src/planning/sampled-bytes.js";
import { fixture } from "../support/fixtures.js";

const sourceOf = (images: readonly (ImageInput | (() => never))[]): PairSource => ({
  length: images.length,
  get(index) {
    const image = images[index] as ImageInput | (() => never);
    return { image: typeof image === "function" ? image() : image, text: "" };
  },
});

const [first, second] = ["images/png-rgb.png", "images/jpeg-420.jpg"].map(fixture) as [
  string,
  string,
];
const fail = (code: "CORRUPT_IMAGE" | "STORAGE_FAILED") => () => {
  throw new PixtokError(code, "what is wrong");
};

describe("the bytes of a sample", () => {
  test("are those of its files", async () => {
    const found = await sampleBytes(sourceOf([first, second]), 10, 0);
    const imageBytes = (statSync(first).size + statSync(second).size) / 2;
    assert.deepEqual(found, { imageBytes, areFiles: true, pairs: 2 });
  });

  test("are those of ranges of files, of encoded bytes and of pixels, which are no files", async () => {
    const range = { path: first, offset: 3, length: 10 };
    const pixels = { data: new Uint8Array(12), width: 2, height: 2, channels: 3 } as const;
    const found = await sampleBytes(sourceOf([range, new Uint8Array(5), pixels]), 10, 0);
    assert.deepEqual(found, { imageBytes: 9, areFiles: false, pairs: 3 });
  });

  test("are of as many random pairs as are wanted", async () => {
    const source = sourceOf(Array.from({ length: 200 }, (_, i) => new Uint8Array(i + 1)));
    const some = await sampleBytes(source, 20, 0);
    assert.equal(some.pairs, 20);
    assert.deepEqual(await sampleBytes(source, 20, 0), some);
    assert.notEqual((await sampleBytes(source, 20, 1)).imageBytes, some.imageBytes);
  });

  test("are without pairs that cannot be read, and none where all are such", async () => {
    const bad = fail("CORRUPT_IMAGE");
    const found = await sampleBytes(sourceOf([bad, new Uint8Array(5)]), 10, 0);
    assert.deepEqual([found.pairs, found.imageBytes], [1, 5]);
    await assert.rejects(sampleBytes(sourceOf([bad]), 10, 0), { code: "NO_READABLE_SAMPLE" });
  });

  test("are not judged by a fault of the machine", async () => {
    const source = sourceOf([fail("STORAGE_FAILED"), new Uint8Array(5)]);
    await assert.rejects(sampleBytes(source, 10, 0), { code: "STORAGE_FAILED" });
  });
});
