// Indexes of Parquet files that are damaged, or forged with right checksums, and rows that are not what theirs says.

import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { openParquet, PixtokError } from "pixtok";
import type { RemoteSettings } from "../../src/remote/remote-options.js";
import { openFiles } from "../../src/sources/open-files.js";
import { type FileMetadata, openParquetFile } from "../../src/sources/parquet/parquet-file.js";
import {
  mostTableBytes,
  openParquetIndex,
  parquetIndexMaker,
} from "../../src/sources/parquet/parquet-index.js";
import { parquetIndexStore } from "../../src/sources/parquet/parquet-index-store.js";
import {
  fileOf,
  newCache,
  PAGE_BYTES,
  ROWS,
  requireRows,
  setOf,
  write,
} from "../support/indexed-parquet.js";
import { codeOf, context } from "../support/manifests.js";
import { randomIntegers, seed } from "../support/pairs.js";

const random = randomIntegers(seed);

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

test("tables of a Parquet index have as many bytes as the longest footer accounts for, however long the file is", () => {
  // a footer has 128 MiB at most: all of it the schema, and a run of 16 bytes for each row group, which takes 7 of it
  const longest = 2 ** 27 + Math.ceil((16 / 7) * 2 ** 27);
  assert.equal(mostTableBytes([2 ** 40]) - mostTableBytes([0]), longest);
  assert.equal(mostTableBytes([2 ** 27]) - mostTableBytes([0]), longest);
  assert.equal(mostTableBytes([700]) - mostTableBytes([0]), 700 + 1600);
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
