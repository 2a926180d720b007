import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { packDataset, verifyPack } from "pixtok";
import { readPackedFileMetadata } from "../../src/sources/packed/pack-format.js";
import { fixture } from "../support/fixtures.js";
import { changed, packedFilesOf, root, several, whole } from "../support/packs-to-damage.js";
import { numberedDataset, randomIntegers, seed } from "../support/pairs.js";

test("metadata that give images another size than their processor makes are damaged", async () => {
  const folder = await whole;
  const file = readFileSync(join(folder, packedFilesOf(folder)[0] as string), "latin1");
  const start = file.indexOf('{"config":');
  const text = file.slice(start, file.indexOf("}}", file.indexOf('"versions":', start)) + 2);
  const read = (json: string) => readPackedFileMetadata(new Map([["pixtok", json]]), "a.arrow");
  assert.deepEqual(read(text).config.size, { width: 24, height: 16 });
  const forged = text.replace('"resize":{"width":24,', '"resize":{"width":25,');
  assert.throws(() => read(forged), {
    code: "INVALID_PACK",
    message: /its metadata are damaged: size: expected 25x16, as its processor makes, got "24x16"/,
  });
});

describe("pixtok verify", () => {
  test("of a file, or of what is below one, says that a folder was expected", async () => {
    const folder = await whole;
    const file = join(folder, packedFilesOf(folder)[0] as string);
    await assert.rejects(verifyPack(file), {
      code: "FILE_NOT_FOUND",
      source: file,
      reason: "this is a file, and a folder was expected",
      message: /\(give a folder, such as the one that it is in\)$/,
    });
    await assert.rejects(verifyPack(join(file, "none")), { reason: "no such file" });
  });

  test("finds nothing wrong with what was packed, and reports its progress", async () => {
    for (const folder of [await whole, await several]) {
      const progress: number[] = [];
      const report = await verifyPack(folder, { onProgress: (done) => progress.push(done) });
      assert.deepEqual(report, { ok: true, files: 3, pairs: 40, problems: [] });
      assert.equal(progress.at(-1), 40);
    }
  });

  test("leaves no file mapped", {
    skip: process.platform !== "linux" && "wants /proc",
  }, async () => {
    const folder = await whole;
    for (const quick of [false, true]) await verifyPack(folder, { quick });
    const maps = readFileSync("/proc/self/maps", "utf8").split("\n");
    assert.deepEqual(
      maps.filter((line) => line.includes(folder)),
      [],
    );
  });

  test(`finds any flipped bit, and names its file (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    const folder = await whole;
    for (let round = 0; round < 60; round += 1) {
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
      // one file may be the odd one among others that agree
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

  test("counts the rows of a file on from one part of it to the next", async () => {
    const folder = mkdtempSync(join(root, "rows-"));
    await packDataset(await numberedDataset(300), folder); // a part of a file has 256 rows at most
    const { copy, name } = changed(folder, 0, (bytes) => {
      const at = bytes.length - 100;
      bytes[at] = (bytes[at] as number) ^ 1;
      return bytes;
    });
    const { problems } = await verifyPack(copy);
    assert.deepEqual(problems, [{ file: name, rows: [256, 299], message: "the checksum differs" }]);
  });

  test("ends at a signal between two files, with its reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const read: number[] = [];
    const verifying = verifyPack(await whole, {
      signal: controller.signal,
      onProgress: (done, of) => {
        if (of !== 40) return;
        read.push(done);
        controller.abort(reason);
      },
    });
    await assert.rejects(verifying, reason);
    assert.equal(read.at(-1), 16);
  });

  test("finds files that are cut short, longer, swapped, empty, missing or no Arrow", async () => {
    const folder = await whole;
    const [first = ""] = packedFilesOf(folder);
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
    assert.match(problems[0]?.message ?? "", /1 of 3 files are missing: part 1 of 3/);
  });
});

describe("a folder that is no packed set", () => {
  test("is reported, without advice to delete anything", async () => {
    const saved = join(root, "saved");
    mkdirSync(saved);
    // what Dataset.save_to_disk() of Hugging Face's datasets 4 writes, in as far as it matters here
    copyFileSync(fixture("save-to-disk.arrow"), join(saved, "data-00000-of-00001.arrow"));
    writeFileSync(join(saved, "state.json"), "{}");
    const texts = join(root, "texts");
    mkdirSync(texts);
    writeFileSync(join(texts, "a.txt"), "a text");
    for (const [folder, message] of [
      [saved, /save_to_disk\(\) of Hugging Face wrote this file, which is of no packed set/],
      [texts, /there is no file that pixtok packed in this folder/],
    ] as const) {
      const { ok, files, problems } = await verifyPack(folder);
      assert.deepEqual({ ok, files, count: problems.length }, { ok: false, files: 0, count: 1 });
      assert.match(problems[0]?.message ?? "", message);
      assert.doesNotMatch(problems[0]?.message ?? "", /delete/);
    }
  });

  test("has no advice for pixtok verify in pixtok verify's report", async () => {
    const { copy } = changed(await whole, 0, (bytes) => bytes.subarray(0, bytes.length - 900));
    const { problems } = await verifyPack(copy);
    assert.doesNotMatch(JSON.stringify(problems), /pixtok verify/);
  });
});
