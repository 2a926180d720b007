// What is measured of sets, in processes of their own: that it works. What it comes to is compared in test/slow.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { MultimodalDataset } from "pixtok";
import { measurePackingOf, measureReadingOf } from "../../src/cli/measure-in-process.js";
import { memoryOfReading, morePairsToPack, pairsToPack } from "../../src/cli/measure-packed-set.js";
import { type Growth, valueAt } from "../../src/planning/growth.js";
import { measureReading } from "../../src/planning/measure-reading.js";
import { imagesOfArray } from "../../src/sources/pair-source.js";
import { inChild } from "../support/child.js";
import { fixture } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-measure-"));
after(() => rmSync(folder, { recursive: true }));

const module = (path: string) => new URL(`../../dist/${path}`, import.meta.url).href;
const images = ["png-rgb.png", "jpeg-420.jpg"].map((name) => fixture(`images/${name}`));
const options = { batchSize: 2, shuffle: true, window: 32, threads: 1, seconds: 0 };

describe("reading", () => {
  test("is measured from the first batch on, epoch after epoch", async () => {
    const dataset = await MultimodalDataset.from(imagesOfArray(images), { text: null });
    const { rate, memory } = await measureReading(dataset, options);
    assert.ok(rate > 0 && Number.isFinite(rate));
    assert.ok(memory > 2 ** 20);
  });

  test("of pairs that cannot be read says what is wrong with the first", async () => {
    const missing = imagesOfArray([join(folder, "missing.png")]);
    const dataset = await MultimodalDataset.from(missing, { text: null });
    await assert.rejects(measureReading(dataset, options), {
      code: "NO_READABLE_SAMPLE",
      message: /none of the 1 samples .*missing.png.*no such file/,
    });
  });

  test("in a process of its own tells what is wrong, with its code", async () => {
    const path = join(folder, "wrong.jsonl");
    writeFileSync(path, "{");
    await assert.rejects(measureReadingOf([path], { texts: false }, options), {
      name: "PixtokError",
      code: "INVALID_MANIFEST",
    });
  });
});

describe("opening", () => {
  test("in a process of its own is not held up by one that does not end", async () => {
    const path = join(folder, "one.jsonl");
    writeFileSync(path, JSON.stringify({ image: images[0], text: "a" }));
    const never =
      "process.on('exit',()=>Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0))";
    const given = { texts: false, allowOutsideRoot: true };
    const { value, ended, errors } = await inChild(`
      const { measureOpening } = await import(${JSON.stringify(module("cli/measure-in-process.js"))});
      process.env.NODE_OPTIONS = ${JSON.stringify(`--import "data:text/javascript,${never}"`)};
      return (await measureOpening(${JSON.stringify([path])}, ${JSON.stringify(given)})).pairs;
    `);
    assert.deepEqual([value, ended, errors], [1, 0, ""]);
  });
});

describe("packing", () => {
  const source = [join(folder, "pairs.jsonl")];
  writeFileSync(
    source[0] as string,
    images.map((image) => JSON.stringify({ image, text: "a" })).join("\n"),
  );
  const given = { texts: false, allowOutsideRoot: true } as const;
  const ofPacking = { fileBytes: undefined, threads: 1 };

  test("a sample over and over in a process of its own gives a set of so many pairs", async () => {
    const packed = join(folder, "packed");
    const sample = { samples: 1, seed: 0, pairs: 5 };
    const options = { ...ofPacking, folder: packed };
    const { pairs, seconds, perPair } = await measurePackingOf(source, given, 8, sample, options);
    assert.equal(pairs, 5);
    assert.ok(perPair > 0 && 5 * perPair < seconds);
    const set = await MultimodalDataset.from(packed, { text: null });
    assert.match(set.description, /^packed set, 5 pairs of 8x8 in 1 files/);
  });

  test("a whole set packs each of its pairs once", async () => {
    const options = { ...ofPacking, folder: join(folder, "whole") };
    const { pairs } = await measurePackingOf(source, given, 8, null, options);
    assert.equal(pairs, images.length);
  });
});

describe("pairs that are packed to see how long that takes", () => {
  test("are as many as take six seconds, and at least the sample", () => {
    assert.equal(pairsToPack(10, 1e6, { pairs: 100, seconds: 0.5 }), 1200);
    assert.equal(pairsToPack(2000, 1e6, { pairs: 100, seconds: 0.5 }), 2000);
  });

  test("are more where they took less than half of the time, and there is room", () => {
    assert.equal(morePairsToPack(5000, 1e6, { pairs: 5000, seconds: 2 }), 15_000);
    assert.equal(morePairsToPack(5000, 8000, { pairs: 5000, seconds: 2 }), 8000);
    assert.equal(morePairsToPack(5000, 1e6, { pairs: 5000, seconds: 3 }), 0);
    assert.equal(morePairsToPack(5000, 5000, { pairs: 5000, seconds: 0.1 }), 0);
  });

  test("are at least twice as many where each took longer than the last time", () => {
    assert.equal(morePairsToPack(5000, 1e6, { pairs: 5000, seconds: 2.9 }), 10_345);
    assert.equal(morePairsToPack(5000, 1e6, { pairs: 4000, seconds: 2.9 }), 10_000);
  });

  test("are no more than there is room for, however many samples are asked for", () => {
    assert.equal(pairsToPack(1e6, 5000, { pairs: 256, seconds: 0.01 }), 5000);
    assert.equal(pairsToPack(10, 0, { pairs: 8, seconds: 1 }), 1);
  });
});

describe("the memory of a process that reads a packed set", () => {
  // of sets that are only opened: 50 and 2 a pair, or with an index 80 and 1
  const few: Growth = { pairs: 100, value: 250, perPair: 2 };
  const many: Growth = { pairs: 1000, value: 1080, perPair: 1 };

  test("is what reading takes, and what is kept of as many pairs, with an index or without", () => {
    const memory = memoryOfReading(10, 570, few, many, 500); // 500 for reading
    const at = [10, 500, 501, 2000].map((pairs) => valueAt(memory, pairs));
    assert.deepEqual(at, [570, 1550, 1081, 2580]);
  });

  test("is the same where a set with an index was read", () => {
    const memory = memoryOfReading(600, 1180, few, many, 500);
    const at = [10, 500, 501, 600, 2000].map((pairs) => valueAt(memory, pairs));
    assert.deepEqual(at, [570, 1550, 1081, 1180, 2580]);
  });

  test("is known of the set alone that was read where it is not known how it grows", () => {
    const memory = memoryOfReading(10, 570, { ...few, perPair: null }, many, 500);
    assert.deepEqual([valueAt(memory, 10), valueAt(memory, 600)], [570, null]);
  });
});
