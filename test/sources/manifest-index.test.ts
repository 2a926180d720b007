// Where rows of a manifest begin, kept for the next time that it is opened.

import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { openManifest } from "pixtok";
import { fieldsOf } from "../../src/sources/manifest/delimited-records.js";
import { closedServers } from "../support/closed-servers.js";
import { startFileServer } from "../support/file-server.js";
import { codeOf, context, folder } from "../support/manifests.js";
import { cannotList, openBelow } from "../support/open-files.js";

const ROWS = 4500;
const PAGE_BYTES = 4096;
const filler = "x".repeat(1000);
const textOf = (row: number) => `${row} ${filler}`;
const lines = Array.from({ length: ROWS }, (_, row) =>
  JSON.stringify({ image: `${row}.jpg`, text: textOf(row) }),
);
const content = `${lines.join("\n")}\n`;
const looked = [0, 1, 2, 4000, ROWS - 1];
/** A time of change that can be given again. */
const time = 1_700_000_000;

function write(name: string, text: string | Buffer = content): string {
  const path = join(mkdtempSync(join(folder, "index-")), name);
  writeFileSync(path, text);
  utimesSync(path, time, time);
  return path;
}

const indexOf = (path: string) => `${path}.idx`;
const beside = (path: string) => readdirSync(dirname(path)).sort();
const newCache = () => mkdtempSync(join(folder, "cache-"));
function copiesIn(cache: string): string[] {
  const copies = join(cache, "copies");
  return existsSync(copies) ? readdirSync(copies) : [];
}

async function requireRows(path: string, options = {}): Promise<void> {
  const source = await openManifest(path, options);
  assert.equal(source.length, ROWS);
  for (const row of looked) {
    assert.ok((await source.get(row, context)).text === textOf(row), `row ${row}`);
  }
  // whatever has its name: it is opened for each look at it
  if (!cannotList) assert.deepEqual(openBelow(indexOf(path)), []);
}

/** Joins two lines far behind the first ones: who goes through the file finds a row less. */
function joinTwoLines(path: string): void {
  const joined = `${content.slice(0, 4e6)}${content.slice(4e6).replace("\n", " ")}`;
  writeFileSync(path, joined);
  utimesSync(path, time, time);
}

describe("the index of a manifest", () => {
  test("stands beside it, says what it is of, and is small", async () => {
    const path = write("pairs.jsonl");
    await requireRows(path);
    assert.deepEqual(beside(path), ["pairs.jsonl", "pairs.jsonl.idx"]);
    const index = readFileSync(indexOf(path));
    const [line] = index.toString("latin1").split("\n");
    assert.equal(line, `pixtok rows 1 ${content.length} ${time}000000000 ${ROWS} lines`);
    assert.ok(index.length < content.length / 200);
  });

  test("is what a second opening goes by: it does not go through the manifest", async () => {
    const path = write("pairs.jsonl");
    await requireRows(path);
    joinTwoLines(path);
    await requireRows(path);
  });

  test("is made anew when the manifest has changed", async () => {
    const path = write("pairs.jsonl");
    await requireRows(path);
    appendFileSync(path, '{"image":"more.jpg","text":"more"}\n');
    const source = await openManifest(path);
    assert.equal(source.length, ROWS + 1);
    assert.equal(await source.texts?.(ROWS), "more");
    joinTwoLines(path);
    utimesSync(path, time, time + 1);
    assert.equal((await openManifest(path)).length, ROWS - 1);
  });

  test("is not made of a manifest of less than 4 MiB, nor of one in UTF-16", async () => {
    const small = write("small.jsonl", content.slice(0, 4e6));
    assert.equal((await openManifest(small)).length > 0, true);
    assert.deepEqual(beside(small), ["small.jsonl"]);
    const utf16 = write("utf16.jsonl", Buffer.from(`\uFEFF${content}`, "utf16le"));
    await requireRows(utf16);
    assert.deepEqual(beside(utf16), ["utf16.jsonl"]);
  });

  test("of separated values has their header, and goes by quotes", async () => {
    const rows = Array.from({ length: ROWS }, (_, row) => `${row}.jpg,"${textOf(row)}",";\n"\n`);
    const path = write("pairs.csv", `image,text,more\n${rows.join("")}`);
    await requireRows(path);
    const index = readFileSync(indexOf(path));
    assert.match(index.toString("latin1"), / 4501 records-44\n/);
    await requireRows(path);
    assert.deepEqual(readFileSync(indexOf(path)), index);
  });

  test("is made anew where rows are told apart otherwise", async () => {
    const path = write("pairs.jsonl");
    await requireRows(path);
    const [imageColumn = "", textColumn = ""] = fieldsOf(lines[0] as string, ",") ?? [];
    const source = await openManifest(path, { format: "csv", imageColumn, textColumn });
    assert.equal(source.length, ROWS - 1);
    assert.match(readFileSync(indexOf(path), "latin1"), / 4500 records-44\n/);
    await requireRows(path);
  });

  test("is that of all who open it at once, and nothing else is left", async () => {
    const path = write("pairs.jsonl");
    await Promise.all([1, 2, 3, 4].map(() => requireRows(path)));
    assert.deepEqual(beside(path), ["pairs.jsonl", "pairs.jsonl.idx"]);
  });

  test("stands beside a link by which the manifest is opened", async () => {
    const path = write("pairs.jsonl");
    const linked = join(mkdtempSync(join(folder, "links-")), "linked.jsonl");
    symlinkSync(path, linked);
    await requireRows(linked);
    assert.deepEqual(beside(linked), ["linked.jsonl", "linked.jsonl.idx"]);
    assert.deepEqual(beside(path), ["pairs.jsonl"]);
  });
});

