// Parquet files that are made to be wrong. Each is opened in a process of its own, which must neither end,
// nor hang, nor take much memory.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { openParquet } from "pixtok";
import { inChild } from "../support/child.js";
import { shared, withoutShared } from "../support/fixtures.js";
import {
  type HandColumn,
  type HandPage,
  handParquet,
  levels,
  plain,
  run,
  varint,
} from "../support/parquet-writer.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-parquet-hostile-"));
after(() => rmSync(root, { recursive: true }));

const PLAIN = 0;
const DELTA_LENGTH_BYTE_ARRAY = 6;
const DELTA_BYTE_ARRAY = 7;
const RLE_DICTIONARY = 8;
const GZIP = 2;

/** Integers as the differences between them, in blocks of 128 of 32 bits each. */
function deltas(values: readonly number[]): Buffer {
  const zigzag = (value: number) => varint(value < 0 ? -2 * value - 1 : 2 * value);
  const parts = [varint(128), varint(4), varint(values.length), zigzag(values[0] as number)];
  for (let start = 1; start < values.length; start += 128) {
    const bits = Buffer.alloc(4 * 128);
    for (let i = 0; i < 128 && start + i < values.length; i += 1) {
      bits.writeInt32LE((values[start + i] as number) - (values[start + i - 1] as number), 4 * i);
    }
    const inParts = 32 * Math.ceil(Math.min(128, values.length - start) / 32);
    parts.push(zigzag(0), Buffer.alloc(4, 32), bits.subarray(0, 4 * inParts));
  }
  return Buffer.concat(parts);
}

const image: HandColumn = {
  name: "image",
  required: true,
  pages: [{ values: 3, encoding: PLAIN, data: plain("one", "two", "three") }],
};
const text = (page: HandPage, more: Partial<HandColumn> = {}): HandColumn => ({
  name: "text",
  text: true,
  pages: [page],
  ...more,
});
const abc = plain("a", "b", "c");

/** Texts and images of a file's rows, an error as its code; what opening says where it fails. */
async function rowsOf(file: Buffer | string) {
  const path = typeof file === "string" ? file : join(root, "hostile.parquet");
  if (typeof file !== "string") writeFileSync(path, file);
  const result = await inChild(`
    const { openParquet } = await import("pixtok");
    const source = await openParquet(${JSON.stringify(path)});
    const rows = [];
    for (let i = 0; i < Math.min(source.length, 5); i += 1) {
      rows.push(await source.texts(i).catch(({ code, message }) => [code, message]));
      await source.get(i, { seed: 0, epoch: 0 }).catch(() => {});
    }
    return rows;
  `);
  assert.equal(result.ended, 0, result.errors);
  assert.ok(result.peakMiB < 600, `${result.peakMiB} MiB`);
  return result.value;
}

async function refusesRows(file: Buffer, problem: RegExp) {
  const rows = (await rowsOf(file)) as [string, string][];
  assert.ok(Array.isArray(rows), JSON.stringify(rows));
  for (const [code, message] of rows) {
    assert.equal(code, "INVALID_PARQUET");
    assert.match(message, problem);
  }
}

async function refusesFile(file: Buffer, problem: RegExp) {
  const { code, message } = (await rowsOf(file)) as { code: string; message: string };
  assert.equal(code, "INVALID_PARQUET");
  assert.match(message, problem);
}

describe("levels", () => {
  test("in a run that is longer than its page give the page's values, as in Arrow", async () => {
    const data = Buffer.concat([levels(run(2 ** 30, 1)), abc]);
    const file = handParquet(3, [image, text({ values: 3, encoding: PLAIN, data })]);
    assert.deepEqual(await rowsOf(file), ["a", "b", "c"]);
  });
  test("that end before their page does are an error", async () => {
    const data = Buffer.concat([levels(run(2, 1)), abc]);
    const file = handParquet(3, [image, text({ values: 3, encoding: PLAIN, data })]);
    await refusesRows(file, /row group 0 cannot be read: runs of levels or places end early/);
  });
  test("that are longer than their page are an error", async () => {
    const data = Buffer.concat([Buffer.from([255, 255, 255, 127]), abc]);
    const file = handParquet(3, [image, text({ values: 3, encoding: PLAIN, data })]);
    await refusesRows(file, /levels do not fit their page/);
  });
  test("above those of the schema are an error", async () => {
    const data = Buffer.concat([levels(run(3, 5)), abc]);
    const file = handParquet(3, [image, text({ values: 3, encoding: PLAIN, data })]);
    await refusesRows(file, /a level or place is 5, and should be 1 at most/);
  });
});

