// Packed sets of two sizes like a packed set, whose openings are timed.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ImageProcessor, MultimodalDataset, openSource, packDataset } from "pixtok";
import { growPacks, type PacksLike } from "../../src/planning/grown-packs.js";
import { imagesOfArray } from "../../src/sources/pair-source.js";
import { fixture } from "../support/fixtures.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-grown-packs-"));
after(() => rmSync(root, { recursive: true }));
const PAIRS = 3;
const INDEX = "pixtok.index";

describe("sets like a packed one", () => {
  let made: PacksLike;
  before(async () => {
    const pairs = imagesOfArray(Array(PAIRS).fill(fixture("images/png-rgb.png")));
    const image = new ImageProcessor({ resize: { width: 8, height: 8 } });
    const packed = join(root, "packed");
    await packDataset(await MultimodalDataset.from(pairs, { image, text: null }), packed);
    made = await growPacks(packed, "data-00000-of-00001.arrow", root);
  });

  test("open, and have the pairs that they say, the larger four times as many", async () => {
    for (const [small, large] of [made.few, made.many]) {
      for (const { folder, pairs } of [small, large]) {
        const { length } = await openSource(folder, { texts: false });
        assert.equal(length, pairs);
      }
      assert.equal(large.pairs, 4 * small.pairs);
    }
  });

  test("of few files have all of them, and no index", () => {
    const [small, large] = made.few.map(({ folder }) => readdirSync(folder));
    assert.deepEqual([small?.length, large?.length], [16, 64]);
    assert.ok(!large?.includes(INDEX));
  });

  test("of many files have an index of 8 and 32 MiB, and the two files that opening looks at", () => {
    for (const [{ folder, pairs }, size] of [
      [made.many[0], 2 ** 23],
      [made.many[1], 2 ** 25],
    ] as const) {
      const files = pairs / PAIRS;
      const names = ["00000", `${files - 1}`].map((shard) => `data-${shard}-of-${files}.arrow`);
      assert.deepEqual(readdirSync(folder).sort(), [...names, INDEX].sort());
      assert.ok(Math.abs(statSync(join(folder, INDEX)).size / size - 1) < 0.01);
    }
  });
});
