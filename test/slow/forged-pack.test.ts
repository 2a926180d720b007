import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  type ColumnTypes,
  ImageProcessor,
  MultimodalDataset,
  PixtokError,
  packDataset,
  type Texts,
} from "pixtok";
import { epochOf } from "../support/packs.js";
import { changed, imagePaths, root, several, whole } from "../support/packs-to-damage.js";
import { randomIntegers, seed, smallTokenizer } from "../support/pairs.js";
import { programFile, typescript } from "../support/programs.js";

describe("a damaged pack", () => {
  test(`is opened and read, or refused, and never a crash (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    let refused = 0;
    for (let round = 0; round < 100; round += 1) {
      const folder = round % 2 === 0 ? await whole : await several;
      const { copy, name } = changed(folder, random(3), (bytes) => {
        for (let flips = 1 + random(4); flips > 0; flips -= 1) {
          const at = random(random(2) === 0 ? bytes.length : 6000);
          bytes[at] = random(256);
        }
        return bytes;
      });
      if (round % 5 === 0) truncateSync(join(copy, name), 2000 + random(20000));
      try {
        await epochOf(await MultimodalDataset.from(copy));
      } catch (error) {
        refused += 1;
        const isExpected =
          error instanceof PixtokError || error instanceof TypeError || error instanceof RangeError;
        assert.ok(isExpected, String(error));
      }
      rmSync(copy, { recursive: true });
    }
    assert.ok(refused > 10, `${refused} of 100`);
  });
});

describe("a forged pack, whose checksums are right", () => {
  const columns = {
    label: "int64",
    box: { type: "float32", shape: [4] },
    url: "string",
    meta: "json",
  } as const;
  for (const [kind, texts, own] of [
    ["one text an image", ["a", "b", "c"], {}],
    ["several texts an image", [["a"], ["b", "d"], ["c"]], {}],
    ["columns", ["a", "b", "c"], columns],
  ] as [string, Texts[], ColumnTypes][]) {
    test(`of ${kind} never costs more memory than its files are worth`, {
      timeout: 300_000,
    }, async () => {
      const folder = join(root, kind);
      const dataset = new MultimodalDataset({
        source: {
          length: 3,
          get: (index) => ({
            image: imagePaths[index] as string,
            text: texts[index] as Texts,
            columns: { label: index, box: [1, 2, 3, 4], url: "a", meta: [index] },
          }),
        },
        columns: own,
        tokenizer: await smallTokenizer(),
        image: new ImageProcessor({ resize: { width: 2, height: 2 } }),
        onMultipleTexts: kind.startsWith("several") ? "random" : "first",
      });
      await packDataset(dataset, folder);
      const program = programFile("test/support/forged-packs.mjs");
      // columns have heads of several times the size
      const wrong = kind === "columns" ? [0x7fffffff, 16] : [0x0fffffff, 0x7fffffff, -1, 0, 16, 64];
      const values = wrong.map((value) => String(value >>> 0));
      const node = ["--max-old-space-size=256", ...typescript, program, folder, ...values];
      const output = await new Promise<string>((resolve, reject) => {
        execFile(process.execPath, node, (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`code ${error.code}, ${error.signal}: ${stderr.slice(-2000)}`));
        });
      });
      const { refused, ok } = JSON.parse(output);
      assert.equal(ok, true);
      assert.ok(refused > 150, `${refused} refused`);
    });
  }
});
