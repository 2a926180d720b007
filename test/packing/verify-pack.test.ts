import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  ImageProcessor,
  MultimodalDataset,
  PixtokError,
  packDataset,
  type Texts,
  verifyPack,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { allImages, epochOf } from "../support/packs.js";
import { randomIntegers, seed, smallTokenizer } from "../support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-verify-"));
after(() => rmSync(root, { recursive: true }));

const imagePaths = allImages().slice(0, 40);
const IMAGE = 3 * 24 * 16;

async function pack(name: string, texts: Texts[]): Promise<string> {
  const folder = join(root, name);
  const dataset = new MultimodalDataset({
    imagePaths,
    texts,
    tokenizer: await smallTokenizer(),
    image: new ImageProcessor({ resize: { width: 24, height: 16 } }),
    onMultipleTexts: Array.isArray(texts[0]) ? "random" : "first",
  });
  await packDataset(dataset, folder, { shardBytes: 16 * IMAGE });
  return folder;
}

const whole = pack(
  "whole",
  imagePaths.map((_, i) => `image ${i}`),
);
const several = pack(
  "several",
  imagePaths.map((_, i) => [`image ${i}`, "another text"]),
);

const shardsOf = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".arrow"));

/** A copy of a pack whose file `shard` is changed. */
function changed(
  folder: string,
  shard: number,
  change: (bytes: Buffer) => Buffer,
): { copy: string; name: string } {
  const copy = mkdtempSync(join(root, "copy-"));
  mkdirSync(copy, { recursive: true });
  for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(copy, name));
  const name = shardsOf(folder)[shard] as string;
  writeFileSync(join(copy, name), change(readFileSync(join(folder, name))));
  return { copy, name };
}

describe("pixtok verify", () => {
  test("finds nothing wrong with what was packed, and tells of its progress", async () => {
    for (const folder of [await whole, await several]) {
      const progress: number[] = [];
      const report = await verifyPack(folder, { onProgress: (done) => progress.push(done) });
      assert.deepEqual(report, { ok: true, files: 3, pairs: 40, problems: [] });
      assert.equal(progress.at(-1), 40);
    }
  });

  test(`finds any flipped bit, and names its file (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    const folder = await whole;
    for (let round = 0; round < 150; round += 1) {
      const shard = random(3);
      let at = -1;
      const { copy, name } = changed(folder, shard, (bytes) => {
        // half of them among what comes before the images
        at = random(round % 2 === 0 ? bytes.length : 4000);
        bytes[at] = (bytes[at] as number) ^ (1 << random(8));
        return bytes;
      });
      const { ok, problems } = await verifyPack(copy);
      assert.equal(ok, false, `byte ${at} of ${name}`);
      // one file may be told to be the odd one among others that agree
      assert.ok(
        problems.some(({ file }) => file === name) || shard === 0,
        `byte ${at}: ${JSON.stringify(problems)}`,
      );
      rmSync(copy, { recursive: true });
    }
  });

  test("names the rows that a flipped bit is in", async () => {
    const folder = await whole;
    const { copy, name } = changed(folder, 1, (bytes) => {
      const at = bytes.length - 5000;
      bytes[at] = (bytes[at] as number) ^ 1;
      return bytes;
    });
    const { problems } = await verifyPack(copy);
    assert.deepEqual(problems, [{ file: name, rows: [0, 15], message: "the checksum differs" }]);
  });

  test("finds files that are cut short, longer, swapped, empty, missing or no Arrow", async () => {
    const folder = await whole;
    const [first = ""] = shardsOf(folder);
    const cases: [(bytes: Buffer) => Buffer, RegExp][] = [
      [(bytes) => bytes.subarray(0, bytes.length - 8), /end of the file is not what it should be/],
      [(bytes) => bytes.subarray(0, bytes.length - 1000), /it ends early, among rows 0 to 15/],
      [(bytes) => bytes.subarray(0, 100), /its beginning is damaged/],
      [(bytes) => Buffer.concat([bytes, Buffer.alloc(3)]), /end of the file is not/],
      [() => Buffer.alloc(0), /the file is empty/],
      [
        () => Buffer.from("this is no Arrow file at all"),
        /pixtok has not packed this file, or its beginning is damaged/,
      ],
      [() => readFileSync(join(folder, first)), /shard is 0 in the pack, and 1 is asked for/],
    ];
    for (const [change, message] of cases) {
      const { copy, name } = changed(folder, 1, change);
      const { problems } = await verifyPack(copy);
      assert.ok(
        problems.some((problem) => problem.file === name && message.test(problem.message)),
        `${message}: ${JSON.stringify(problems)}`,
      );
    }
    const { copy, name } = changed(folder, 1, (bytes) => bytes);
    rmSync(join(copy, name));
    const { problems } = await verifyPack(copy);
    assert.equal(problems[0]?.file, null);
    assert.match(problems[0]?.message ?? "", /1 of 3 files are missing: 1/);
  });
});

describe("a damaged pack", () => {
  test(`is opened and read, or refused, and never a crash (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    let refused = 0;
    for (let round = 0; round < 200; round += 1) {
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
    assert.ok(refused > 20, `${refused} of 200`);
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
      const program = fileURLToPath(new URL("../support/forged-packs.mjs", import.meta.url));
      const values = [0x0fffffff, 0x7fffffff, 0xffffffff, 0, 16, 64].map(String);
      const node = ["--max-old-space-size=256", "--import", "tsx", program, folder, ...values];
      const output = await new Promise<string>((resolve, reject) => {
        execFile(process.execPath, node, (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`code ${error.code}, ${error.signal}: ${stderr.slice(-2000)}`));
        });
      });
      const { refused, ok } = JSON.parse(output);
      assert.equal(ok, true);
      assert.ok(refused > 500, `${refused} refused`);
    });
  }
});

describe("a folder that is no packed set", () => {
  test("is told so, and never to delete anything", async () => {
    const saved = join(root, "saved");
    mkdirSync(saved);
    // what Dataset.save_to_disk() of Hugging Face's datasets 4 writes, in as far as it matters here
    copyFileSync(fixture("save-to-disk.arrow"), join(saved, "data-00000-of-00001.arrow"));
    writeFileSync(join(saved, "state.json"), "{}");
    const texts = join(root, "texts");
    mkdirSync(texts);
    writeFileSync(join(texts, "a.txt"), "a text");
    for (const [folder, message] of [
      [saved, /save_to_disk\(\) of Hugging Face wrote this file; Dataset.to_parquet\(\)/],
      [texts, /there is no file that pixtok packed in this folder/],
    ] as const) {
      const { ok, files, problems } = await verifyPack(folder);
      assert.deepEqual({ ok, files, count: problems.length }, { ok: false, files: 0, count: 1 });
      assert.match(problems[0]?.message ?? "", message);
      assert.doesNotMatch(problems[0]?.message ?? "", /delete/);
    }
    await assert.rejects(MultimodalDataset.from(saved), (error) => {
      assert.ok(error instanceof PixtokError);
      assert.equal(error.code, "UNKNOWN_SOURCE");
      assert.match(error.message, /to_parquet/);
      assert.doesNotMatch(error.message, /delete/);
      return true;
    });
  });

  test("has no advice for pixtok verify in pixtok verify's report", async () => {
    const { copy } = changed(await whole, 0, (bytes) => bytes.subarray(0, bytes.length - 900));
    const { problems } = await verifyPack(copy);
    assert.doesNotMatch(JSON.stringify(problems), /pixtok verify/);
  });
});
