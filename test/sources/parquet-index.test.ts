// What footers of Parquet files say, kept for the next time that the files are opened together.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { openParquet, openSource, type PairSource, PixtokError } from "pixtok";
import type { RemoteSettings } from "../../src/remote/remote-options.js";
import { openFiles } from "../../src/sources/open-files.js";
import { type FileMetadata, openParquetFile } from "../../src/sources/parquet/parquet-file.js";
import { openParquetIndex, parquetIndexMaker } from "../../src/sources/parquet/parquet-index.js";
import { parquetIndexStore } from "../../src/sources/parquet/parquet-index-store.js";
import { inChild } from "../support/child.js";
import { closedServers } from "../support/closed-servers.js";
import { startFileServer } from "../support/file-server.js";
import { codeOf, context, folder } from "../support/manifests.js";
import { randomIntegers, seed } from "../support/pairs.js";
import { handParquet, plain } from "../support/parquet-writer.js";
import { python, withoutPython } from "../support/python.js";

const FILES = 100;
const ROWS_A_FILE = 3;
const ROWS = FILES * ROWS_A_FILE;
const PAGE_BYTES = 4096;
/** A time of change that can be given again. */
const time = 1_700_000_000;
const random = randomIntegers(seed);

const nameOf = (file: number) => `train-${String(file).padStart(5, "0")}.parquet`;
const textOf = (file: number, row: number, of: string) => `${of} ${file}, ${row}`;

/** A file of plain columns. */
function fileOf(
  file: number,
  {
    rows = ROWS_A_FILE,
    of = "text",
    word = "image of",
    order = ["image", "text"],
    encoding = 0,
    metadata = {},
  } = {},
) {
  const values: Record<string, readonly string[]> = {
    image: Array.from({ length: rows }, (_, row) => `${word} ${textOf(file, row, of)}`),
    text: Array.from({ length: rows }, (_, row) => textOf(file, row, of)),
  };
  const columns = order.map((name) => ({
    name,
    required: true,
    text: name !== "image",
    pages: [{ values: rows, encoding, data: plain(...(values[name] ?? values.text ?? [])) }],
  }));
  return handParquet(rows, columns, metadata);
}

function write(path: string, content: Buffer): void {
  writeFileSync(path, content);
  utimesSync(path, time, time);
}

/** A folder of its own, with files whose texts begin as `of` says. */
function setOf({ count = FILES, of = "text", order = ["image", "text"] } = {}): {
  paths: string[];
  index: string;
} {
  const root = mkdtempSync(join(folder, "parquet-"));
  const paths = Array.from({ length: count }, (_, file) => join(root, nameOf(file)));
  for (const [file, path] of paths.entries()) write(path, fileOf(file, { of, order }));
  return { paths, index: join(root, `.${nameOf(0)}.idx`) };
}

function spoilFooter(path: string): void {
  const content = readFileSync(path);
  content.fill(0, content.length - 4);
  write(path, content);
}

/** Does work while no file has a footer. */
async function withoutFooters<T>(paths: readonly string[], work: () => Promise<T>): Promise<T> {
  const contents = paths.map((path) => readFileSync(path));
  for (const path of paths) spoilFooter(path);
  try {
    return await work();
  } finally {
    for (const [file, content] of contents.entries()) write(paths[file] as string, content);
  }
}

/** @param step rows of which one is looked at. Default: of each file another one. */
async function requireRows(source: PairSource, step = ROWS_A_FILE + 1): Promise<void> {
  assert.equal(source.length, ROWS);
  for (let index = 0; index < ROWS; index += step) {
    const expected = textOf(Math.floor(index / ROWS_A_FILE), index % ROWS_A_FILE, "text");
    const { text, image } = await source.get(index, context);
    assert.equal(text, expected);
    const { path, offset, length } = image as { path: string; offset: number; length: number };
    const bytes = readFileSync(path).subarray(offset, offset + length);
    assert.equal(bytes.toString(), `image of ${expected}`);
  }
}

