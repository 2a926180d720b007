// What is measured of sets, in processes of their own: that it works. What it comes to is compared in test/slow.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { MultimodalDataset } from "pixtok";
import { measureReadingOf } from "../../src/cli/measure-in-process.js";
import { morePairsToPack, pairsToPack } from "../../src/cli/measure-set.js";
import { measureReading } from "../../src/planning/measure-reading.js";
import { imagesOfArray } from "../../src/sources/pair-source.js";
import { fixture } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-measure-"));
after(() => rmSync(folder, { recursive: true }));

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

describe("pairs that are packed to see how long that takes", () => {
  test("are as many as take three seconds, and at least the sample", () => {
    assert.equal(pairsToPack(10, 1e6, { pairs: 100, seconds: 0.5 }), 600);
    assert.equal(pairsToPack(1000, 1e6, { pairs: 100, seconds: 0.5 }), 1000);
  });

  test("are more where they took less than half of the time, and there is room", () => {
    assert.equal(morePairsToPack(5000, 1e6, { pairs: 5000, seconds: 1 }), 15_000);
    assert.equal(morePairsToPack(5000, 8000, { pairs: 5000, seconds: 1 }), 8000);
    assert.equal(morePairsToPack(5000, 1e6, { pairs: 5000, seconds: 1.5 }), 0);
    assert.equal(morePairsToPack(5000, 5000, { pairs: 5000, seconds: 0.1 }), 0);
  });

  test("come to an end where most of them are bad", () => {
    assert.equal(morePairsToPack(5000, 1e6, { pairs: 1, seconds: 1 }), 10_000);
  });

  test("are no more than there is room for, however many samples are asked for", () => {
    assert.equal(pairsToPack(1e6, 5000, { pairs: 256, seconds: 0.01 }), 5000);
    assert.equal(pairsToPack(10, 0, { pairs: 8, seconds: 1 }), 1);
  });
});
