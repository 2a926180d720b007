// What footers of Parquet files say, kept for the next time that the files are opened together.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { openParquet, openSource, type PixtokError } from "pixtok";
import {
  contentOf,
  FILES,
  fileOf,
  nameOf,
  newCache,
  PAGE_BYTES,
  ROWS,
  ROWS_A_FILE,
  requireRows,
  setOf,
  spoilFooter,
  withoutFooters,
  write,
} from "../support/indexed-parquet.js";
import { codeOf, context, folder } from "../support/manifests.js";
import { python, withoutPython } from "../support/python.js";

describe("the index of Parquet files", () => {
  test("stands beside the first of them, and says what it is of", async () => {
    const { paths, index } = setOf();
    await openParquet(paths);
    assert.deepEqual(contentOf(dirname(index)), [`.${nameOf(0)}.idx`]);
    const [line] = readFileSync(index, "latin1").split("\n");
    // two columns of 32 bytes
    assert.match(line as string, /^pixtok parquet 2 100 \d+ 6400 [0-9a-f]{64} [0-9a-f]{64}$/);
  });

  test("is what a second opening goes by: it reads no footer, and gives the same", async () => {
    const { paths } = setOf();
    const first = await openParquet(paths);
    await requireRows(first, 1);
    const second = await withoutFooters(paths, () => openParquet(paths));
    await requireRows(second, 1);
    assert.equal(second.fingerprint, first.fingerprint);
    assert.equal(second.description, first.description);
    assert.deepEqual(second.blockLengths?.(), first.blockLengths?.());
    assert.deepEqual(second.blockLengths?.(), new Array(FILES).fill(ROWS_A_FILE));
    const { origin } = await second.get(ROWS - 1, context);
    assert.equal(origin, `${paths.at(-1)}#row ${ROWS_A_FILE}`);
  });

  test("is no data of a pattern that means it as well", async () => {
    const { paths } = setOf();
    const pattern = join(dirname(paths[0] as string), "*");
    for (const _ of ["first", "second"]) await requireRows(await openSource(pattern), 31);
  });

  test("begins otherwise where a file has another footer, whatever its size and time", async () => {
    const { paths, index } = setOf();
    const lines: string[] = [];
    for (const of of [{}, { of: "tex", word: "image of a" }]) {
      write(paths[40] as string, fileOf(40, of));
      rmSync(index, { force: true });
      await openParquet(paths);
      const content = readFileSync(index);
      const line = content.toString("latin1", 0, content.indexOf("\n"));
      // the tables are all on one page
      const tables = content.subarray(PAGE_BYTES, PAGE_BYTES + Number(line.split(" ")[4]));
      assert.ok(tables.length < PAGE_BYTES - 4, line);
      assert.equal(line.split(" ").at(-1), createHash("sha256").update(tables).digest("hex"));
      lines.push(line);
    }
    const [one, other] = lines as [string, string];
    assert.equal(one.slice(0, -64), other.slice(0, -64));
    assert.notEqual(one, other);
  });

  test("holds where all of the files are moved together", async () => {
    const { paths } = setOf();
    await openParquet(paths);
    const [from, to] = [dirname(paths[0] as string), join(folder, "moved")];
    renameSync(from, to);
    const moved = paths.map((path) => path.replace(from, to));
    await requireRows(await withoutFooters(moved, () => openParquet(moved)), 31);
  });

  test("is not made of fewer than 32 files of few row groups", async () => {
    const { paths } = setOf({ count: 31 });
    await openParquet(paths);
    assert.deepEqual(contentOf(dirname(paths[0] as string)), []);
  });

  test("is made anew when one of the files has changed", async () => {
    const { paths, index } = setOf();
    await openParquet(paths);
    const before = readFileSync(index);
    writeFileSync(paths[60] as string, fileOf(60, { rows: 7, of: "more" }));
    const source = await openParquet(paths);
    assert.equal(source.length, ROWS + 4);
    assert.equal(await source.texts?.(60 * ROWS_A_FILE + 6), "more 60, 6");
    assert.equal(await source.texts?.(ROWS + 3), "text 99, 2");
    assert.notDeepEqual(readFileSync(index), before);
  });

  test("is made anew where there are other files", async () => {
    const { paths } = setOf();
    await openParquet(paths);
    for (const some of [paths.slice(0, -1), paths.toReversed(), paths]) {
      const source = await openParquet(some);
      assert.equal(source.length, ROWS_A_FILE * some.length);
      const { origin } = await source.get(ROWS_A_FILE * (some.length - 1), context);
      assert.equal(origin, `${some.at(-1)}#row 1`);
    }
  });

  test("is that of all who open the files at once, and nothing else is left", async () => {
    const { paths } = setOf();
    await Promise.all([1, 2, 3].map(async () => requireRows(await openParquet(paths), 31)));
    assert.deepEqual(contentOf(dirname(paths[0] as string)), [`.${nameOf(0)}.idx`]);
  });

  test("has the schemas of all files: columns may stand in another order in some of them", async () => {
    const { paths } = setOf();
    write(paths[50] as string, fileOf(50, { order: ["text", "image"] }));
    await requireRows(await openParquet(paths));
    await requireRows(await openParquet(paths));
  });

  test("does not hide that the columns of a file are others", async () => {
    const { paths } = setOf();
    write(paths[50] as string, fileOf(50, { order: ["image", "caption"] }));
    const refused = codeOf("INVALID_PARQUET", /00050\.parquet.* its columns are not those of/);
    await assert.rejects(openParquet(paths), refused);
    await assert.rejects(openParquet(paths), refused);
  });

  test("is not made where one of the files is bad", async () => {
    const { paths } = setOf();
    spoilFooter(paths[70] as string);
    for (const time of ["first", "second"]) {
      await assert.rejects(openParquet(paths), codeOf("INVALID_PARQUET", /00070\.parquet/), time);
    }
    assert.deepEqual(contentOf(dirname(paths[0] as string)), []);
    rmSync(paths[80] as string);
    write(paths[70] as string, fileOf(70));
    await assert.rejects(openParquet(paths), codeOf("FILE_NOT_FOUND", /00080\.parquet/));
  });

  test("does not hide that one of the files is gone, or no file", async () => {
    const { paths } = setOf();
    await openParquet(paths);
    rmSync(paths[80] as string);
    await assert.rejects(openParquet(paths), codeOf("FILE_NOT_FOUND", /00080\.parquet/));
    mkdirSync(paths[80] as string);
    await assert.rejects(openParquet(paths), codeOf("NOT_A_FILE", /00080\.parquet/));
  });
});