/** An index whose page has been changed, and its checksum with it. */
function forged(index: Buffer, page: number, change: (page: Buffer) => void): Buffer {
  const copy = Buffer.from(index);
  const own = copy.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  change(own);
  own.writeUInt32LE(crc32(own.subarray(0, -4)), PAGE_BYTES - 4);
  return copy;
}

describe("an index that is", () => {
  const cases: readonly (readonly [string, (index: Buffer) => Buffer])[] = [
    ["empty", () => Buffer.alloc(0)],
    ["cut within its first page", (index) => index.subarray(0, 1000)],
    ["cut by a page", (index) => index.subarray(0, -PAGE_BYTES)],
    ["cut by a byte", (index) => index.subarray(0, -1)],
    ["of another version", (index) => forged(index, 0, (page) => page.write("pixtok rows 2"))],
    [
      "of rows without end",
      (index) =>
        forged(index, 0, (page) => page.write(String(page).replace(/ 4500 /, " 99999999999 "))),
    ],
    ["damaged in a page that is read later", (index) => changed(index, 3.5 * PAGE_BYTES)],
    ["forged: a row begins where none does", (index) => forged(index, 3, shift)],
    ["forged: a group has other rows", (index) => forged(index, 3, recount)],
    [
      "forged: a row begins beyond the end",
      (index) => forged(index, 3, (page) => page.writeDoubleLE(1e15, 8)),
    ],
    [
      "forged: a row begins at no number",
      (index) => forged(index, 3, (page) => page.writeDoubleLE(Number.NaN, 8)),
    ],
  ];
  const changed = (index: Buffer, place: number) => {
    const copy = Buffer.from(index);
    copy[place] = (copy[place] as number) ^ 1;
    return copy;
  };
  /** Moves the starts of all groups of a page but the first. */
  const shift = (page: Buffer) => {
    for (let group = 1; group < page.readUInt32LE(16); group += 1) {
      const at = 20 + 8 * group + 4;
      page.writeUInt32LE(page.readUInt32LE(at) + 3, at);
    }
  };
  /** Counts a row more in every second group of a page. */
  const recount = (page: Buffer) => {
    for (let group = 1; group < page.readUInt32LE(16); group += 2) {
      const at = 20 + 8 * group;
      page.writeUInt32LE(page.readUInt32LE(at) - 1, at);
    }
  };
  const path = write("spoiled.jsonl");

  for (const [what, spoil] of cases) {
    test(`${what} is made anew`, async () => {
      await openManifest(path);
      const whole = readFileSync(indexOf(path));
      assert.equal(whole.length, 4 * PAGE_BYTES);
      writeFileSync(indexOf(path), spoil(whole));
      const source = await openManifest(path);
      assert.equal(source.length, ROWS);
      const rows = [...looked, ...Array.from({ length: 10 }, (_, i) => 3060 + 140 * i)];
      for (const row of rows) assert.ok((await source.texts?.(row)) === textOf(row), `row ${row}`);
      assert.deepEqual(readFileSync(indexOf(path)), whole);
    });
  }

  test("of another file of the same size and time ends the epoch, and is right the next time", async () => {
    const path = write("pairs.jsonl");
    await requireRows(path);
    joinTwoLines(path);
    const source = await openManifest(path);
    await assert.rejects(
      async () => {
        for (let row = 3000; row < ROWS; row += 1) await source.texts?.(row);
      },
      codeOf(
        "SOURCE_CHANGED",
        /the index of its rows is damaged, or of another file \(open it again\)$/,
      ),
    );
    assert.equal((await openManifest(path)).length, ROWS - 1);
  });
});

