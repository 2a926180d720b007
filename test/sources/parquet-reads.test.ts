// How often Parquet files are read, and how much of them.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { blockSampler, shuffledSampler } from "pixtok";
import type { RemoteSettings } from "../../src/remote/remote-options.js";
import { openFiles } from "../../src/sources/open-files.js";
import { pairColumns } from "../../src/sources/parquet/parquet-columns.js";
import { openParquetFile, type ParquetFile } from "../../src/sources/parquet/parquet-file.js";
import { type FilesInIndex, openParquetRows } from "../../src/sources/parquet/parquet-rows.js";
import { rowReader } from "../../src/sources/parquet/row-reader.js";
import { fixture } from "../support/fixtures.js";
import { randomIntegers, seed } from "../support/pairs.js";
import {
  type HandColumn,
  type HandPage,
  handParquet,
  levels,
  plain,
  run,
} from "../support/parquet-writer.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-parquet-reads-"));
after(() => rmSync(root, { recursive: true }));

const PLAIN = 0;
const RLE_DICTIONARY = 8;
const GZIP = 2;
const wanted = {
  imageColumn: "image",
  textColumn: "text",
  columns: [],
  imageColumns: [],
  texts: true,
};

/** Reads rows of files, and counts how often and how much. */
async function counted(paths: readonly string[], rowCacheBytes: number) {
  const reads = { times: 0, bytes: 0 };
  const open = openFiles(16);
  const files: ParquetFile[] = [];
  for (const path of paths) {
    const file = await openParquetFile(path, open);
    const read = (offset: number, length: number) => {
      reads.times += 1;
      reads.bytes += length;
      return file.read(offset, length);
    };
    files.push({ ...file, read });
  }
  const settings = { cacheDir: join(root, "no-cache"), cacheBytes: 0 } as RemoteSettings;
  const columnsIn = ({ columns }: FilesInIndex) =>
    columns.map((one) => pairColumns(paths[0] as string, one, wanted));
  const { index, found, at } = await openParquetRows(files, settings, columnsIn);
  const [columns] = found;
  const leaf = columns?.images[0]?.bytes;
  assert.ok(columns && leaf);
  const rows = rowReader(rowCacheBytes);
  const bytesOf = (found: unknown, path: string): Buffer | null => {
    if (found === null || Buffer.isBuffer(found)) return found;
    const { offset, length } = found as { offset: number; length: number };
    reads.times += 1; // who decodes it
    return readFileSync(path).subarray(offset, offset + length);
  };
  return {
    reads,
    length: index.rows,
    blockLengths: index.blockLengths(),
    text: async (index: number) => (await rows.others(await at(index), columns)).texts,
    image: async (index: number) => {
      const place = await at(index);
      return bytesOf(await rows.images(place, leaf), place.file.path);
    },
    /** What reading did. */
    async while(work: () => Promise<unknown>) {
      const before = { ...reads };
      await work();
      return { times: reads.times - before.times, bytes: reads.bytes - before.bytes };
    },
  };
}

const ROWS_A_PAGE = 8;
const random = randomIntegers(seed);

/** ASCII, which gzip makes little smaller. */
const noise = Buffer.from(Array.from({ length: 120_000 }, () => random(128))).toString("latin1");

/** Pictures of about 60 kB, and a row without one. */
function drawnPage(number: number) {
  return Array.from({ length: ROWS_A_PAGE }, (_, row) => {
    const from = random(noise.length - 60_000 - row);
    return row === number % ROWS_A_PAGE ? null : noise.slice(from, from + 60_000 + row);
  });
}

const pageOf = (images: readonly (string | null)[], isPacked: boolean): HandPage => {
  const there = images.filter((image) => image !== null);
  const bits = images.reduce((all, image, i) => all + (image === null ? 0 : 2 ** i), 0);
  const data = Buffer.concat([levels(Buffer.from([3, bits])), plain(...there)]);
  return {
    values: images.length,
    encoding: PLAIN,
    data: isPacked ? gzipSync(data, { level: 1 }) : data,
    uncompressedBytes: data.length,
  };
};

