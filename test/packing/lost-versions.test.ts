// What becomes of a set of several versions that loses files, or its index, and how it is mended.

import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { attestPack, missingParts, openSource, packDataset, verifyPack } from "pixtok";
import { INDEX_NAME, packedFileName } from "../../src/sources/packed/pack-format.js";
import { missingOf } from "../../src/sources/packed/pack-versions.js";
import {
  append,
  assertRows,
  fileBytes,
  open,
  type Rows,
  refused,
  root,
  rowsFrom,
} from "../support/appended-packs.js";

/** Rows of four versions, of one file, one, two and one. */
const all = [rowsFrom(0, 2), rowsFrom(100, 2), rowsFrom(120, 4), rowsFrom(140, 2)];
const ends = [1, 2, 4, 5];
const others = rowsFrom(160, 2);

const pack = (folder: string, version: number, rows = all[version - 1] as Rows) =>
  packDataset(rows.dataset, folder, { fileBytes, append: version > 1 });

const whole = (async () => {
  const folder = join(root, "of-four");
  for (const version of [1, 2, 3, 4]) await pack(folder, version);
  return folder;
})();

let copies = 0;
/** A copy of some of its first versions. */
async function copied(versions = 4): Promise<string> {
  const folder = join(root, `copy-${copies++}`);
  cpSync(await whole, folder, { recursive: true });
  if (versions === 4) return folder;
  for (let version = 4; version > versions; version -= 1) lose(folder, version);
  rmSync(join(folder, INDEX_NAME));
  await pack(folder, versions);
  return folder;
}

const filesOf = (version: number) => {
  const [first, end] = [ends[version - 2] ?? 0, ends[version - 1] as number];
  return Array.from({ length: end - first }, (_, i) => packedFileName(first + i, end));
};

function lose(folder: string, ...versions: number[]): void {
  for (const name of versions.flatMap(filesOf)) rmSync(join(folder, name));
}

const incomplete = (version: number) =>
  refused("INCOMPLETE_PACK", new RegExp(`files of version ${version} are missing`));

/** Runs the commands that packed some versions. */
async function mend(folder: string, versions: readonly number[]): Promise<void> {
  for (const version of versions) assert.equal((await pack(folder, version)).version, version);
}

describe("a version whose files are all lost", () => {
  for (const [lost, hasIndex] of [
    [[1], true],
    [[2], true],
    [[3], true],
    [[4], true],
    [[1, 2, 3, 4], true],
    [[2, 3], true],
    [[1], false],
    [[2], false],
    [[3], false],
    [[1, 2, 3], false],
  ] as const) {
    const set = `${lost.join(" and ")}, ${hasIndex ? "with" : "without"} the index`;

    test(`is named, and mended by the command that packed it alone (${set})`, async () => {
      const folder = await copied();
      lose(folder, ...lost);
      if (!hasIndex) rmSync(join(folder, INDEX_NAME));
      const [first] = lost;
      await assert.rejects(open(folder), incomplete(first));
      await assert.rejects(append(folder, others), refused("INCOMPLETE_PACK", /by the command/));
      await assert.rejects(pack(folder, 1, others), refused("PACK_MISMATCH", /source.fingerprint/));
      const { problems, missingParts: missing } = await verifyPack(folder, { parts: 1 });
      assert.deepEqual(
        problems.map(({ file, message }) => [file, /version (\d)/.exec(message)?.[1]]),
        lost.map((version) => [null, String(version)]),
      );
      assert.deepEqual([missing, await missingParts(folder, 1)], [[0], [0]]);
      await mend(folder, lost);
      assert.equal((await verifyPack(folder)).ok, true);
      await assertRows(folder, all);
      assert.deepEqual(
        readFileSync(join(folder, INDEX_NAME)),
        readFileSync(join(await whole, INDEX_NAME)),
      );
    });
  }

  test("is mended in any order behind the first", async () => {
    const folder = await copied();
    lose(folder, 2, 3);
    rmSync(join(folder, INDEX_NAME));
    await mend(folder, [3, 2]);
    await assertRows(folder, all);
  });

  for (const [index, code, change] of [
    ["there", "INCOMPLETE_PACK", () => {}],
    ["lost", "INCOMPLETE_PACK", (path: string) => rmSync(path)],
    ["damaged", "INVALID_PACK", (path: string) => writeFileSync(path, "no index")],
  ] as const) {
    test(`is not left out by commands of other versions (index: ${index})`, async () => {
      const folder = await copied();
      lose(folder, 3);
      change(join(folder, INDEX_NAME));
      await mend(folder, [1, 2, 4]);
      await assert.rejects(open(folder), refused(code, /./));
      await mend(folder, [3]);
      await assertRows(folder, all);
    });
  }
});