const contentOf = (root: string) => readdirSync(root).filter((name) => !name.endsWith(".parquet"));
const newCache = () => mkdtempSync(join(folder, "cache-"));
function copiesIn(cache: string): string[] {
  if (!existsSync(join(cache, "copies"))) return [];
  return readdirSync(join(cache, "copies"), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

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

test("an index holds for a footer that says the same of each thing that the index has of it", async () => {
  const [here, other] = [{}, { order: ["text", "image"] }].map((how) =>
    setOf({ count: 1, ...how }),
  );
  const footerOf = async (paths: readonly string[] = []) => {
    const file = await openParquetFile(paths[0] as string, openFiles(1));
    return { size: file.size, footer: await file.metadata() };
  };
  const { size, footer } = await footerOf(here?.paths);
  const { schema, columns } = (await footerOf(other?.paths)).footer;
  const [{ rows, columns: chunks }] = footer.groups as [FileMetadata["groups"][number]];
  const moved = chunks.map((chunk) => ({ ...chunk, start: chunk.start + 1 }));
  const { footerBytes, checksum } = footer.ending;
  const cases: [what: string, said: Partial<FileMetadata>][] = [
    ["the same", {}],
    ["another schema", { schema, columns }],
    ["other rows", { groups: [{ rows: rows + 1, columns: chunks }] }],
    ["other places", { groups: [{ rows, columns: moved }] }],
    ["another checksum", { ending: { footerBytes, checksum: checksum ^ 1 } }],
    ["another length", { ending: { footerBytes: footerBytes - 1, checksum } }],
  ];
  for (const [what, said] of cases) {
    const maker = parquetIndexMaker();
    maker.add({ ...footer, ...said });
    const { tables, places } = maker.finished();
    const read = async (offset: number, length: number) => places.subarray(offset, offset + length);
    const index = openParquetIndex(tables, [size], { bytes: places.length, read });
    assert.equal(await index.holds(0, footer), what === "the same", what);
  }
});

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

/** An index one of whose pages has been changed, and its checksum with it. */
function forged(index: Buffer, page: number, change: (page: Buffer) => void): Buffer {
  const copy = Buffer.from(index);
  const own = copy.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  change(own);
  own.writeUInt32LE(crc32(own.subarray(0, -4)), PAGE_BYTES - 4);
  return copy;
}

/** As forged(), at a place in the content. Precondition: what changes is on one page. */
function inContent(index: Buffer, place: number, change: (at: number, page: Buffer) => void) {
  const content = PAGE_BYTES - 4;
  const page = 1 + Math.floor(place / content);
  return forged(index, page, (own) => change(place % content, own));
}

const lengthsIn = (index: Buffer): number[] =>
  (/parquet \d \d+ (\d+) (\d+) /.exec(index.toString("latin1", 0, 100)) ?? []).slice(1).map(Number);
/** Where places begin, behind the tables. */
const placesStart = (index: Buffer): number => lengthsIn(index)[0] as number;
/** Where the last column of the last file but one is: two columns before the end. */
const placeOfColumn = (index: Buffer): number => lengthsIn(index).reduce((a, b) => a + b) - 3 * 32;

function flipped(index: Buffer, place: number): Buffer {
  const copy = Buffer.from(index);
  copy[place] = (copy[place] as number) ^ (1 + random(255));
  return copy;
}

describe("an index of Parquet files that is", () => {
  const { paths, index } = setOf();
  const cases: readonly (readonly [string, (index: Buffer) => Buffer])[] = [
    ["empty", () => Buffer.alloc(0)],
    ["cut within its first page", (index) => index.subarray(0, 1000)],
    ["cut by a page", (index) => index.subarray(0, -PAGE_BYTES)],
    ["cut by a byte", (index) => index.subarray(0, -1)],
    ["of another version", (index) => forged(index, 0, (page) => page.write("pixtok parquet 1"))],
    [
      "of tables without end",
      (index) =>
        forged(index, 0, (page) => {
          const line = page.toString("latin1").replace(/ 100 \d+ /, " 100 99999999999 ");
          page.write(line.slice(0, PAGE_BYTES - 4), "latin1");
        }),
    ],
    ["damaged in its tables", (index) => flipped(index, PAGE_BYTES + random(2048))],
    ["damaged in its places", (index) => flipped(index, 3 * PAGE_BYTES - 1 - random(PAGE_BYTES))],
    ["forged: of schemas without end", (index) => forged(index, 1, (page) => page.fill(255, 0, 4))],
    [
      "forged: of a schema without end",
      (index) => forged(index, 1, (page) => page.fill(255, 4, 8)),
    ],
    [
      "forged: of a footer longer than its file",
      (index) =>
        forged(index, 1, (page) => page.writeUInt32LE(2 ** 20, 4 + 4 + page.readUInt32LE(4) + 4)),
    ],
    ["forged: of no schema", (index) => forged(index, 1, (page) => page.fill(0, 0, 100))],
    [
      "forged: a column begins beyond the end",
      (index) => forged(index, 2, (page) => fillWith(page, 1e15)),
    ],
    [
      "forged: a column begins at no number",
      (index) => forged(index, 2, (page) => fillWith(page, Number.NaN)),
    ],
    [
      "forged: a column begins within a byte",
      (index) => inContent(index, placeOfColumn(index), (at, page) => page.writeDoubleLE(4.5, at)),
    ],
    [
      "forged: a column has no number of values",
      (index) =>
        inContent(index, placeOfColumn(index) + 16, (at, page) =>
          page.writeDoubleLE(Number.NaN, at),
        ),
    ],
    [
      "forged: a row group has more rows than a file of its size can have",
      (index) =>
        inContent(index, placesStart(index) - 16, (at, page) => page.writeDoubleLE(2 ** 40, at)),
    ],
    [
      "forged: a file has more row groups than a file of its size can have",
      (index) =>
        inContent(index, placesStart(index) - 16, (at, page) => {
          page.writeDoubleLE(0, at);
          page.writeDoubleLE(2 ** 40, at + 8);
        }),
    ],
  ];
  const fillWith = (page: Buffer, value: number) => {
    for (let at = 0; at + 8 < PAGE_BYTES; at += 4) page.writeDoubleLE(value, at);
  };

  for (const [what, spoil] of cases) {
    test(`${what} is made anew`, async () => {
      await openParquet(paths);
      const whole = readFileSync(index);
      assert.equal(whole.length, 4 * PAGE_BYTES);
      writeFileSync(index, spoil(whole));
      await requireRows(await openParquet(paths));
      assert.ok(readFileSync(index).equals(whole));
    });
  }

  test(`forged at random, with right checksums, gives rows or says what is wrong (seed ${seed})`, async () => {
    await openParquet(paths);
    const whole = readFileSync(index);
    for (let round = 0; round < 40; round += 1) {
      const page = 1 + random(3);
      const bad = forged(whole, page, (bytes) => {
        for (let left = 1 + random(4); left > 0; left -= 1) {
          bytes[random(PAGE_BYTES - 4)] = random(256);
        }
      });
      writeFileSync(index, bad);
      try {
        const source = await openParquet(paths);
        for (let index = 0; index < Math.min(source.length, ROWS); index += 29) {
          await source.get(index, context);
        }
      } catch (error) {
        assert.ok(error instanceof PixtokError, `${(error as Error).stack}`);
        assert.ok(["SOURCE_CHANGED", "INVALID_PARQUET"].includes(error.code), error.message);
      }
    }
    rmSync(index);
    await requireRows(await openParquet(paths));
  });

  test("of pages without end, which are holes, is made anew", async () => {
    await openParquet(paths);
    const whole = readFileSync(index);
    const pages = 2 ** 21;
    const bytes = pages * (PAGE_BYTES - 4) - 6400;
    const head = forged(whole, 0, (page) => {
      const line = page.toString("latin1").replace(/ 100 \d+ /, ` 100 ${bytes} `);
      page.write(line.slice(0, PAGE_BYTES - 4), "latin1");
    });
    writeFileSync(index, head.subarray(0, PAGE_BYTES));
    truncateSync(index, (1 + pages) * PAGE_BYTES);
    await requireRows(await openParquet(paths));
    assert.ok(readFileSync(index).equals(whole));
  });

  test("wrong, of fewer files than get one, is replaced as well", async () => {
    const { paths, index } = setOf({ count: 4 });
    const descriptors = openFiles(4);
    const files = await Promise.all(paths.map((path) => openParquetFile(path, descriptors)));
    const maker = parquetIndexMaker();
    for (const file of files) maker.add(await file.metadata());
    const made = maker.finished();
    const store = parquetIndexStore(files, { cacheDir: newCache() } as RemoteSettings);
    assert.ok((await store?.keep(made, true)) !== undefined);
    const whole = readFileSync(index);
    const places = Buffer.alloc(made.places.length, 255);
    await store?.keep({ ...made, places }, true);
    assert.ok(!readFileSync(index).equals(whole));
    const source = await openParquet(paths);
    assert.equal(await source.texts?.(4), "text 1, 1");
    assert.ok(readFileSync(index).equals(whole));
  });

  test("of other files of the same sizes and times ends the epoch, and is right the next time", async () => {
    const { paths } = setOf();
    await openParquet(paths);
    const other = fileOf(40, { of: "tex", word: "image of a" });
    assert.equal(other.length, statSync(paths[40] as string).size);
    write(paths[40] as string, other);
    const source = await openParquet(paths);
    assert.equal(await source.texts?.(119), "text 39, 2");
    await assert.rejects(
      async () => source.texts?.(120),
      codeOf(
        "SOURCE_CHANGED",
        /^sample 120, ".*00040\.parquet": the index of its rows is damaged, or of another file \(open it again\)$/,
      ),
    );
    assert.equal(await (await openParquet(paths)).texts?.(120), "tex 40, 0");
  });
});

describe("what is damaged in a row of a Parquet file with an index", () => {
  test("is that of the index, where its footer says another thing: it is right the next time", async () => {
    const { paths, index } = setOf();
    await openParquet(paths);
    const whole = readFileSync(index);
    const bad = inContent(whole, placeOfColumn(whole), (at, page) =>
      page.writeDoubleLE(page.readDoubleLE(at) + 4, at),
    );
    writeFileSync(index, bad);
    const source = await openParquet(paths);
    await assert.rejects(
      async () => source.texts?.(296),
      codeOf("SOURCE_CHANGED", /^sample 296, ".*00098\.parquet": .*\(open it again\)$/),
    );
    assert.ok(readFileSync(index).equals(whole));
    await requireRows(await openParquet(paths), 1);
  });

  test("is the row's, where the footer says the same", async () => {
    const { paths } = setOf();
    write(paths[40] as string, fileOf(40, { encoding: 99 }));
    await openParquet(paths);
    const source = await openParquet(paths);
    for (const row of [120, 121, 120]) {
      const refused = codeOf(
        "INVALID_PARQUET",
        new RegExp(`^sample ${row}, .*00040.* encoding 99`),
      );
      await assert.rejects(async () => source.texts?.(row), refused);
    }
    assert.equal(await source.texts?.(119), "text 39, 2");
  });

  test("is not that its file is gone", async () => {
    const { paths } = setOf();
    await openParquet(paths);
    const source = await openParquet(paths);
    rmSync(paths[80] as string);
    await assert.rejects(
      async () => source.texts?.(241),
      codeOf("SOURCE_CHANGED", /^sample 241, ".*00080\.parquet": the file was there/),
    );
  });
});

// so the row groups are beyond the last 4 KiB of the file, or the last 64 KiB, which are read at once
for (const [what, metadata] of [
  ["before long metadata", { padding: "x".repeat(8192) }],
  ["in a long footer", { padding: "x".repeat(100_000) }],
] as const) {
  test(`another place of a column, ${what}, in a file of the same size and time gives no other value`, async () => {
    const { paths } = setOf();
    const path = paths[40] as string;
    const of = { rows: 1, word: "i", metadata }; // so few bytes that places of columns are one byte each
    write(path, fileOf(40, of));
    await openParquet(paths);
    const other = fileOf(40, { ...of, order: ["text", "image"] });
    assert.equal(other.length, statSync(path).size);
    write(path, other);
    const source = await openParquet(paths);
    await assert.rejects(
      async () => source.texts?.(120),
      codeOf("SOURCE_CHANGED", /open it again/),
    );
    assert.equal(await (await openParquet(paths)).texts?.(120), "text 40, 0");
  });
}

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

describe("where there is no place beside the Parquet files", () => {
  /** A folder is where the index would be, which keeps out even who may write anywhere. */
  const blocked = () => {
    const { paths, index } = setOf();
    mkdirSync(index);
    return paths;
  };

  test("the index is kept in the cache, and used", async () => {
    const paths = blocked();
    const cacheDir = newCache();
    await openParquet(paths, { cacheDir });
    assert.equal(copiesIn(cacheDir).length, 1);
    await requireRows(await withoutFooters(paths, () => openParquet(paths, { cacheDir })));
    assert.equal(copiesIn(cacheDir).length, 1);
  });

  test("nor in the cache, it is in memory, without a word", async () => {
    const paths = blocked();
    const cacheDir = join(newCache(), "file");
    writeFileSync(cacheDir, "");
    await requireRows(await openParquet(paths, { cacheDir }));
    await assert.rejects(
      withoutFooters(paths, () => openParquet(paths, { cacheDir })),
      codeOf("INVALID_PARQUET", /this is no Parquet file/),
    );
  });
});

test("where there is a cache, opening one file makes and loads nothing of what is for files elsewhere", async () => {
  const { paths } = setOf({ count: 1 });
  const [cacheDir, loaded] = [newCache(), newCache()];
  const { value, errors } = await inChild(
    `
    const { openParquet } = await import("pixtok");
    const source = await openParquet(${JSON.stringify(paths)}, { cacheDir: ${JSON.stringify(cacheDir)} });
    return source.length;`,
    { env: { NODE_V8_COVERAGE: loaded } }, // by which node lists all modules
  );
  assert.equal(value, ROWS_A_FILE, errors);
  const [list] = readdirSync(loaded);
  const modules = readFileSync(join(loaded, list as string), "latin1");
  assert.match(modules, /sources\/kept-index\.js"/);
  assert.doesNotMatch(modules, /remote\/(copy-cache|remote-file)\.js"/);
  assert.deepEqual(readdirSync(cacheDir), []);
});

describe("of Parquet files that are elsewhere", () => {
  const serve = closedServers(startFileServer);
  const count = 40;
  const contents = Object.fromEntries(
    Array.from({ length: count }, (_, file) => [`/${nameOf(file)}`, fileOf(file)]),
  );
  const patternAt = (url: string) => `${url}/train-{00000..00039}.parquet`;

  test("the index is among the copies: a second opening fetches no footer", async () => {
    const server = await serve(contents);
    const options = { cacheDir: newCache() };
    const first = await openParquet(patternAt(server.url), options);
    const isIndex = (path: string) => readFileSync(path, "latin1").startsWith("pixtok parquet 2 ");
    const [index, ...others] = copiesIn(options.cacheDir).filter(isIndex);
    assert.ok(index !== undefined && others.length === 0);
    const { ino } = statSync(index);
    server.requests.length = 0;
    const second = await openParquet(patternAt(server.url), options);
    assert.deepEqual(
      server.requests.filter(({ method }) => method === "GET"),
      [],
    );
    assert.equal(second.fingerprint, first.fingerprint);
    assert.equal(await second.texts?.(50), "text 16, 2");
    assert.equal(statSync(index).ino, ino);
  });

  test("it is made anew where their server has others", async () => {
    const server = await serve(contents);
    const options = { cacheDir: newCache() };
    await openParquet(patternAt(server.url), options);
    server.files.set(`/${nameOf(16)}`, fileOf(16, { of: "more", rows: 5 }));
    const source = await openParquet(patternAt(server.url), options);
    assert.equal(source.length, count * ROWS_A_FILE + 2);
    assert.equal(await source.texts?.(52), "more 16, 4");
  });

  test("it is of no others whose URLs differ in their queries alone", async () => {
    const of = { rows: 1, word: "i" };
    const other = { ...of, order: ["text", "image"] };
    const bytes = (file: number) => fileOf(file % count, file < count ? of : other);
    const numbers = Array.from({ length: 2 * count }, (_, file) => file);
    const server = await serve(
      Object.fromEntries(numbers.map((file) => [`/get?id=${file}`, bytes(file)])),
    );
    server.etags = false;
    server.headers = { "Last-Modified": new Date(time * 1000).toUTCString() };
    const urls = numbers.map((file) => `${server.url}/get?id=${file}`);
    const options = { cacheDir: newCache() };
    for (const some of [urls.slice(0, count), urls.slice(count)]) {
      const source = await openParquet(some, options);
      assert.equal(await source.texts?.(16), "text 16, 0");
    }
  });
});
