// Where an index is kept: beside its file, or in the cache where it cannot stand there.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { RemoteSettings } from "../../src/remote/remote-options.js";
import { keptIndex, wrongIndex } from "../../src/sources/kept-index.js";
import { onWindows } from "../support/fixtures.js";
import { newFolder } from "../support/remote-sets.js";

/** A file, and the index of it that is kept: a text, of which "bad" is one that does not hold. */
function indexed(folder = newFolder(), cacheDir = newFolder()) {
  const path = join(folder, "rows.csv");
  writeFileSync(path, "");
  const beside = `${path}.idx`;
  const settings = { cacheDir, cacheBytes: 2 ** 20 } as RemoteSettings;
  const of = (name: string, key: readonly unknown[] = ["rows"]) =>
    keptIndex(
      { path: name, name },
      {
        ...{ magic: "test ", key },
        beside: (path: string) => `${path}.idx`,
        async parse({ size, read }) {
          const text = (await read(0, size)).bytes.toString();
          return text.startsWith("test ") && !text.includes("bad") ? text : undefined;
        },
      },
      settings,
    );
  const copies = join(cacheDir, "copies");
  return { folder, path, beside, of, kept: of(path), isCached: () => existsSync(copies) };
}

/** No link of a name is made while a test runs, for a reason that the system gives. */
function linksFail(t: TestContext, name: string, code: string, before = () => {}): void {
  const { link } = files;
  t.mock.method(files, "link", async (from: string, to: string) => {
    if (to !== name) return link(from, to);
    before();
    throw Object.assign(new Error(code), { code });
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.reset();
    syncBuiltinESMExports();
  });
}

const bytes = (text: string) => Buffer.from(text);

describe("an index beside its file", () => {
  test("is kept, found again, and not replaced by another that comes later", async () => {
    const { kept, beside, folder, isCached } = indexed();
    assert.equal(await kept.find(), undefined);
    assert.equal(await kept.keep(bytes("test one")), "test one");
    assert.equal(await kept.keep(bytes("test two")), "test one");
    assert.equal(await kept.find(), "test one");
    assert.equal(readFileSync(beside, "utf8"), "test one");
    assert.deepEqual(readdirSync(folder).sort(), ["rows.csv", "rows.csv.idx"]);
    assert.equal(isCached(), false);
  });

  for (const [what, content] of [
    ["does not hold", "test bad"],
    ["is cut short", "tes"],
    ["is empty", ""],
  ] as const) {
    test(`is replaced where it ${what}`, async () => {
      const { kept, beside } = indexed();
      writeFileSync(beside, content);
      assert.equal(await kept.keep(bytes("test one")), "test one");
      assert.equal(readFileSync(beside, "utf8"), "test one");
    });
  }

  test("is replaced where it seems to hold, and proved damaged", async () => {
    const { kept, beside, folder } = indexed();
    await kept.keep(bytes("test one"));
    assert.equal(await kept.keep(bytes("test two"), true), "test two");
    assert.equal(readFileSync(beside, "utf8"), "test two");
    assert.equal(readdirSync(folder).length, 2);
  });

  test("is kept where the file system has no hard links", async (t) => {
    const { kept, beside, folder } = indexed();
    linksFail(t, beside, "EPERM");
    assert.equal(await kept.keep(bytes("test one")), "test one");
    assert.equal(readFileSync(beside, "utf8"), "test one");
    assert.equal(readdirSync(folder).length, 2);
  });

  test("takes away what killed processes left more than an hour ago, and nothing else", async () => {
    const { kept, folder } = indexed();
    const [old, young] = ["a", "b"].map((name) => `${name}.csv.idx.0123456789ab.incomplete`);
    for (const name of [old, young, "old.csv"]) writeFileSync(join(folder, name as string), "");
    const hours = (count: number) => new Date(Date.now() - count * 3_600_000);
    for (const name of [old, "old.csv"]) {
      utimesSync(join(folder, name as string), hours(2), hours(2));
    }
    utimesSync(join(folder, young as string), hours(0.5), hours(0.5));
    await kept.keep(bytes("test one"));
    const left = [young, "old.csv", "rows.csv", "rows.csv.idx"].sort();
    assert.deepEqual(readdirSync(folder).sort(), left);
  });
});