test("rows whose version is lost, prepared in another way, are refused before anything is written", async () => {
  const folder = await copied(2);
  lose(folder, 1);
  const contents = () =>
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), "base64")]);
  const before = contents();
  await assert.rejects(
    pack(folder, 1, rowsFrom(0, 2, { type: "float32" })),
    refused("PACK_MISMATCH", /columns\.0\.type is "int64" in the pack/),
  );
  assert.deepEqual(contents(), before);
});

describe("a set that has lost a file of its newest version, and its index", () => {
  test("is not opened as the versions before, whatever is run", async () => {
    const folder = await copied(3);
    rmSync(join(folder, filesOf(3)[0] as string));
    rmSync(join(folder, INDEX_NAME));
    for (const version of [1, 2]) await pack(folder, version);
    await assert.rejects(append(folder, others), incomplete(3));
    assert.equal(existsSync(join(folder, INDEX_NAME)), false);
    await assert.rejects(open(folder), incomplete(3));
    await mend(folder, [3]);
    await assertRows(folder, all.slice(0, 3));
  });
});

describe("an index from before a file was packed again, which has become another", () => {
  for (const version of [1, 2, 3]) {
    test(`is written anew by the same command (version ${version})`, async () => {
      const folder = await copied();
      const index = readFileSync(join(folder, INDEX_NAME));
      lose(folder, version);
      const [first, length] = [[0, 100, 120][version - 1] as number, version === 3 ? 4 : 2];
      const shifted = rowsFrom(first, length, { shift: 1 });
      await pack(folder, version, shifted);
      // as where the process was killed before it wrote one
      writeFileSync(join(folder, INDEX_NAME), index);
      await assert.rejects(open(folder), refused("INVALID_PACK", /not what the index says/));
      assert.equal((await pack(folder, version, shifted)).written, 0);
      assert.equal((await open(folder)).length, 10);
      assert.equal((await verifyPack(folder)).ok, true);
    });
  }
});

describe("until all files of a version are there", () => {
  const begun = async () => {
    const folder = await copied(2);
    const part = { index: 0, of: 2 };
    await packDataset((all[2] as Rows).dataset, folder, { fileBytes, append: true, part });
    return folder;
  };

  test("the set is attested as it was", async () => {
    assert.deepEqual((await attestPack(await begun())).differences, []);
  });

  test("the set is opened by patterns of a README as it was", async () => {
    const folder = await begun();
    const card = "---\nconfigs:\n- config_name: default\n  data_files: data-*.arrow\n---\n";
    writeFileSync(join(folder, "README.md"), card);
    assert.equal((await openSource(folder)).length, 4);
    rmSync(join(folder, filesOf(2)[0] as string));
    await assert.rejects(openSource(folder), incomplete(2));
  });

  test("a file of the first version is packed again, and the set is what it was", async () => {
    const folder = await begun();
    lose(folder, 1);
    await mend(folder, [1]);
    await assertRows(folder, all.slice(0, 2));
    await mend(folder, [3]);
    await assertRows(folder, all.slice(0, 3));
  });
});

describe("names of files", () => {
  test("that cannot be all there are counted by their ranges", async () => {
    const folder = await copied();
    const name = `data-00007-of-${2 ** 53 - 1}.arrow`;
    writeFileSync(join(folder, name), "");
    const { problems } = await verifyPack(folder, { quick: true });
    assert.match(problems[0]?.message ?? "", /missing: parts 0-1,3-9007199254740985 of/);
    assert.deepEqual(
      problems.map(({ file }) => file),
      [null, name],
    );
    await assertRows(folder, all);
  });
});

test("of missing parts five ranges are named, and that there are more", () => {
  const [first, end] = [0, 14];
  const lacking = (...missing: number[]) => {
    const there = Array.from({ length: end }, (_, shard) => ({ shard, shards: end }));
    const found = there.filter(({ shard }) => !missing.includes(shard));
    return missingOf([{ number: 1, first, end, found, isAnnounced: true }]);
  };
  assert.deepEqual(lacking(), []);
  assert.deepEqual(lacking(0, 2, 3, 5, 7, 9), [
    "6 of 14 files are missing: parts 0,2-3,5,7,9 of 14",
  ]);
  assert.deepEqual(lacking(0, 2, 3, 5, 7, 9, 11, 13), [
    "8 of 14 files are missing: parts 0,2-3,5,7,9, … of 14",
  ]);
});
