// verifyPack without the bytes between the ends of files, its counts, the lock, and parts to run again.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { missingParts, type PackReport, verifyPack } from "pixtok";
import { partCounter } from "../../src/packing/missing-parts.js";
import { packLayout } from "../../src/packing/pack-layout.js";
import { countProblems, sharedMetadata } from "../../src/packing/verify-pack.js";
import { folderPlace } from "../../src/sources/packed/folder-place.js";
import { indexOfFiles } from "../../src/sources/packed/index-of-files.js";
import { readPackedEnds } from "../../src/sources/packed/packed-ends.js";
import { changed, packedFilesOf, root, whole } from "../support/packs-to-damage.js";
import { fc } from "../support/properties.js";
import { savePackIndex } from "../support/save-index.js";

const LOCK = "pixtok.lock.json";
const quickly = (folder: string) => verifyPack(folder, { quick: true });

function found({ problems }: PackReport): [string | null, string][] {
  return problems.map(({ file, message }) => [file, message]);
}

describe("verifyPack with quick", () => {
  test("finds nothing wrong with what was packed, and counts files", async () => {
    const progress: number[][] = [];
    const report = await verifyPack(await whole, {
      quick: true,
      onProgress: (done, total) => progress.push([done, total]),
    });
    assert.deepEqual(report, { ok: true, files: 3, pairs: 40, problems: [] });
    assert.deepEqual(progress, [
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  test("keeps one configuration of a set, and not one for each file", async () => {
    const folder = await whole;
    const heads = await Promise.all(
      packedFilesOf(folder).map((name) => readPackedEnds(join(folder, name))),
    );
    const kept = heads.map(sharedMetadata());
    assert.deepEqual(kept, heads);
    assert.equal(new Set(heads.map(({ metadata }) => metadata.config)).size, heads.length);
    assert.equal(new Set(kept.map(({ metadata }) => metadata.config)).size, 1);
    assert.equal(new Set(kept.map(({ metadata }) => metadata.versions)).size, 1);
  });

  test("does not read what is between the ends of a file", async () => {
    const { copy } = changed(await whole, 1, (bytes) => {
      const at = bytes.length - 5000;
      bytes[at] = (bytes[at] as number) ^ 1;
      return bytes;
    });
    assert.equal((await quickly(copy)).ok, true);
    assert.equal((await verifyPack(copy)).ok, false);
  });

  for (const [what, change, message] of [
    ["cut short", (bytes) => bytes.subarray(0, -8), /^it has \d+ bytes, and should have \d+$/],
    ["longer", (bytes) => Buffer.concat([bytes, Buffer.alloc(3)]), /^it has \d+ bytes, and should/],
    [
      "overwritten at its end",
      (bytes) => bytes.fill(7, bytes.length - 8),
      /^the end of the file is not what/,
    ],
    ["overwritten in its schema", (bytes) => bytes.fill(7, 200, 300), /its beginning is damaged/],
    ["empty", () => Buffer.alloc(0), /pixtok has not packed this file/],
    ["of another program", () => Buffer.from("no Arrow at all"), /pixtok has not packed this file/],
  ] as [string, (bytes: Buffer) => Buffer, RegExp][]) {
    test(`names a file that is ${what}`, async () => {
      const { copy, name } = changed(await whole, 1, change);
      const [[file, said] = [null, ""], ...others] = found(await quickly(copy));
      assert.deepEqual([file, others], [name, []]);
      assert.match(said, message);
    });
  }

  test("names a file that has the place of another one", async () => {
    const folder = await whole;
    const first = join(folder, packedFilesOf(folder)[0] as string);
    const { copy, name } = changed(folder, 1, () => readFileSync(first));
    assert.deepEqual(found(await quickly(copy)), [
      [name, "shard is 0 in the pack, and 1 is asked for"],
    ]);
  });
});

describe("verifyPack, quick or not,", () => {
  for (const quick of [true, false]) {
    test(`holds files to the lock that they were packed with (quick: ${quick})`, async () => {
      const { copy, name } = changed(await whole, 0, (bytes) => bytes);
      writeFileSync(join(copy, LOCK), `${readFileSync(join(copy, LOCK), "utf8")}\n`);
      const message = `it is not the lock that ${name} was packed with`;
      assert.deepEqual(found(await verifyPack(copy, { quick })), [[LOCK, message]]);
      rmSync(join(copy, LOCK));
      assert.deepEqual(found(await verifyPack(copy, { quick })), [[LOCK, "no such file"]]);
    });
  }

  test("finds more rows than there were pairs, and another number of files than these are", async () => {
    const { copy, name } = changed(await whole, 2, (bytes) => bytes);
    const { messages, metadata } = await readPackedEnds(join(copy, name));
    assert.equal(
      messages.reduce((sum, { rows }) => sum + rows, 0),
      8,
    );
    const of = (pairs: number, shardPairs: number) => {
      const config = { ...metadata.config, shardPairs, source: { pairs, fingerprint: null } };
      return [...countProblems({ messages, metadata: { ...metadata, config } })];
    };
    assert.deepEqual(of(40, 16), []);
    assert.deepEqual(of(39, 16), ["it has 8 rows of 7 pairs"]);
    assert.deepEqual(of(60, 16), ["it is one of 3 files, and 60 pairs are 4"]);
  });
});

describe("parts to run again", () => {
  test("are those that have a missing file, of as many as are named", async () => {
    const { copy, name } = changed(await whole, 1, (bytes) => bytes);
    const missing = async (parts: number) =>
      (await verifyPack(copy, { quick: true, parts })).missingParts;
    assert.deepEqual(await missing(3), []);
    rmSync(join(copy, name));
    assert.deepEqual(await missing(3), [1]);
    assert.deepEqual(await missing(2), [1]);
    assert.deepEqual(await missing(1), [0]);
  });

  test("are all where no file says how many there are", async () => {
    const empty = join(mkdtempSync(join(root, "empty-")), "packed");
    mkdirSync(empty);
    const report = await verifyPack(empty, { parts: 3 });
    assert.deepEqual([report.ok, report.missingParts], [false, [0, 1, 2]]);
  });

  test("bring a set to its end, whichever files are missing: they pack those, and no part without one", () => {
    const sets = fc.record({
      there: fc
        .array(fc.boolean(), { minLength: 1, maxLength: 30 })
        .filter((one) => one.includes(true)),
      of: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(sets, ({ there, of }) => {
        const shards = there.length;
        const files = there.flatMap((isThere, shard) => (isThere ? [{ shard, shards }] : []));
        const layout = packLayout(shards, 1, 1);
        const counter = partCounter([shards], of);
        for (const file of files) counter.add(file);
        const parts = counter.missing().parts.map((part) => layout.part(part, of));
        for (const part of parts) assert.ok(part.some((file) => !there[file]));
        const packed = new Set(parts.flat());
        for (const [file, isThere] of there.entries()) assert.ok(isThere || packed.has(file));
      }),
    );
  });

  test("are those of the first version that is not whole", () => {
    const sets = fc.record({
      versions: fc.array(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }).filter((one) => one.includes(true)),
        { minLength: 1, maxLength: 4 },
      ),
      of: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(sets, ({ versions, of }) => {
        const ends = versions.map((_, place) => versions.slice(0, place + 1).flat().length);
        const counter = partCounter(ends, of);
        for (const [place, there] of versions.entries()) {
          const [first, shards] = [ends[place - 1] ?? 0, ends[place] as number];
          for (const [file, isThere] of there.entries()) {
            if (isThere) counter.add({ shard: first + file, shards });
          }
        }
        const unfinished = versions.find((there) => there.includes(false)) ?? [];
        const { part } = packLayout(unfinished.length, 1, 1);
        const parts = Array.from({ length: of }, (_, index) => index);
        const missing = parts.filter((index) => part(index, of).some((file) => !unfinished[file]));
        const { version, parts: counted } = counter.missing();
        assert.deepEqual(counted, missing);
        const place = versions.indexOf(unfinished);
        assert.equal(version, place === -1 ? versions.length : place + 1);
      }),
    );
  });

  test("are told by the index where all files of a version are gone, and by names where it is damaged", async () => {
    const { copy } = changed(await whole, 1, (bytes) => bytes);
    const found = packedFilesOf(copy).map((name) => ({ name }));
    await savePackIndex(copy, await indexOfFiles(folderPlace(copy), found));
    for (const { name } of found) rmSync(join(copy, name));
    assert.deepEqual(await missingParts(copy, 5), [1, 3, 4]);
    writeFileSync(join(copy, "pixtok.index"), "no index");
    assert.deepEqual(await missingParts(copy, 5), [0, 1, 2, 3, 4]);
  });

  test("are asked for by a number of parts", async () => {
    await assert.rejects(verifyPack(await whole, { parts: 0 }), /parts: expected an integer/);
    await assert.rejects(missingParts(await whole, 0), /of: expected an integer/);
    const many = /^RangeError: parts: expected an integer from 1 to 16777216, got 1000000000000$/;
    await assert.rejects(verifyPack(await whole, { parts: 1e12 }), many);
    await assert.rejects(missingParts(await whole, 1e12), many);
    await assert.rejects(missingParts(join(root, "none"), 1), { code: "FILE_NOT_FOUND" });
  });
});
