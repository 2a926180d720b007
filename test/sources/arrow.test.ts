// Arrow files, as datasets and pyarrow write them.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  DataLoader,
  MultimodalDataset,
  openArrow,
  openSource,
  type PairSource,
  PixtokError,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { codeOf, dataset, packed } from "../support/packs-of-images.js";
import { tinyImage as image, randomIntegers, seed } from "../support/pairs.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-arrow-"));
after(() => rmSync(folder, { recursive: true }));

type Row = Record<string, unknown>;
const expected = JSON.parse(readFileSync(fixture("arrow/expected.json"), "utf8")) as {
  saved: Row[];
  train: Row[];
  kinds: Row[];
  gaps: Row[];
};
const context = { seed: 0, epoch: 0 };
const kinds = fixture("arrow/kinds.arrow");

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** As the golden has values: integers as digits. */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === "bigint") return String(value);
  return value;
}

/** A row of a source as the golden has it. */
async function rowOf(source: PairSource, index: number): Promise<Row> {
  const { image, text, columns } = await source.get(index, context);
  const shaOf = (one: unknown) => {
    if (one === null) return null;
    const { path, offset, length } = one as { path: string; offset: number; length: number };
    return sha256(readFileSync(path).subarray(offset, offset + length));
  };
  const values = Object.entries(columns ?? {}).map(([name, value]) => [name, shown(value)]);
  return {
    image: Array.isArray(image) ? image.map(shaOf) : shaOf(image),
    text,
    ...Object.fromEntries(values),
  };
}

/** Integers are digits in the golden; those that a double holds are numbers here. */
const asDigits = (row: Row, integers: readonly string[]): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (!integers.includes(name) || value === null) return [name, value];
      return [name, Array.isArray(value) ? value.map(String) : String(value)];
    }),
  );

async function assertRows(source: PairSource, rows: readonly Row[], integers: readonly string[]) {
  assert.equal(source.length, rows.length);
  for (const [index, row] of rows.entries()) {
    assert.deepEqual(asDigits(await rowOf(source, index), integers), row);
    assert.deepEqual(await source.texts?.(index), row.text);
  }
}

describe("rows are those that Python reads of", () => {
  test("a dataset that save_to_disk() wrote, in several files", async () => {
    const source = await openSource(fixture("arrow/saved"), { columns: "auto" });
    await assertRows(source, expected.saved, ["label"]);
    assert.equal(source.description, "Arrow, 2 files, 3 pairs");
    assert.deepEqual(source.columnTypes, {
      label: "int64",
      box: { type: "float32", shape: [2] },
      tags: "json",
    });
    assert.deepEqual(source.classNames, { label: ["cat", "dog"] });
  });

  test("a split that DatasetDict.save_to_disk() wrote", async () => {
    const splits = fixture("arrow/splits");
    const options = { columns: "auto", split: "train" } as const;
    await assertRows(await openSource(splits, options), expected.train, ["label"]);
    await assert.rejects(
      openSource(splits),
      codeOf("UNKNOWN_SOURCE", /several splits \(train, validation\).*split: "train"/),
    );
  });

  test("a stream of several batches, and a file with its contents at the end", async () => {
    const integers = ["int8", "uint16", "uint64", "int64", "fixed"];
    for (const path of [kinds, fixture("arrow/file.arrow")]) {
      const source = await openArrow(path, { columns: "auto" });
      await assertRows(source, expected.kinds, integers);
      assert.deepEqual(source.columnTypes?.fixed, { type: "int64", shape: [3] });
    }
  });
});

test("an image of a list that has neither bytes nor a path is missing, as in Parquet", async () => {
  await assertRows(await openArrow(fixture("arrow/gaps.arrow")), expected.gaps, []);
});

