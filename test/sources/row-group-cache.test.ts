import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { openParquet, type PairSource, PixtokError } from "pixtok";
import { isDamage, notAsOpened } from "../../src/sources/parquet/parquet-file.js";
import { inChild } from "../support/child.js";
import { fixture } from "../support/fixtures.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-row-groups-"));
after(() => rmSync(root, { recursive: true }));
const context = { seed: 0, epoch: 0 };

/** Two row groups, 2 + 1, of images that are compressed. */
const imagesOf = async (source: PairSource, indices: readonly number[]) => {
  const images: Buffer[] = [];
  for (const i of indices) images.push((await source.get(i, context)).image as Buffer);
  return images;
};
const files = ["jpeg-7x5.jpg", "png-l-1bit.png", "jpeg-17x33.jpg", "png-1x1.png", "avif-grey.avif"];
const expected = files.map((name) => readFileSync(fixture(`images/${name}`)));

test("what is wrong with a file is kept, and what is wrong with the machine or who writes it is not", () => {
  const ofSystem = (code: string) =>
    Object.assign(new Error(code), { code, errno: -1, syscall: "read" });
  const cases: [cause: unknown, isOfFile: boolean][] = [
    [new RangeError("a page is damaged"), true],
    [notAsOpened("the file has been changed since it was opened"), false],
    [ofSystem("ENOENT"), false],
    [ofSystem("EIO"), false],
    [ofSystem("EMFILE"), false],
    [new PixtokError("OUT_OF_MEMORY", "there is none"), false],
  ];
  for (const [cause, isOfFile] of cases) assert.equal(isDamage(cause), isOfFile, String(cause));
});

describe("row groups that are kept", () => {
  test("are those of their file, where several files have groups of the same number", async () => {
    const paths = ["hub-snappy", "dictionary"].map((name) => fixture(`parquet/${name}.parquet`));
    for (const order of [paths, [...paths].reverse()]) {
      // 5 and 10 rows: the first group of either begins with the first pair
      const source = await openParquet(order);
      const first = order[0]?.includes("snappy") ? 5 : 10;
      const indices = [0, first, 1, first + 1, 4, first + 4];
      const found = await imagesOf(source, indices);
      for (const [i, index] of indices.entries()) {
        const row = index < first ? index : index - first;
        assert.ok(found[i]?.equals(expected[row % 5] as Buffer), `pair ${index}`);
        const { origin } = await source.get(index, context);
        const at = index < first ? 0 : 1;
        assert.equal(origin, `${order[at]}#row ${row + 1}`);
      }
    }
  });

  test("are those of their file, where the images of its rows are others", async () => {
    const a = fixture("parquet-columns/several-bytes.parquet");
    const b = join(root, "b.parquet");
    copyFileSync(a, b);
    const bytes = readFileSync(b);
    // one text is another: the dictionary's "two" is stored as it is
    const at = bytes.indexOf("two");
    assert.ok(at > 0);
    bytes.write("TWO", at);
    writeFileSync(b, bytes);
    const source = await openParquet([a, b]);
    const texts = await Promise.all(Array.from({ length: 8 }, (_, i) => source.texts?.(i)));
    assert.deepEqual(texts, ["one", "two", "three", "four", "one", "TWO", "three", "four"]);
  });

  test("are read once while they last, and again where rowCacheBytes has no room for them", async () => {
    const path = fixture("parquet/hub-snappy.parquet");
    const sizes = await inChild(`
      const { openParquet } = await import("pixtok");
      const context = { seed: 0, epoch: 0 };
      const result = {};
      for (const rowCacheBytes of [0, 2 ** 29]) {
        const source = await openParquet(${JSON.stringify(path)}, { rowCacheBytes });
        const first = (await source.get(0, context)).image;
        await source.get(4, context);
        const again = (await source.get(0, context)).image;
        result[rowCacheBytes] = first.buffer === again.buffer;
      }
      return result;
    `);
    assert.deepEqual(sizes.value, { 0: false, [2 ** 29]: true });
  });
});

describe("row groups that cannot be read", () => {
  test("name the row group, and PixtokError is what they throw", async () => {
    const path = join(root, "damaged.parquet");
    const bytes = readFileSync(fixture("parquet/hub-snappy.parquet"));
    bytes.fill(0xff, 4, 20); // the head of its first page
    writeFileSync(path, bytes);
    const source = await openParquet(path);
    for (const index of [0, 1]) {
      await assert.rejects(
        async () => source.get(index, context),
        (error) => {
          assert.ok(error instanceof PixtokError);
          assert.match(error.message, new RegExp(`row ${index + 1}: row group 0 cannot be read`));
          assert.equal(error.index, index);
          return true;
        },
      );
    }
    assert.equal((await source.get(4, context)).text, "four");
  });
});
