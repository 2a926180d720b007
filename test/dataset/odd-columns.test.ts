// Columns that are hostile, or hold what is easily taken for something else.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  type ColumnOptions,
  filter,
  MultimodalDataset,
  map,
  openManifest,
  openSource,
  openWebDataset,
  type PairSource,
  split,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { numberedPairs, tinyImage } from "../support/pairs.js";
import { folder } from "../support/pairs-with-columns.js";
import { tarOf } from "../support/tar.js";

const context = { seed: 0, epoch: 0 };
const png = Buffer.from("not read");

function lines(name: string, rows: readonly string[]): string {
  const path = join(folder, name);
  const image = JSON.stringify({ image: fixture("images/png-rgb.png") }).slice(0, -1);
  writeFileSync(path, rows.map((row) => `${image}, ${row}}\n`).join(""));
  return path;
}

const opened = <const C extends ColumnOptions>(path: string, columns: C) =>
  MultimodalDataset.from(path, { text: null, image: tinyImage, allowOutsideRoot: true, columns });

const typesOf = async (path: string) =>
  (await openManifest(path, { texts: false, allowOutsideRoot: true, columns: "auto" })).columnTypes;

describe("a manifest", () => {
  test("with a long text that begins as a number takes no longer than another", async () => {
    const path = lines("long.jsonl", [`"x": "${"1".repeat(200_000)}x"`]);
    const started = performance.now();
    await assert.rejects((await opened(path, { x: "float32" })).get(0), /x: expected a number/);
    // quadratic time would be minutes
    assert.ok(performance.now() - started < 5000);
    const csv = join(folder, "long.csv");
    writeFileSync(csv, `image,x\na.png,${"1".repeat(200_000)}x\n`);
    assert.deepEqual(await typesOf(csv), { x: "string" });
  });

  test('of more columns than anybody has wants names in place of "auto"', async () => {
    const keys = Array.from({ length: 5000 }, (_, i) => `"k${i}": 1`);
    const path = lines("wide.jsonl", [keys.join(", ")]);
    await assert.rejects(typesOf(path), /columns: expected names, as there are more than 4096/);
    assert.equal((await (await opened(path, { k4999: "uint8" })).get(0)).columns.k4999.data[0], 1);
  });

  test("gives no whole number that JSON.parse has rounded", async () => {
    const path = lines("large.jsonl", ['"id": 1234567890123456789']);
    for (const type of ["string", "int64"] as const) {
      await assert.rejects((await opened(path, { id: type })).get(0), /id: expected .*, got 12345/);
    }
    assert.deepEqual(await typesOf(path), { id: "int64" });
  });

  test("whose keys are names of Object's own gives what is in the row, or nothing", async () => {
    const path = lines("keys.jsonl", ['"constructor": 1, "__proto__": {"x": 2}', '"other": 3']);
    const columns = ["constructor", "__proto__", "toString", "other"];
    await assert.rejects(openManifest(path, { texts: false, columns }), /"toString"/);
    const known = columns.filter((name) => name !== "toString");
    const given = { texts: false, allowOutsideRoot: true, columns: known };
    const source = await openManifest(path, given);
    const rows = [await source.get(0, context), await source.get(1, context)];
    assert.deepEqual(
      rows.map((row) =>
        known.map((name) => Object.entries(row.columns ?? {}).find(([key]) => key === name)?.[1]),
      ),
      [
        [1, { x: 2 }, undefined],
        [undefined, undefined, 3],
      ],
    );
  });

  test("guesses types that hold all of the first rows", async () => {
    const path = lines("mixed.jsonl", [
      '"n": 1, "box": [1, 2], "some": 1, "kind": "a", "list": [1], "flag": true',
      '"n": 0.5, "box": [0.5, 2], "kind": 2, "list": [1, 2], "flag": false',
    ]);
    assert.deepEqual(await typesOf(path), {
      n: "float32",
      box: { type: "float32", shape: [2] },
      some: "json",
      kind: "json",
      list: "json",
      flag: "uint8",
    });
    const csv = join(folder, "mixed.csv");
    writeFileSync(csv, "image,a,b,c,d\na.png,1,nan,12345678901234567890,True\na.png,2,3,4,\n");
    assert.deepEqual(await typesOf(csv), { a: "int64", b: "float32", c: "string", d: "string" });
  });
});

