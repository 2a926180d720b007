// How rows of a text are found by an index of where groups of them begin.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PAGE_BYTES } from "../../src/sources/index-pages.js";
import { pagesInMemory, rowIndexMaker, rowIndexOf } from "../../src/sources/manifest/row-index.js";
import { fc } from "../support/properties.js";

/** The starts of rows of these lengths, and where the last one ends. */
function made(lengths: readonly number[]) {
  const maker = rowIndexMaker();
  const starts: number[] = [];
  let end = 0;
  for (const length of lengths) {
    starts.push(end);
    maker.add(end);
    end += length;
  }
  return { starts, end, found: maker.finished(end) };
}

describe("an index of rows", () => {
  const lengths = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 300 }) },
    { weight: 5, arbitrary: fc.integer({ min: 300, max: 10_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 2 ** 31, max: 2 ** 36 }) },
  );

  test("has every row in a group of at most 4 KiB, or alone, whatever their lengths are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(lengths, { minLength: 1, maxLength: 300 }), async (rows) => {
        const { starts, end, found } = made(rows);
        const index = rowIndexOf(pagesInMemory(found), end);
        assert.equal(index.rows, rows.length);
        for (const row of rows.keys()) {
          const group = await index.groupOf(row);
          assert.ok(group !== undefined, `row ${row}`);
          assert.ok(group.firstRow <= row && row < group.firstRow + group.rows, `row ${row}`);
          assert.equal(group.start, starts[group.firstRow]);
          assert.equal(group.end, starts[group.firstRow + group.rows] ?? end);
          assert.ok(group.rows === 1 || group.end - group.start <= 4096, `row ${row}`);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("of several pages finds the first and the last row of each", async () => {
    const rows = 3000; // a group each, and 509 a page
    const { starts, end, found } = made(Array(rows).fill(4096));
    assert.equal(found.pages.length, Math.ceil(rows / 509) * PAGE_BYTES);
    const index = rowIndexOf(pagesInMemory(found), end);
    for (let row = 0; row < rows; row += 1) {
      assert.deepEqual(await index.groupOf(row), {
        firstRow: row,
        rows: 1,
        start: starts[row],
        end: starts[row + 1] ?? end,
      });
    }
  });

  test("takes a two hundredth of the text, and less", () => {
    const { end, found } = made(Array(100_000).fill(30));
    assert.ok(found.pages.length < end / 200);
  });

  test("without rows has no pages", () => {
    assert.deepEqual(rowIndexMaker().finished(0), { pages: Buffer.alloc(0), rows: 0 });
  });

  test("finds no row where any byte that it goes by has been changed", async () => {
    const { end, found } = made(Array(2000).fill(4096));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(found.pages.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (place, change) => {
          const pages = Buffer.from(found.pages);
          pages[place] = (pages[place] as number) ^ change;
          const page = Math.floor(place / PAGE_BYTES);
          const index = rowIndexOf(pagesInMemory({ ...found, pages }), end);
          assert.equal(await index.groupOf(509 * page + 1), undefined);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("finds no row beyond the text, nor where there are fewer than it says", async () => {
    const { end, found } = made([10, 5000, 10]);
    const pages = pagesInMemory(found);
    assert.equal(await rowIndexOf(pages, end - 11).groupOf(1), undefined);
    assert.equal(await rowIndexOf({ ...pages, rows: 2 }, end).groupOf(2), undefined);
  });

  test("reads one page, or none, once it knows where all begin; it keeps 64", async () => {
    const { end, found } = made(Array(509 * 80).fill(4096));
    const pages = pagesInMemory(found);
    const read: number[] = [];
    const index = rowIndexOf(
      {
        ...pages,
        page: (place) => {
          read.push(place);
          return pages.page(place);
        },
      },
      end,
    );
    for (let place = 0; place < 80; place += 1) await index.groupOf(509 * place);
    read.length = 0;
    for (const place of [79, 0, 0, 79]) await index.groupOf(509 * place + 7);
    assert.deepEqual(read, [0]);
  });

  test("finds no row where a page cannot be read, and finds it once that can be read again", async () => {
    const { end, found } = made([10, 10]);
    const pages = pagesInMemory(found);
    const answers = [
      () => Promise.reject(new Error("EIO")),
      async () => Buffer.alloc(7),
      pages.page,
    ];
    const index = rowIndexOf(
      { ...pages, page: (place) => (answers.shift() as typeof pages.page)(place) },
      end,
    );
    assert.equal(await index.groupOf(1), undefined);
    assert.equal(await index.groupOf(1), undefined);
    assert.equal((await index.groupOf(1))?.rows, 2);
  });
});
