import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { openParquet, PixtokError } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { randomIntegers, seed } from "../support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-parquet-"));
after(() => rmSync(root, { recursive: true }));
const context = { seed: 0, epoch: 0 };
const file = (name: string) => fixture(`parquet/${name}.parquet`);

interface ExpectedRow {
  image: string | null;
  path: string | null;
  text: string | string[];
  id: string;
  problem?: string;
}

const expected = JSON.parse(readFileSync(fixture("parquet/expected.json"), "utf8")) as Record<
  string,
  ExpectedRow[]
>;
const whole = Object.keys(expected).filter((name) => !/^(odd|other-columns|empty)/.test(name));

describe("a damaged Parquet file", () => {
  test(`gives rows or errors, never a crash (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    let errors = 0;
    for (let round = 0; round < 400; round += 1) {
      const name = whole[random(whole.length)] as string;
      const bytes = readFileSync(file(name));
      for (let flips = 1 + random(3); flips > 0; flips -= 1) {
        // the footer and the heads of pages are where it hurts
        const at = random(2) === 0 ? random(bytes.length) : bytes.length - 1 - random(1500);
        bytes[Math.max(0, at)] = random(256);
      }
      const path = join(root, "damaged.parquet");
      writeFileSync(path, random(8) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes);
      try {
        const source = await openParquet(path, { imageColumn: undefined } as never);
        for (let i = 0; i < Math.min(10, source.length); i += 1) await source.get(i, context);
      } catch (error) {
        errors += 1;
        assert.ok(error instanceof PixtokError, (error as Error).stack);
        assert.equal(error.code, "INVALID_PARQUET");
      }
    }
    assert.ok(errors > 50, `${errors} of 400`);
  });
});