describe("values", () => {
  const required = (page: HandPage, more: Partial<HandColumn> = {}) =>
    handParquet(3, [image, text(page, { required: true, ...more })]);

  test("that are longer than their page are an error", async () => {
    const data = Buffer.concat([plain("a", "b"), Buffer.from([9, 0, 0, 0, 99])]);
    await refusesRows(
      required({ values: 3, encoding: PLAIN, data }),
      /a value reaches beyond its page/,
    );
  });
  test("of images that are longer than their page are an error, where they stand as they are", async () => {
    const data = Buffer.concat([
      plain("one", "two"),
      Buffer.from([6, 0, 0, 0]),
      Buffer.from("three"),
    ]);
    const pages = [{ values: 3, encoding: PLAIN, data }];
    const page = { values: 3, encoding: PLAIN, data: abc };
    const file = handParquet(3, [{ ...image, pages }, text(page, { required: true })]);
    writeFileSync(join(root, "images.parquet"), file);
    const source = await openParquet(join(root, "images.parquet"));
    await assert.rejects(async () => source.get(0, { seed: 0, epoch: 0 }), {
      code: "INVALID_PARQUET",
      message: /a value reaches beyond its page/,
    });
  });
  test("that are fewer than their page tells are an error", async () => {
    const data = plain("a", "b");
    await refusesRows(
      required({ values: 3, encoding: PLAIN, data }),
      /a page ends before its values do/,
    );
  });
  test("that a dictionary does not have are an error", async () => {
    const pages = [
      { values: 2, encoding: PLAIN, data: plain("a", "b"), isDictionary: true },
      {
        values: 3,
        encoding: RLE_DICTIONARY,
        data: Buffer.concat([Buffer.from([2]), run(3, 2)]),
      },
    ];
    const file = handParquet(3, [image, { name: "text", text: true, required: true, pages }]);
    await refusesRows(file, /a level or place is 2, and should be 1 at most/);
  });
  test("whose lengths fall below zero are an error", async () => {
    const data = Buffer.concat([deltas([1, 1, -1]), Buffer.from("abc")]);
    await refusesRows(
      required({ values: 3, encoding: DELTA_LENGTH_BYTE_ARRAY, data }),
      /row group 0/,
    );
  });
});

describe("memory", () => {
  test("is not made for what a page says it becomes", async () => {
    const data = gzipSync(Buffer.alloc(1000));
    const page = { values: 3, encoding: PLAIN, data, uncompressedBytes: 2 ** 31 - 1 };
    const file = handParquet(3, [image, text(page, { codec: GZIP, required: true })]);
    await refusesRows(file, /bytes of a column become more than/);
  });
  test("is not made for more than a page says it becomes", async () => {
    const data = gzipSync(Buffer.alloc(2 ** 27));
    const page = { values: 3, encoding: PLAIN, data, uncompressedBytes: 1000 };
    const file = handParquet(3, [image, text(page, { codec: GZIP, required: true })]);
    await refusesRows(file, /row group 0 cannot be read/);
  });
  test("is bounded where values repeat the one before them", async () => {
    const rows = 20_000;
    const longest = 40_000;
    const first = (value: number, others: number) => [value, ...Array(rows - 1).fill(others)];
    const data = Buffer.concat([
      deltas(first(0, longest)),
      deltas(first(longest, 1)),
      Buffer.alloc(longest + rows),
    ]);
    const none = { values: rows, encoding: DELTA_LENGTH_BYTE_ARRAY, data: deltas(first(0, 0)) };
    const file = handParquet(rows, [
      { ...image, pages: [none] },
      text({ values: rows, encoding: DELTA_BYTE_ARRAY, data }, { required: true }),
    ]);
    await refusesRows(file, /bytes of a column become more than/);
  });
  test("is not made for the rows that a group declares", async () => {
    const page = { values: 2 ** 31 - 1, encoding: PLAIN, data: levels(run(2 ** 31 - 1, 0)) };
    const file = handParquet(2 ** 31 - 1, [{ name: "image", pages: [page] }, text(page)]);
    await refusesFile(file, /a row group of \d+ bytes declares 2147483647 rows/);
  });
});

describe("a footer", () => {
  const withFooter = (footer: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    return Buffer.concat([Buffer.from("PAR1"), footer, length, Buffer.from("PAR1")]);
  };
  test("with a list of a billion elements is refused", async () => {
    await refusesFile(withFooter(Buffer.from("29fcffffffff0f00", "hex")), /damaged/);
  });
  test("with structures within structures without end is refused", async () => {
    await refusesFile(withFooter(Buffer.alloc(100_000, 0x1c)), /nested too deeply/);
  });
  test("with lists within lists without end is refused", async () => {
    const lists = Buffer.alloc(100_000, 0x19);
    await refusesFile(withFooter(lists), /nested too deeply|damaged/);
  });
  test("with a schema of a billion children is refused", async () => {
    const file = handParquet(3, [image, text({ values: 3, encoding: PLAIN, data: abc })]);
    // the root's number of children: field 5 after its name
    const at = file.indexOf(Buffer.from("schema")) + "schema".length;
    assert.equal(file[at], 0x15);
    file[at + 1] = 0x7e;
    await refusesFile(file, /the schema ends early/);
  });
});

describe("shared cases", () => {
  for (const name of ["parquet_hang", "rle_run_2g_text"]) {
    const file = `cases/broken/${name}.parquet`;
    test(`${name} ends`, { skip: withoutShared(file) }, async () => {
      assert.ok(Array.isArray(await rowsOf(shared(file))));
    });
  }
});