describe("a dataset of Arrow", () => {
  test("has images, texts of classes and columns", async () => {
    const columns = { label: "int64", box: { type: "float32", shape: [2] } } as const;
    const options = { image, text: null, columns } as const;
    const saved = await MultimodalDataset.from(fixture("arrow/saved"), options);
    for await (const batch of new DataLoader(saved, { batchSize: 3 })) {
      assert.deepEqual([...batch.columns.label.data], [0n, 1n, 0n]);
      assert.deepEqual([...batch.columns.box.data], [1.5, 2, 3, -0.25, 5, 6]);
    }
    const path = fixture("images/png-rgb.png");
    const file = new MultimodalDataset({ imagePaths: [path], image, text: null });
    assert.deepEqual((await saved.get(0)).image, (await file.get(0)).image);
    const named = await openSource(fixture("arrow/saved"), { textColumn: "label" });
    assert.equal(await named.texts?.(1), "dog");
  });

  test("names its rows by the images' paths, or else by file and row", async () => {
    const source = await openArrow(kinds);
    const keys = [0, 1, 2].map(async (index) => (await source.get(index, context)).key);
    assert.deepEqual(await Promise.all(keys), ["kinds.arrow:1", "b", "c"]);
  });
});

describe("what is not as it should be is an error:", () => {
  const refused: [string, () => Promise<unknown>, string, RegExp][] = [
    [
      "compressed buffers",
      () => openArrow(fixture("arrow/compressed.arrow")),
      "INVALID_ARROW",
      /compressed/,
    ],
    [
      "a dictionary",
      () => openArrow(fixture("arrow/dictionary.arrow")),
      "INVALID_ARROW",
      /"text" has a dictionary/,
    ],
    [
      "a type that is not read",
      () => openArrow(fixture("arrow/view.arrow")),
      "INVALID_ARROW",
      /"text" is of a type/,
    ],
    [
      "a column of times",
      () => openArrow(kinds, { columns: ["time"] }),
      "INVALID_ARROW",
      /columns: expected numbers, .* in "time"/,
    ],
    [
      "no such column",
      () => openArrow(kinds, { textColumn: "caption" }),
      "INVALID_ARROW",
      /textColumn: expected "caption" among/,
    ],
    [
      "a text of another type",
      () => openArrow(kinds, { textColumn: "double" }),
      "INVALID_ARROW",
      /textColumn: expected a text/,
    ],
    [
      "an image of another type",
      () => openArrow(kinds, { imageColumn: "int8" }),
      "INVALID_ARROW",
      /imageColumn: expected bytes/,
    ],
    [
      "other columns in a file",
      () => openArrow([kinds, fixture("arrow/saved/data-00000-of-00002.arrow")]),
      "INVALID_ARROW",
      /its columns are not those of/,
    ],
    [
      "other columns in the last of several files",
      () => openArrow([kinds, kinds, kinds, fixture("arrow/saved/data-00000-of-00002.arrow")]),
      "INVALID_ARROW",
      /its columns are not those of/,
    ],
    ["no file", () => openArrow("nothing.arrow"), "FILE_NOT_FOUND", /nothing\.arrow/],
    [
      "no Arrow file",
      () => openArrow(fixture("images/png-rgb.png")),
      "INVALID_ARROW",
      /it cannot be read/,
    ],
  ];
  for (const [what, open, code, message] of refused) {
    test(what, async () => {
      await assert.rejects(open(), codeOf(code, message));
    });
  }

  test("what is cut off between batches of rows, of a stream, whose rows that are missing nothing else tells", async () => {
    const whole = readFileSync(kinds);
    const cut = join(folder, "cut-stream.arrow");
    const ends = [whole.length - 8, whole.lastIndexOf(Buffer.from("ffffffff", "hex"), -12)];
    for (const bytes of ends) {
      rmSync(cut, { force: true });
      writeFileSync(cut, whole.subarray(0, bytes));
      await assert.rejects(openArrow(cut), codeOf("INVALID_ARROW", /no mark of its end.*cut/));
    }
  });

  test("what is cut off between batches of rows or behind them, of a file with its contents at the end", async () => {
    const whole = readFileSync(fixture("arrow/file.arrow"));
    const end = whole.lastIndexOf(Buffer.from("ffffffff00000000", "hex")) + 8;
    const cut = join(folder, "cut.arrow");
    for (const bytes of [end - 8, end - 4, end - 1]) {
      rmSync(cut, { force: true });
      writeFileSync(cut, whole.subarray(0, bytes));
      await assert.rejects(openArrow(cut), codeOf("INVALID_ARROW", /it ends early/));
    }
  });

  test("a file of a packed set", async () => {
    const pack = await packed(dataset());
    const name = readdirSync(pack).find((one) => one.endsWith(".arrow")) as string;
    const file = join(pack, name);
    await assert.rejects(
      openArrow(file),
      codeOf("INVALID_ARROW", /expected the folder of the set/),
    );
  });

  test("a saved dictionary without splits", async () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    writeFileSync(join(empty, "dataset_dict.json"), '{"splits": []}');
    await assert.rejects(openSource(empty), codeOf("UNKNOWN_SOURCE", /there is no split in this/));
  });

  test("a file of a saved dataset that is missing, and a state that is none", async () => {
    const copy = join(folder, "copy");
    cpSync(fixture("arrow/saved"), copy, { recursive: true });
    rmSync(join(copy, "data-00001-of-00002.arrow"));
    const message = /"data-00001-of-00002.arrow" is missing, which state.json names/;
    await assert.rejects(openSource(copy), codeOf("UNKNOWN_SOURCE", message));
    writeFileSync(join(copy, "state.json"), "{}");
    await assert.rejects(openSource(copy), codeOf("UNKNOWN_SOURCE", /no state of a saved dataset/));
    const files = [{ filename: "data-00000-of-00002.arrow" }];
    const state = { _data_files: files, _indices_data_files: [{ filename: "indices.arrow" }] };
    writeFileSync(join(copy, "state.json"), JSON.stringify(state));
    const selected = /which rows it has is in a file of its own/;
    await assert.rejects(openSource(copy), codeOf("UNKNOWN_SOURCE", selected));
  });

  test("a row without a value, in a dataset that wants one", async () => {
    const columns = { int8: "int32" } as const;
    const opened = await MultimodalDataset.from(kinds, { image, text: null, columns });
    await opened.get(0);
    await assert.rejects(opened.get(1), codeOf("INVALID_COLUMN", /int8: there is no value/));
  });

  test(`damage anywhere, of the file or of a row, and never a crash (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    const whole = readFileSync(kinds);
    const path = join(folder, "damaged.arrow");
    let failures = 0;
    for (let round = 0; round < 100; round += 1) {
      const bytes = Buffer.from(whole);
      // half of them among the heads and the texts, which are not the images
      for (let flips = 1 + random(3); flips > 0; flips -= 1) {
        const at = random(2) === 0 ? random(bytes.length) : random(3000);
        if (random(2) === 0) bytes[at] = random(256);
        else
          bytes.writeInt32LE(
            [-1, 2 ** 31 - 1, 2 ** 28, 0][random(4)] as number,
            (at & ~3) % (bytes.length - 3),
          );
      }
      rmSync(path, { force: true }); // what is mapped stays as it is
      writeFileSync(path, round % 10 === 0 ? bytes.subarray(0, random(bytes.length)) : bytes);
      try {
        const source = await openArrow(path, { columns: "auto" });
        for (let row = 0; row < Math.min(source.length, 4); row += 1)
          await source.get(row, context);
      } catch (error) {
        failures += 1;
        assert.ok(error instanceof PixtokError, String((error as Error).stack));
      }
    }
    assert.ok(failures > 10, `${failures} of 100`);
  });
});

test("a file in the cache of datasets is opened by its folder where there is but one split", async () => {
  const cache = mkdtempSync(join(folder, "cache-"));
  const part = fixture("arrow/saved/data-00000-of-00002.arrow");
  copyFileSync(part, join(cache, "imagefolder-train.arrow"));
  copyFileSync(part, join(cache, "cache-0123456789abcdef.arrow"));
  writeFileSync(join(cache, "dataset_info.json"), "{}");
  assert.equal((await openSource(cache)).length, 2);
  copyFileSync(part, join(cache, "imagefolder-test.arrow"));
  const message = /several splits \(imagefolder-test, imagefolder-train\)/;
  await assert.rejects(openSource(cache), codeOf("UNKNOWN_SOURCE", message));
});
