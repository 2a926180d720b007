// Columns of each kind of source. Expected values: test/goldens/make_columns.py.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  type AnyColumn,
  DataLoader,
  MultimodalDataset,
  openManifest,
  openParquet,
  type Tensor,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { numberedPairs } from "../support/pairs.js";
import { folder, ofFile, options, withColumns } from "../support/pairs-with-columns.js";
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

  test("gives each row lists of its own, whatever has become of them before", async () => {
    const options = { columns: ["box"], allowOutsideRoot: true };
    const source = await openParquet(fixture("columns/plain.parquet"), options);
    const boxAt = async () =>
      (await source.get(0, { seed: 0, epoch: 0 })).columns?.box as unknown[];
    const [first, expected] = [await boxAt(), await boxAt()];
    first.pop();
    assert.equal((await boxAt()).length, first.length + 1);
    assert.deepEqual(await boxAt(), expected);
  });

  test("takes all columns of a manifest, with types that hold the first rows", async () => {
    const lines = await openManifest(fixture("columns/rows.jsonl"), { columns: "auto" });
    assert.deepEqual(lines.columnTypes, {
      label: "int64",
      count: "int64",
      large: "int64",
      score: "float32",
      weight: "float32",
      flag: "uint8",
      url: "string",
      box: { type: "float32", shape: [4] },
      sizes: "json",
    });
    const csv = await openManifest(fixture("columns/rows.csv"), { columns: "auto" });
    const { sizes: _, ...others } = lines.columnTypes ?? {};
    assert.deepEqual(csv.columnTypes, { ...others, box: "string" });
  });

  test("is refused where a source does not say what columns it has", () => {
    const source = numberedPairs(1);
    assert.throws(
      () => new MultimodalDataset({ ...options, source, columns: "auto" }),
      /^TypeError: columns: expected types by name, as this source does not say/,
    );
  });
});