describe("an index of Parquet files that were replaced by others of their sizes and times", () => {
  test("does not hide columns that they have now", async () => {
    const { paths } = setOf();
    await openParquet(paths);
    const order = ["image", "memo"];
    for (const [file, path] of paths.entries()) write(path, fileOf(file, { order }));
    await requireRows(await openParquet(paths, { textColumn: "memo" }));
    await requireRows(
      await withoutFooters(paths, () => openParquet(paths, { textColumn: "memo" })),
    );
  });

  test("does not refuse columns that one of them had", async () => {
    const { paths } = setOf();
    write(paths[50] as string, fileOf(50, { order: ["image", "TEXT"] }));
    const refused = codeOf("INVALID_PARQUET", /00050\.parquet.* its columns are not those of/);
    await assert.rejects(openParquet(paths), refused);
    write(paths[50] as string, fileOf(50));
    await requireRows(await openParquet(paths));
    await requireRows(await withoutFooters(paths, () => openParquet(paths)));
  });

  test("does not hide that one of them is no Parquet file", async () => {
    const { paths } = setOf();
    await openParquet(paths);
    spoilFooter(paths[40] as string);
    for (const time of ["first", "second"]) {
      const source = await openParquet(paths);
      assert.equal(await source.texts?.(119), "text 39, 2");
      const refused = (error: unknown) =>
        codeOf("INVALID_PARQUET", /00040\.parquet.* this is no Parquet file/)(error) &&
        (error as PixtokError).index === 121;
      await assert.rejects(async () => source.texts?.(121), refused, time);
    }
  });
});

/** Opens a folder of them by whatever reads all files in it. */
const READ_FOLDER = `
import json, sys
import datasets, pandas, pyarrow.dataset, pyarrow.parquet
folder, cache = sys.argv[1:]
load = lambda **of: datasets.load_dataset("parquet", split="train", cache_dir=cache, **of).num_rows
print(json.dumps([
  pyarrow.parquet.read_table(folder).num_rows,
  pyarrow.dataset.dataset(folder).count_rows(),
  len(pandas.read_parquet(folder)),
  datasets.load_dataset(folder, split="train", cache_dir=cache).num_rows,
  load(data_dir=folder),
  load(data_files=folder + "/*"),
  load(data_files=folder + "/train*"),
]))`;

test("the folder of Parquet files is read by pyarrow, pandas and datasets as before there was an index", {
  skip: withoutPython({ pyarrow: "", pandas: "", datasets: "" }),
}, async () => {
  const { paths, index } = setOf({ count: 32 });
  await openParquet(paths);
  assert.ok(existsSync(index));
  const { status, stdout, stderr } = spawnSync(
    python,
    ["-c", READ_FOLDER, dirname(index), newCache()],
    { encoding: "utf8", env: { ...process.env, HF_HUB_OFFLINE: "1" } },
  );
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), new Array(7).fill(32 * ROWS_A_FILE));
});

describe("an index of Parquet files that is used", () => {
  const changes: readonly (readonly [string, (index: string) => void])[] = [
    ["emptied in its place", (index) => truncateSync(index)],
    ["cut by a page in its place", (index) => truncateSync(index, 2 * PAGE_BYTES)],
    ["removed", (index) => rmSync(index)],
    ["overwritten in its place", (index) => writeFileSync(index, "x".repeat(4 * PAGE_BYTES))],
  ];
  for (const [what, change] of changes) {
    test(`and ${what} has all of its rows still`, async () => {
      const { paths, index } = setOf();
      await openParquet(paths);
      const source = await openParquet(paths);
      change(index);
      await requireRows(source);
      await requireRows(await openParquet(paths), 31);
    });
  }

  test("and replaced by that of other files never gives another row", async () => {
    const { paths, index } = setOf();
    const other = setOf({ of: "other" });
    await openParquet(paths);
    await openParquet(other.paths);
    const source = await openParquet(paths);
    copyFileSync(other.index, index);
    await requireRows(source);
  });
});

describe("an index of more pages than are read at once", () => {
  const order = ["image", "text", ...Array.from({ length: 48 }, (_, column) => `column ${column}`)];

  test("is put in its place again when another set takes it, once", async () => {
    const { paths, index } = setOf({ order });
    await openParquet(paths);
    const whole = readFileSync(index);
    assert.ok(whole.length > 32 * PAGE_BYTES);
    const source = await openParquet(paths);
    truncateSync(index);
    assert.equal(await source.texts?.(ROWS - 1), "text 99, 2");
    assert.ok(readFileSync(index).equals(whole));
    truncateSync(index);
    await requireRows(source);
    assert.equal(statSync(index).size, 0);
  });
});
