import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  DataLoader,
  type Images,
  MultimodalDataset,
  openParquet,
  type PairSource,
  PixtokError,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { randomIntegers, seed, smallTokenizer } from "../support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-parquet-"));
after(() => rmSync(root, { recursive: true }));
const context = { seed: 0, epoch: 0 };
const tokenizer = await smallTokenizer();
const file = (name: string) => fixture(`parquet/${name}.parquet`);

interface ExpectedRow {
  image: string | null;
  path: string | null;
  text: string | string[];
  id: string;
  problem?: string;
}

const expected = JSON.parse(readFileSync(fixture("parquet/expected.json"), "utf8")) as Record<
  string,
  ExpectedRow[]
>;
const whole = Object.keys(expected).filter((name) => !/^(odd|other-columns|empty)/.test(name));

function bytesOf(image: Images): Buffer {
  if (image instanceof Uint8Array) return Buffer.from(image);
  const { path, offset, length } = image as { path: string; offset: number; length: number };
  return readFileSync(path).subarray(offset, offset + length);
}

async function assertRow(source: PairSource, index: number, row: ExpectedRow): Promise<void> {
  const { image, text, key } = await source.get(index, context);
  assert.ok(bytesOf(image).equals(readFileSync(fixture(`images/${row.image}`))), `row ${index}`);
  assert.deepEqual([text, key], [row.text, row.id]);
  assert.deepEqual(await source.texts?.(index), row.text);
}

const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

describe("a Parquet file, as pyarrow and datasets write it", () => {
  for (const name of whole) {
    test(`${name}: images, texts and keys, in any order`, async () => {
      const rows = expected[name] as ExpectedRow[];
      const source = await openParquet(file(name));
      assert.equal(source.length, rows.length);
      for (const index of [...rows.keys()].reverse()) {
        await assertRow(source, index, rows[index] as ExpectedRow);
      }
    });
  }

  test("without compression hands images out where they are in the file", async () => {
    for (const name of ["datasets", "hub-none", "bytes", "page-v2-plain", "many-pages"]) {
      const { image } = await (await openParquet(file(name))).get(0, context);
      assert.ok(!(image instanceof Uint8Array) && typeof image === "object", name);
    }
  });

  test("gives the batches of the plain files, and is found by from()", async () => {
    const rows = expected.datasets as ExpectedRow[];
    const plain = new MultimodalDataset({
      source: {
        length: rows.length,
        get(index) {
          const { image, text, id } = rows[index] as ExpectedRow;
          return { image: fixture(`images/${image}`), text, key: id };
        },
      },
      tokenizer,
    });
    for (const name of ["datasets", "hub-zstd", "page-v2"]) {
      const dataset = await MultimodalDataset.from(file(name), { tokenizer });
      assert.equal(dataset.description, "Parquet, 1 file, 5 pairs");
      await assertSameEpoch(dataset, plain, { batchSize: 2, shuffle: true, seed: 4 });
    }
  });

  test("is one of several, in a folder, or by a pattern", async () => {
    const folder = join(root, "hub", "data");
    mkdirSync(folder, { recursive: true });
    const names = [0, 1, 2].map((i) => `train-0000${i}-of-00003.parquet`);
    for (const [i, codec] of ["snappy", "none", "gzip"].entries()) {
      copyFileSync(file(`hub-${codec}`), join(folder, names[i] as string));
    }
    const rows = expected["hub-none"] as ExpectedRow[];
    const paths = names.map((name) => join(folder, name));
    const source = await openParquet(paths);
    assert.equal(source.description, "Parquet, 3 files, 15 pairs");
    for (const index of [14, 0, 5, 9, 4, 10]) {
      await assertRow(source, index, rows[index % 5] as ExpectedRow);
    }
    for (const data of [join(root, "hub"), join(folder, "train-*.parquet"), folder]) {
      const { fingerprint } = await MultimodalDataset.from(data, { tokenizer });
      assert.equal(fingerprint, `15 pairs, ${source.fingerprint}`);
    }
  });

  test("is read at random by many at once, in little memory", async () => {
    const random = randomIntegers(seed);
    for (const name of ["hub-snappy", "dictionary", "hub-none"]) {
      const rows = expected[name] as ExpectedRow[];
      const source = await openParquet(file(name), { rowCacheBytes: 0 });
      const indices = Array.from({ length: 60 }, () => random(rows.length));
      await Promise.all(indices.map((i) => assertRow(source, i, rows[i] as ExpectedRow)));
    }
  });
});

