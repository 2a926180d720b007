// What else of a row goes into a batch. Expected values: test/goldens/make_columns.py.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import {
  type AnyColumn,
  concat,
  DataLoader,
  MultimodalDataset,
  map,
  openManifest,
  openParquet,
  type Pair,
  PixtokError,
  packDataset,
  select,
  type Tensor,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";
import { tarOf } from "../support/tar.js";

interface Expected {
  values: Record<string, unknown[]>;
  float32: Record<string, (number | string)[]>;
}

const { values, float32 } = JSON.parse(
  readFileSync(fixture("columns/expected.json"), "utf8"),
) as Expected;
const floats = (name: string) => float32[name]?.map(Number) as number[];
const integers = (name: string) => values[name]?.map((one) => BigInt(one as string)) as bigint[];

const tokenizer = await smallTokenizer();
const options = { tokenizer, image: tinyImage };
// the images stand in another folder of the tests' data
const ofFile = { ...options, root: fixture("images"), allowOutsideRoot: true };

const folder = mkdtempSync(join(tmpdir(), "pixtok-columns-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

/** Numbered pairs with columns. */
const withColumns = (length: number, columnsOf: (index: number) => Pair["columns"]) => {
  const pairs = numberedPairs(length);
  return {
    length,
    get: (index: number) => ({ ...pairs.get(index), columns: columnsOf(index) }) as Pair,
  };
};

const tensorOf = ({ type, dims, data }: Tensor) => ({ type, dims, data: [...data] });

describe("columns of", () => {
  for (const name of ["dictionary", "plain", "split", "page-v2"]) {
    test(`Parquet (${name}) are what pyarrow reads`, async () => {
      const dataset = await MultimodalDataset.from(fixture(`columns/${name}.parquet`), {
        ...ofFile,
        columns: {
          label: "int64",
          count: "int64",
          large: "int64",
          score: "float32",
          weight: "float32",
          flag: "uint8",
          url: "string",
          box: { type: "float32", shape: [4] },
          sizes: "json",
        },
      });
      for await (const { columns } of new DataLoader(dataset, { batchSize: 5 })) {
        for (const column of ["label", "count", "large"] as const) {
          const expected = { type: "int64", dims: [5], data: integers(column) };
          assert.deepEqual(tensorOf(columns[column]), expected, column);
        }
        for (const column of ["score", "weight"] as const) {
          const expected = { type: "float32", dims: [5], data: floats(column) };
          assert.deepEqual(tensorOf(columns[column]), expected, column);
        }
        const box = { type: "float32", dims: [5, 4], data: floats("box") };
        assert.deepEqual(tensorOf(columns.box), box);
        assert.deepEqual([...columns.flag.data], values.flag?.map(Number));
        assert.deepEqual(columns.url, values.url);
        assert.deepEqual(
          columns.sizes,
          values.sizes?.map((row) => (row as string[]).map(Number)),
        );
      }
    });
  }

  for (const name of ["rows.jsonl", "rows.csv"]) {
    test(`a manifest (${name}) are the file's`, async () => {
      const dataset = await MultimodalDataset.from(fixture(`columns/${name}`), {
        ...ofFile,
        columns: {
          label: "int32",
          count: "int64",
          score: "float32",
          weight: "float32",
          flag: "uint8",
          url: "string",
          box: { type: "float32", shape: [4] },
        },
      });
      for await (const { columns } of new DataLoader(dataset, { batchSize: 5 })) {
        assert.deepEqual([...columns.label.data], values.label?.map(Number));
        assert.deepEqual([...columns.count.data], integers("count"));
        for (const column of ["score", "weight", "box"] as const) {
          assert.deepEqual([...columns[column].data], floats(column), column);
        }
        assert.deepEqual([...columns.flag.data], values.flag?.map(Number));
        assert.deepEqual(columns.url, values.url);
      }
    });
  }

  test("folders of classes are the classes' numbers in the order of their names, and their names", async () => {
    const root = join(folder, "classes");
    for (const [i, name] of ["b", "a", "ä", "Z"].entries()) {
      mkdirSync(join(root, name), { recursive: true });
      symlinkSync(fixture("images/png-rgb.png"), join(root, name, `${i}.png`));
    }
    const of = { ...options, allowOutsideRoot: true };
    const numbers = await MultimodalDataset.from(root, { ...of, columns: { label: "int64" } });
    const names = await MultimodalDataset.from(root, { ...of, columns: { label: "string" } });
    for (let index = 0; index < 4; index += 1) {
      // sorted() of Python: by code points
      const name = ["Z", "a", "b", "ä"][index];
      assert.deepEqual(
        (await numbers.get(index)).columns.label.data,
        BigInt64Array.of(BigInt(index)),
      );
      assert.equal((await names.get(index)).columns.label, name);
    }
  });

  test("a ClassLabel of Parquet are its names where strings are asked for", async () => {
    const dataset = await MultimodalDataset.from(fixture("columns/plain.parquet"), {
      ...ofFile,
      columns: { label: "string" },
    });
    assert.equal((await dataset.get(0)).columns.label, "bird");
    assert.equal((await dataset.get(1)).columns.label, "cat");
  });

  test("a WebDataset are numbers of .cls and keys of .json", async () => {
    const path = join(folder, "shard.tar");
    const png = readFileSync(fixture("images/png-rgb.png"));
    writeFileSync(
      path,
      tarOf([
        ...([
          ["a.png", png],
          ["a.txt", "one"],
          ["a.cls", "7\n"],
        ] as const),
        ...([
          ["a.json", '{"score": 0.5, "tags": ["x"]}'],
          ["b.png", png],
          ["b.txt", "two"],
        ] as const),
        ...([
          ["b.cls", "-1"],
          ["b.json", '{"score": 2, "tags": []}'],
        ] as const),
      ]),
    );
    const columns = { cls: "int64", score: "float32", tags: "json" } as const;
    const named = await MultimodalDataset.from(path, { ...options, columns });
    const all = await MultimodalDataset.from(path, { ...options, columns: "auto" });
    for (const dataset of [named, all]) {
      for await (const batch of new DataLoader(dataset, { batchSize: 2 })) {
        const found = batch.columns as Record<string, AnyColumn>;
        assert.deepEqual(tensorOf(found.cls as Tensor), {
          type: "int64",
          dims: [2],
          data: [7n, -1n],
        });
        assert.deepEqual(tensorOf(found.score as Tensor), {
          type: "float32",
          dims: [2],
          data: [0.5, 2],
        });
        assert.deepEqual(found.tags, [["x"], []]);
      }
    }
  });

  test("a source of one's own may be numbers, big ones, truth values, and arrays of numbers", async () => {
    const source = withColumns(2, (index) => ({
      number: index,
      big: 2n ** 62n,
      flag: index === 1,
      matrix: Float64Array.of(1, 2, 3, 4, 5, index),
      nested: [
        [1, 2, 3],
        [4, 5, index],
      ],
    }));
    const matrix = { type: "int32", shape: [2, 3] } as const;
    const dataset = new MultimodalDataset({
      ...options,
      source,
      columns: { number: "uint8", big: "int64", flag: "float32", matrix, nested: matrix },
    });
    for await (const { columns } of new DataLoader(dataset, { batchSize: 2 })) {
      assert.deepEqual(tensorOf(columns.number), { type: "uint8", dims: [2], data: [0, 1] });
      assert.deepEqual([...columns.big.data], [2n ** 62n, 2n ** 62n]);
      assert.deepEqual([...columns.flag.data], [0, 1]);
      const data = [1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 1];
      const expected = { type: "int32", dims: [2, 2, 3], data };
      assert.deepEqual(tensorOf(columns.matrix), expected);
      assert.deepEqual(tensorOf(columns.nested), expected);
    }
  });
});

describe('columns: "auto"', () => {
  test("takes all columns of Parquet, with the types of the file", async () => {
    const source = await openParquet(fixture("columns/plain.parquet"), { columns: "auto" });
    assert.deepEqual(source.columnTypes, {
      label: "int64",
      count: "int64",
      large: "int64",
      score: "float32",
      weight: "float32",
      flag: "uint8",
      url: "string",
      box: "json",
      sizes: "json",
    });
    assert.deepEqual(source.classNames, { label: ["cat", "dog", "bird"] });
  });

  test("takes all columns of a manifest, with types that hold the first rows", async () => {
    const lines = await openManifest(fixture("columns/rows.jsonl"), { columns: "auto" });
    assert.deepEqual(lines.columnTypes, {
      label: "int64",
      count: "int64",
      // JSON has no whole numbers of 64 bits
      large: "float32",
      score: "float32",
      weight: "float32",
      flag: "uint8",
      url: "string",
      box: { type: "float32", shape: [4] },
      sizes: "json",
    });
    const csv = await openManifest(fixture("columns/rows.csv"), { columns: "auto" });
    const { sizes: _, ...others } = lines.columnTypes ?? {};
    assert.deepEqual(csv.columnTypes, { ...others, large: "int64", box: "string" });
  });

  test("is refused where a source does not say what columns it has", () => {
    const source = numberedPairs(1);
    assert.throws(
      () => new MultimodalDataset({ ...options, source, columns: "auto" }),
      /^TypeError: columns: expected types by name, as this source does not say/,
    );
  });
});

describe("rows of columns", () => {
  const ofIndex = (index: number) => ({ number: index, name: `row ${index}` });
  const columns = { number: "int32", name: "string" } as const;

  test("stay in step with images where pairs are skipped or replaced", async () => {
    for (const onError of ["skip", "replace"] as const) {
      const source = withColumns(40, (index) => (index % 7 === 3 ? {} : ofIndex(index)));
      const dataset = new MultimodalDataset({ ...options, source, columns });
      const loader = new DataLoader(dataset, { batchSize: 16, shuffle: true, seed: 4, onError });
      let rows = 0;
      for await (const batch of loader) {
        assert.deepEqual([...batch.columns.number.data], batch.indices);
        assert.deepEqual(
          batch.columns.name,
          batch.indices.map((index) => `row ${index}`),
        );
        assert.deepEqual(batch.columns.number.dims, [batch.indices.length]);
        rows += batch.indices.length;
      }
      assert.equal(rows, onError === "skip" ? 34 : 40);
    }
  });

  test("stay in step in sets of sets", async () => {
    const source = withColumns(6, ofIndex);
    const doubled = map(source, (pair) => ({
      ...pair,
      columns: { ...pair.columns, number: 2 * (pair.columns?.number as number) },
    }));
    const set = concat([select(source, [5, 1]), doubled]);
    const dataset = new MultimodalDataset({ ...options, source: set, columns });
    for await (const batch of new DataLoader(dataset, { batchSize: 8 })) {
      assert.deepEqual([...batch.columns.number.data], [5, 1, 0, 2, 4, 6, 8, 10]);
    }
  });

  test("go to another thread with their batch", async () => {
    const dataset = new MultimodalDataset({ ...options, source: withColumns(3, ofIndex), columns });
    for await (const batch of new DataLoader(dataset, { batchSize: 3 })) {
      const { port1, port2 } = new MessageChannel();
      const { message, transferList } = batch.transfer();
      port1.postMessage(message, transferList);
      const received = receiveMessageOnPort(port2)?.message as typeof message;
      assert.deepEqual(received.columns.number.data, Int32Array.of(0, 1, 2));
      assert.deepEqual(received.columns.name, ["row 0", "row 1", "row 2"]);
      assert.equal(batch.columns.number.data.length, 0);
      port1.close();
    }
  });

  test("are given back with their batch", async () => {
    const dataset = new MultimodalDataset({ ...options, source: withColumns(3, ofIndex), columns });
    for await (const batch of new DataLoader(dataset, { batchSize: 3 })) {
      batch.release();
      assert.equal(batch.columns.number.data.length, 0);
    }
  });
});

describe("a value that is none of its column", () => {
  const cases: [string, unknown, unknown, RegExp][] = [
    ["that is missing", "int64", undefined, /number: there is no value/],
    ["that is null", "string", null, /number: there is no value/],
    ["that is no number", "float32", "many", /number: expected a number, got "many"/],
    ["that is no whole number", "int64", 0.5, /integer from -9223372036854775808 to .*, got 0.5/],
    ["that is too large", "uint8", 256, /integer from 0 to 255, got 256/],
    ["that is too small", "int32", "-2147483649", /integer from -2147483648 to 2147483647/],
    ["that a double does not hold", "int64", 2 ** 53, /got 9007199254740992/],
    ["that is an object", "string", {}, /expected a string, got an object/],
    [
      "of another shape",
      { type: "float32", shape: [2] },
      [1, 2, 3],
      /of shape \[2\], got \[1, 2, 3\]/,
    ],
    ["of too few axes", { type: "float32", shape: [2] }, 1, /of shape \[2\], got 1/],
    ["with too many axes", { type: "float32", shape: [] }, [1], /expected a number, got \[1\]/],
  ];
  for (const [what, type, value, message] of cases) {
    test(`${what} is an error of its pair: INVALID_COLUMN`, async () => {
      const source = withColumns(2, (index) => ({ number: index === 1 ? value : goodOf(type) }));
      const dataset = new MultimodalDataset({
        ...options,
        source,
        columns: { number: type as "int64" },
      });
      await dataset.get(0);
      await assert.rejects(dataset.get(1), (error) => {
        assert.ok(error instanceof PixtokError);
        assert.equal(error.code, "INVALID_COLUMN");
        assert.equal(error.index, 1);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test("says how a source is opened with columns that was opened without", async () => {
    const source = await openManifest(fixture("columns/rows.csv"), {
      root: fixture("images"),
      allowOutsideRoot: true,
    });
    const dataset = await MultimodalDataset.from(source, {
      ...options,
      columns: { label: "int64" },
    });
    await assert.rejects(dataset.get(0), /option columns names them/);
  });
});

function goodOf(type: unknown): unknown {
  if (type === "string") return "good";
  return typeof type === "object" && (type as { shape: number[] }).shape.length > 0 ? [1, 2] : 1;
}

describe("the option columns", () => {
  const source = numberedPairs(1);
  const refused: [unknown, RegExp][] = [
    [["label"], /columns: expected an object of types by name/],
    [{ label: "int16" }, /columns.label: expected one of "float32", "int64"/],
    [{ box: { type: "string" } }, /columns.box.type: expected one of/],
    [
      { box: { type: "float32", shape: [0] } },
      /columns.box.shape\[0\]: expected an integer of at least 1/,
    ],
    [
      { box: { type: "float32", shape: [2 ** 20, 2 ** 20] } },
      /columns.box.shape: expected at most 16777216 numbers/,
    ],
    [{ box: { type: "float32", size: 4 } }, /columns.box: expected a type, or \{ type, shape \}/],
  ];
  for (const [columns, message] of refused) {
    test(`refuses ${JSON.stringify(columns)}`, () => {
      const given = { ...options, source, columns: columns as "auto" };
      assert.throws(() => new MultimodalDataset(given), message);
    });
  }

  test("names a column that is not there", async () => {
    for (const [name, code] of [
      ["rows.csv", "INVALID_MANIFEST"],
      ["plain.parquet", "INVALID_PARQUET"],
    ] as const) {
      await assert.rejects(
        MultimodalDataset.from(fixture(`columns/${name}`), {
          ...ofFile,
          columns: { lable: "int64" },
        }),
        (error) =>
          error instanceof PixtokError &&
          error.code === code &&
          /columns: expected "lable" among the columns/.test(error.message),
      );
    }
  });

  test("is refused by sources without columns, and by packs", async () => {
    const dataset = new MultimodalDataset({
      ...options,
      source: withColumns(1, () => ({ label: 1 })),
      columns: { label: "int64" },
    });
    await assert.rejects(
      packDataset(dataset, join(folder, "pack")),
      /dataset: expected one without columns/,
    );
  });
});