describe("where there is no place beside the manifest", () => {
  /** A folder is where the index would be, which keeps out even who may write anywhere. */
  const blocked = (name: string) => {
    const path = write(name);
    mkdirSync(indexOf(path));
    return path;
  };

  test("the index is kept in the cache, and used", async () => {
    const path = blocked("pairs.jsonl");
    const cacheDir = newCache();
    await requireRows(path, { cacheDir });
    assert.equal(copiesIn(cacheDir).length, 1);
    joinTwoLines(path);
    await requireRows(path, { cacheDir });
    const linked = join(dirname(path), "linked.jsonl");
    symlinkSync(path, linked);
    mkdirSync(indexOf(linked));
    await requireRows(linked, { cacheDir });
    assert.equal(copiesIn(cacheDir).length, 1);
  });

  test("one in the cache that is damaged is made anew", async () => {
    const path = blocked("pairs.jsonl");
    const cacheDir = newCache();
    await requireRows(path, { cacheDir });
    const kept = readdirSync(join(cacheDir, "copies"), { recursive: true, withFileTypes: true });
    const [copy] = kept.filter((one) => one.isFile());
    assert.ok(copy !== undefined);
    writeFileSync(join(copy.parentPath, copy.name), "pixtok rows 1");
    await requireRows(path, { cacheDir });
    joinTwoLines(path);
    await requireRows(path, { cacheDir });
  });

  test("as somebody else's file has its name, that file stays as it is", async () => {
    const path = write("pairs.jsonl");
    const cacheDir = newCache();
    writeFileSync(indexOf(path), "not ours");
    await requireRows(path, { cacheDir });
    assert.equal(readFileSync(indexOf(path), "utf8"), "not ours");
    assert.equal(copiesIn(cacheDir).length, 1);
  });

  test("nor in the cache, it is made each time, without a word", async () => {
    const path = blocked("pairs.jsonl");
    const cacheDir = join(newCache(), "file");
    writeFileSync(cacheDir, "");
    await requireRows(path, { cacheDir });
    joinTwoLines(path);
    assert.equal((await openManifest(path, { cacheDir })).length, ROWS - 1);
  });

  test("nothing is looked for, or made, in a cache as long as there is one", async () => {
    const cacheDir = join(newCache(), "none");
    await requireRows(write("pairs.jsonl"), { cacheDir });
    assert.equal(existsSync(cacheDir), false);
  });
});

describe("of a manifest that is elsewhere", () => {
  const serve = closedServers(startFileServer);

  test("the index is a copy beside its own, which a second opening goes by", async () => {
    const server = await serve({ "/pairs.jsonl": Buffer.from(content) });
    const cacheDir = newCache();
    await requireRows(`${server.url}/pairs.jsonl`, { cacheDir, root: folder });
    const files = () =>
      readdirSync(join(cacheDir, "copies"), { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
        .sort();
    const isIndex = (path: string) => readFileSync(path, "latin1").startsWith("pixtok rows 1 ");
    const index = files().filter(isIndex);
    assert.equal(index.length, 1);
    const { ino } = statSync(index[0] as string);
    await requireRows(`${server.url}/pairs.jsonl`, { cacheDir, root: folder });
    assert.deepEqual(files().filter(isIndex), index);
    assert.equal(statSync(index[0] as string).ino, ino);
  });
});