describe("rows that cannot be read", () => {
  const messages: Record<string, RegExp> = {
    "leads out": /row \d: image: the path leads out of the root folder.*; got "\.\.\/images/,
    "no image": /row \d: image: there is no image/,
    "no text": /row \d: text: expected a text or several, got (null|undefined)/,
  };
  for (const name of ["odd", "odd-snappy"]) {
    test(`${name}: are errors of their own, which name file and row`, async () => {
      const source = await openParquet(file(name));
      for (const [index, row] of (expected[name] as ExpectedRow[]).entries()) {
        if (row.problem === undefined) {
          const { image, key } = await source.get(index, context);
          assert.deepEqual([image, key], [join(fixture("parquet"), row.path ?? ""), row.id]);
          continue;
        }
        await assert.rejects(
          async () => source.get(index, context),
          (error) => {
            assert.equal((error as PixtokError).source, file(name));
            assert.match((error as PixtokError).message, new RegExp(`row ${index + 1}:`));
            return codeOf("INVALID_PARQUET", messages[row.problem ?? ""] as RegExp)(error);
          },
        );
      }
    });
  }

  test("follow the loader's policy, and paths may lead out if that is allowed", async () => {
    const options = { tokenizer, allowOutsideRoot: true };
    const dataset = await MultimodalDataset.from(file("odd"), options);
    const loader = new DataLoader(dataset, { batchSize: 5, onError: "skip" });
    for await (const batch of loader) {
      assert.deepEqual(batch.texts, ["a"]);
      assert.equal(batch.dropped.length, 4);
    }
  });

  test("for want of a file that a path names, name that file", async () => {
    const dataset = await MultimodalDataset.from(file("odd"), { tokenizer });
    const rows = expected.odd as ExpectedRow[];
    const index = rows.findIndex(({ problem }) => problem === undefined);
    const source = join(fixture("parquet"), rows[index]?.path ?? "");
    const message = /one in a manifest or table starts at that file's folder or at root/;
    await assert.rejects(dataset.get(index), { code: "FILE_NOT_FOUND", index, source, message });
  });
});

describe("a file that cannot be opened", () => {
  const none = readFileSync(file("hub-none"));
  const write = (name: string, content: Buffer) => {
    const path = join(root, `${name}.parquet`);
    writeFileSync(path, content);
    return path;
  };
  const cases: [string, () => string | string[], object, RegExp][] = [
    ["that is not there", () => join(root, "none.parquet"), {}, /no such file/],
    [
      "that is cut short",
      () => write("cut", none.subarray(0, 9000)),
      {},
      /no Parquet file, or it is cut short/,
    ],
    ["that is empty", () => write("nothing", Buffer.alloc(0)), {}, /too short/],
    [
      "that is something else",
      () => write("text", Buffer.alloc(5000, "text")),
      {},
      /no Parquet file/,
    ],
    ["that is a folder", () => root, {}, /this is a folder/],
    ["without rows", () => file("empty"), {}, /there are no rows/],
    [
      "without images",
      () => file("other-columns"),
      {},
      /imageColumn: expected one of .* among the columns, got a, b/,
    ],
    [
      "without that column",
      () => file("hub-none"),
      { textColumn: "x" },
      /textColumn: expected "x" among the columns, got image, text/,
    ],
    [
      "with another type of image",
      () => file("bytes"),
      { imageColumn: "width" },
      /imageColumn: expected bytes, paths, or a struct/,
    ],
    [
      "with another type of text",
      () => file("bytes"),
      { textColumn: "jpg.x", imageColumn: "jpg" },
      /textColumn: expected "jpg.x" among the columns/,
    ],
    [
      "with other columns than the first",
      () => [file("hub-none"), file("bytes")],
      {},
      /its columns are not those of/,
    ],
  ];
  for (const [what, path, options, message] of cases) {
    test(`${what} is refused`, async () => {
      await assert.rejects(openParquet(path(), options), message);
    });
  }

  test("with misspelled options is refused", async () => {
    await assert.rejects(
      openParquet(file("bytes"), { column: 1 } as never),
      /openParquet: unknown option "column"/,
    );
    await assert.rejects(openParquet([]), /files: expected at least one/);
  });
});
