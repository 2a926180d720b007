import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ImageProcessor, MultimodalDataset, PixtokError, packDataset, type Texts } from "pixtok";
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
  for (const [kind, texts] of [
    ["one text an image", ["a", "b", "c"]],
    ["several texts an image", [["a"], ["b", "d"], ["c"]]],
  ] as [string, Texts[]][]) {
    test(`of ${kind} never costs more memory than its files are worth`, {
      timeout: 300_000,
    }, async () => {
      const folder = join(root, kind);
      const dataset = new MultimodalDataset({
        imagePaths: imagePaths.slice(0, 3),
        texts,
        tokenizer: await smallTokenizer(),
        image: new ImageProcessor({ resize: { width: 2, height: 2 } }),
        onMultipleTexts: kind.startsWith("several") ? "random" : "first",
      });
      await packDataset(dataset, folder);
      const program = programFile("test/support/forged-packs.mjs");
      const values = [0x0fffffff, 0x7fffffff, 0xffffffff, 0, 16, 64].map(String);
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