describe("a WebDataset", () => {
  const shard = (name: string, files: Parameters<typeof tarOf>[0]) => {
    const path = join(folder, name);
    writeFileSync(path, tarOf(files));
    return path;
  };
  const columnsOf = async (path: string, columns: readonly string[] | "auto") =>
    (await (await openWebDataset(path, { texts: false, columns })).get(0, context)).columns;

  test("takes cls from the file of that name, not from a key of .json", async () => {
    const path = shard("cls.tar", [
      ["a.png", png],
      ["a.cls", "3"],
      ["a.json", '{"cls": 9, "__proto__": {"score": 5}, "score": NaN}'],
    ]);
    assert.equal((await columnsOf(path, ["cls"]))?.cls, "3");
    assert.deepEqual({ ...(await columnsOf(path, ["score"])) }, { score: null });
  });

  test("reads .json only where a column of it is wanted, and a list of texts has none", async () => {
    const path = shard("list.tar", [
      ["a.png", png],
      ["a.cls", "3"],
      ["a.json", '["a", "b"]'],
    ]);
    assert.deepEqual({ ...(await columnsOf(path, "auto")) }, { cls: "3" });
  });

  test("finds the file of columns by its last extension, as it does the text", async () => {
    const path = shard("meta.tar", [
      ["a.png", png],
      ["a.meta.json", '{"score": 1}'],
    ]);
    assert.equal((await columnsOf(path, ["score"]))?.score, 1);
  });

  test("names a column that the first samples do not have", async () => {
    const path = shard("typo.tar", [
      ["a.png", png],
      ["a.cls", "3"],
    ]);
    await assert.rejects(
      columnsOf(path, ["lable"]),
      /columns: expected "lable" among those of the first samples, got cls/,
    );
  });

  test("refuses options of texts where there are none", async () => {
    const path = shard("textless.tar", [["a.png", png]]);
    for (const option of ["textExtension", "textColumn"]) {
      await assert.rejects(
        openSource(path, { texts: false, [option]: "caption" }),
        new RegExp(`${option}: expected none with texts: false`),
      );
    }
  });
});

describe("Parquet", () => {
  const columnsOf = async (index: number, columns: readonly string[]) => {
    const source = await openSource(fixture("columns/lists.parquet"), {
      texts: false,
      allowOutsideRoot: true,
      columns,
    });
    return (await source.get(index, context)).columns;
  };

  test("tells a list that is null from an empty one", async () => {
    assert.deepEqual((await columnsOf(0, ["list"]))?.list, [3, 1, 2]);
    assert.equal((await columnsOf(1, ["list"]))?.list, null);
    assert.deepEqual((await columnsOf(2, ["list"]))?.list, []);
    assert.deepEqual((await columnsOf(3, ["list"]))?.list, [1, null]);
  });

  test("gives lists that may be changed", async () => {
    const path = fixture("columns/lists.parquet");
    const columns = ["list"];
    const source = await openSource(path, { texts: false, allowOutsideRoot: true, columns });
    ((await source.get(0, context)).columns?.list as number[]).sort();
    assert.deepEqual((await source.get(0, context)).columns?.list, [3, 1, 2]);
  });

  test("reads lists of many equal numbers, which take few bytes", async () => {
    const oneHot = (await columnsOf(2, ["hot"]))?.hot as number[];
    assert.equal(oneHot.length, 1000);
    assert.equal(oneHot.indexOf(1), 2);
  });

  test("refuses a whole number that int64 does not hold, and columns of other kinds", async () => {
    const columns = { large: "int64" } as const;
    const dataset = await opened(fixture("columns/lists.parquet"), columns);
    await assert.rejects(dataset.get(0), /large: expected an integer .*, got 9223372036854775808n/);
    for (const name of ["time", "struct", "nested"]) {
      await assert.rejects(
        openSource(fixture("columns/lists.parquet"), { texts: false, columns: [name] }),
        new RegExp(`columns: expected numbers, texts, truth values or a list of them in "${name}"`),
      );
    }
  });
});

describe("a source of one's own without texts", () => {
  const source: PairSource = {
    length: 40,
    get: (index) => ({
      ...numberedPairs(40).get(index),
      text: undefined as unknown as string,
      columns: { n: index },
    }),
  };

  test("may be filtered, mapped and split", async () => {
    const small = await filter(source, ({ columns }) => (columns?.n as number) < 3);
    assert.equal(small.length, 3);
    const mapped = map(source, (pair) => ({
      ...pair,
      columns: { n: -(pair.columns?.n as number) },
    }));
    assert.deepEqual((await mapped.get(2, context)).columns, { n: -2 });
    const { a, b } = await split(source, { a: 0.5, b: 0.5 });
    assert.equal(a.length + b.length, 40);
  });
});