describe("an index that cannot stand beside its file", () => {
  const occupied: [string, (beside: string) => void, (beside: string) => unknown][] = [
    [
      "somebody's file",
      (beside) => writeFileSync(beside, "mine"),
      (beside) => readFileSync(beside, "utf8"),
    ],
    ["a folder", (beside) => mkdirSync(beside), (beside) => readdirSync(beside)],
  ];
  if (!onWindows("links need rights there")) {
    occupied.push(["a link", (beside) => symlinkSync("nothing", beside), readlinkSync]);
  }
  for (const [what, occupy, look] of occupied) {
    test(`as ${what} has its name is kept in the cache, and replaced there`, async () => {
      const { kept, beside, folder } = indexed();
      occupy(beside);
      const before = look(beside);
      assert.equal(await kept.keep(bytes("test one")), "test one");
      assert.equal(await kept.find(), "test one");
      assert.equal(await kept.keep(bytes("test two")), "test one");
      assert.equal(await kept.keep(bytes("test two"), true), "test two");
      assert.equal(await kept.find(), "test two");
      assert.deepEqual(look(beside), before);
      assert.equal(readdirSync(folder).length, 2);
    });
  }

  test("is replaced in the cache where it does not hold", async () => {
    const { kept, beside } = indexed();
    mkdirSync(beside);
    assert.equal(await kept.keep(bytes("test bad")), undefined);
    assert.equal(await kept.keep(bytes("test one")), "test one");
    assert.equal(await kept.find(), "test one");
  });

  test("as somebody has just taken its name is kept in the cache", async (t) => {
    const { kept, beside } = indexed();
    linksFail(t, beside, "EEXIST", () => writeFileSync(beside, "mine"));
    assert.equal(await kept.keep(bytes("test one")), "test one");
    assert.equal(readFileSync(beside, "utf8"), "mine");
  });

  test("is found by any path of the file, and is of this kind alone", {
    skip: onWindows("links need rights there"),
  }, async () => {
    const { path, beside, of } = indexed();
    mkdirSync(beside);
    assert.equal(realpathSync(path), path);
    await of(path).keep(bytes("test one"));
    const link = `${path}.link`;
    symlinkSync(path, link);
    assert.equal(await of(link).find(), "test one");
    assert.equal(await of(link, ["other"]).find(), undefined);
  });

  test("is no longer in the cache once one that is right stands beside the file", async () => {
    const { kept, beside } = indexed();
    mkdirSync(beside);
    await kept.keep(bytes("test wrong"));
    rmSync(beside, { recursive: true });
    assert.equal(await kept.keep(bytes("test right"), true), "test right");
    assert.equal(readFileSync(beside, "utf8"), "test right");
    assert.equal(await kept.find(), "test right");
  });

  test("has one in the cache before one beside the file that could not be replaced", async () => {
    const { kept, beside } = indexed();
    mkdirSync(beside);
    await kept.keep(bytes("test cached"));
    rmSync(beside, { recursive: true });
    writeFileSync(beside, "test beside");
    assert.equal(await kept.find(), "test cached");
  });
});

test("a wrong index is to be deleted by hand only where it stands there and is not replaced", async () => {
  const { path, beside } = indexed();
  const adviceOf = async (isReplaced: boolean) => (await wrongIndex(path, isReplaced)).message;
  const again = /\(open it again\)$/;
  assert.match(await adviceOf(false), again);
  writeFileSync(beside, "");
  assert.match(await adviceOf(false), /\(delete .*rows\.csv\.idx, and open it again\)$/);
  assert.match(await adviceOf(true), again);
});