const textsOf = (rows: number): HandColumn => {
  const texts = Array.from({ length: rows }, (_, row) => `text ${row}`);
  return {
    name: "text",
    text: true,
    required: true,
    pages: [{ values: rows, encoding: PLAIN, data: plain(...texts) }],
  };
};

function written(name: string, content: Buffer): string {
  const path = join(root, `${name}.parquet`);
  writeFileSync(path, content);
  return path;
}

/** A row group of so many pages of pictures, and their texts. */
function pagedFile(name: string, pages: number, isPacked: boolean) {
  const images = Array.from({ length: pages }, (_, number) => drawnPage(number));
  const column: HandColumn = {
    name: "image",
    ...(isPacked && { codec: GZIP }),
    pages: images.map((ofPage) => pageOf(ofPage, isPacked)),
  };
  const rows = pages * ROWS_A_PAGE;
  const path = written(name, handParquet(rows, [column, textsOf(rows)]));
  return { path, images: images.flat() };
}

const isImage = (found: Buffer | null, expected: string | null | undefined) =>
  expected === null ? found === null : found?.equals(Buffer.from(expected as string)) === true;

describe("a row group", () => {
  test("has its texts, paths and other small columns read at once, and its small images", async () => {
    const file = await counted([fixture("parquet/datasets.parquet")], 2 ** 20);
    assert.equal((await file.while(() => file.text(0))).times, 1);
    assert.equal((await file.while(() => file.text(1))).times, 0);
    // the column, and then the image
    assert.equal((await file.while(() => file.image(0))).times, 2);
    assert.equal((await file.while(() => file.image(1))).times, 1);
  });
});

describe("a larger column of images", () => {
  test("that is compressed is read a page at a time, as long as there is room", async () => {
    const { path, images } = pagedFile("packed", 5, true);
    const pageBytes = 64_000 * ROWS_A_PAGE;
    const file = await counted([path], 2 * 2 ** 20);
    // a header for each page, and the page
    const first = await file.while(async () => {
      assert.ok(isImage(await file.image(9), images[9]));
    });
    assert.equal(first.times, 5 + 1);
    assert.ok(first.bytes < 5 * 8192 + pageBytes, `${first.bytes} bytes`);
    assert.equal((await file.while(() => file.image(10))).times, 0);
    assert.equal((await file.while(() => file.image(33))).times, 1);
    for (const row of [...images.keys()].reverse()) {
      assert.ok(isImage(await file.image(row), images[row]), `row ${row}`);
    }
  });

  test("that is not compressed is gone through once, and then its images are read alone", async () => {
    const { path, images } = pagedFile("plain", 5, false);
    const file = await counted([path], 0);
    const all = async () => {
      for (const row of [...images.keys()].reverse()) {
        assert.ok(isImage(await file.image(row), images[row]), `row ${row}`);
      }
    };
    const there = images.filter((image) => image !== null).length;
    const first = await file.while(all);
    assert.ok(first.times <= 2 * images.length, `${first.times} reads`);
    assert.equal((await file.while(all)).times, there);
  });

  test("whose values are partly in a dictionary reads that once", async () => {
    const [own, other] = [drawnPage(0), drawnPage(1)].map((page) =>
      page.map((one) => one ?? "none"),
    );
    const places = Buffer.concat([Buffer.from([3]), run(4, 5), run(4, 2)]);
    const dictionary = plain(...(own as string[]));
    const column: HandColumn = {
      name: "image",
      required: true,
      codec: GZIP,
      pages: [
        {
          values: 8,
          encoding: PLAIN,
          isDictionary: true,
          data: gzipSync(dictionary),
          uncompressedBytes: dictionary.length,
        },
        {
          values: 8,
          encoding: RLE_DICTIONARY,
          data: gzipSync(places),
          uncompressedBytes: places.length,
        },
        ...[other, own, other].map((page) => {
          const data = plain(...(page as string[]));
          return {
            values: 8,
            encoding: PLAIN,
            data: gzipSync(data),
            uncompressedBytes: data.length,
          };
        }),
      ],
    };
    const path = written("dictionary", handParquet(32, [column, textsOf(32)]));
    const file = await counted([path], 2 ** 24);
    const looked = [5, 5, 5, 5, 2, 2, 2, 2].map((place) => own?.[place]);
    const expected = [...looked, ...(other ?? []), ...(own ?? []), ...(other ?? [])];
    const reads = await file.while(async () => {
      for (const [row, image] of expected.entries()) {
        assert.ok(isImage(await file.image(row), image), `row ${row}`);
      }
    });
    assert.equal(reads.times, 5 + 1 + 4); // headers, the dictionary, pages
  });

  test("with a damaged page is an error of that page's rows, and the page is read once", async () => {
    const { path, images } = pagedFile("damaged", 4, true);
    const content = readFileSync(path);
    const magic = Buffer.from([0x1f, 0x8b, 8, 0]);
    const second = content.indexOf(magic, content.indexOf(magic) + 4);
    content.fill(0xff, second + 1000, second + 2000);
    writeFileSync(path, content);
    const file = await counted([path], 2 ** 24);
    for (const row of [0, 7, 16, 31]) assert.ok(isImage(await file.image(row), images[row]));
    const failing = async () => {
      for (const row of [8, 15]) await assert.rejects(file.image(row));
    };
    assert.equal((await file.while(failing)).times, 1);
    assert.equal((await file.while(failing)).times, 0);
  });

  test("of texts is read a page at a time as well", async () => {
    const texts = Array.from({ length: 30 }, (_, row) => `${row} `.repeat(30_000));
    const pages = [0, 10, 20].map((from) => {
      return { values: 10, encoding: PLAIN, data: plain(...texts.slice(from, from + 10)) };
    });
    const image: HandColumn = {
      name: "image",
      required: true,
      pages: [{ values: 30, encoding: PLAIN, data: plain(...texts.map(() => "i")) }],
    };
    const text: HandColumn = { name: "text", text: true, required: true, pages };
    const file = await counted([written("texts", handParquet(30, [image, text]))], 0);
    const reads = await file.while(async () => {
      for (const [row, expected] of texts.entries()) assert.equal(await file.text(row), expected);
    });
    assert.equal(reads.times, 3 + 3);
  });
});

describe("a set that is many times larger than rowCacheBytes", () => {
  const GROUPS = 24;
  const ROWS = 32;
  const paths = Array.from({ length: GROUPS }, (_, group) => {
    const images = Array.from({ length: ROWS }, (_, row) => `${group} ${row} `.repeat(100));
    const data = plain(...images);
    const column: HandColumn = {
      name: "image",
      required: true,
      codec: GZIP,
      pages: [
        { values: ROWS, encoding: PLAIN, data: gzipSync(data), uncompressedBytes: data.length },
      ],
    };
    return written(`group-${group}`, handParquet(ROWS, [column, textsOf(ROWS)]));
  });
  const groupBytes = ROWS * 700 + 20 * ROWS + 1024;
  const epochOf = async (
    file: Awaited<ReturnType<typeof counted>>,
    indexAt: (position: number, epoch: number) => number,
    epoch: number,
  ) => {
    for (let position = 0; position < file.length; position += 1) {
      const index = indexAt(position, epoch);
      const [group, row] = [Math.floor(index / ROWS), index % ROWS];
      assert.equal(String(await file.image(index)), `${group} ${row} `.repeat(100));
      assert.equal(await file.text(index), `text ${row}`);
    }
  };

  test('has each row group read once in an epoch of shuffle "blocks" that the cache holds the window of', async () => {
    const window = 8;
    const file = await counted(paths, (window + 2) * groupBytes);
    const { indexAt } = blockSampler(file.blockLengths, { seed, window });
    for (const epoch of [0, 1]) {
      const { times } = await file.while(() => epochOf(file, indexAt, epoch));
      // texts are small and stay; blocks where two lanes meet come twice
      assert.ok(times <= 2 * GROUPS + 4, `${times} reads of ${GROUPS} row groups`);
    }
  });

  test("is read twice a row at most by a full shuffle", async () => {
    const file = await counted(paths, 0);
    const { indexAt } = shuffledSampler(file.length, seed);
    const { times } = await file.while(() => epochOf(file, indexAt, 0));
    assert.ok(times <= 2 * file.length, `${times / file.length} reads a row`);
    assert.ok(times > file.length / 2); // and that is what the cache would have saved
  });
});
