// Columns of a packed set are those of its dataset, here and in Arrow's own reader.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import {
  type AnyDataset,
  type ColumnTypes,
  concat,
  MultimodalDataset,
  openSource,
  packDataset,
  select,
  verifyPack,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { codeOf, newFolder } from "../support/packs-of-images.js";
import { ofFile, options, withColumns } from "../support/pairs-with-columns.js";
import { python, withoutPython } from "../support/python.js";

const expected = JSON.parse(readFileSync(fixture("columns/expected.json"), "utf8")) as {
  values: Record<string, unknown[]>;
  float32: Record<string, (number | string)[]>;
};

async function packed(dataset: AnyDataset): Promise<string> {
  const folder = newFolder();
  await packDataset(dataset, folder);
  return folder;
}

const ofRows = (columnsOf: (index: number) => Record<string, unknown>, columns: ColumnTypes) =>
  new MultimodalDataset({ ...options, source: withColumns(7, columnsOf), columns });

/** Values that are easily changed on their way, of every type. */
const everyType = ofRows(
  (index) => ({
    large: 2n ** 63n - BigInt(index + 1),
    small: -(2 ** 31) + index,
    byte: 255 - index,
    float: [-0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 0.1, -1e39, 3.4e38][index],
    matrix: [
      [index, -index],
      [0.5, -0],
    ],
    ids: [index, 2n ** 60n, -1],
    url: ["", "Bär 😀", "\0", "a\nb", "'\"", "x".repeat(70000), "."][index],
    meta: [
      null,
      -0,
      { "": [], ä: { a: 0.1 } },
      "text",
      [1e300, -5e-324, true],
      JSON.parse('{"__proto__": 1, "b": {}, "a": "\\ud800"}'),
      { deep: Array.from({ length: 50 }).reduce((inner) => [inner], 1) },
    ][index],
    text: `not the text ${index}`,
    index: index * 10,
    "columns.text": index,
  }),
  {
    large: "int64",
    small: "int32",
    byte: "uint8",
    float: "float32",
    matrix: { type: "float32", shape: [2, 2] },
    ids: { type: "int64", shape: [3] },
    url: "string",
    meta: "json",
    text: "string",
    index: "int32",
    "columns.text": "uint8",
  },
);

describe("columns of a packed set", () => {
  const folder = packed(everyType);
  const opened = async (columns: ColumnTypes | "auto") =>
    MultimodalDataset.from(await folder, { columns });

  test("are those of its dataset, of every type, to the last bit", async () => {
    await assertSameEpoch(await opened("auto"), everyType, { batchSize: 3, shuffle: true });
    assert.deepEqual(
      (await (await opened("auto")).get(1)).columns,
      (await everyType.get(1)).columns,
    );
    assert.deepEqual(await verifyPack(await folder), {
      ok: true,
      files: 1,
      pairs: 7,
      problems: [],
    });
  });

  test("are given where they are asked for, and in the order that is asked for", async () => {
    const named = await opened({ url: "string", small: "int64" });
    const { columns } = await named.get(1);
    assert.deepEqual(Object.keys(columns), ["url", "small"]);
    assert.deepEqual(columns, {
      url: "Bär 😀",
      small: { type: "int64", data: BigInt64Array.of(-(2n ** 31n) + 1n), dims: [] },
    });
    assert.deepEqual((await (await MultimodalDataset.from(await folder)).get(0)).columns, {});
  });

  test("that cannot be given are refused, naming what differs", async () => {
    const cases: [ColumnTypes, RegExp][] = [
      [{ lable: "int64" }, /columns: expected "lable" among the columns, got large, small/],
      [{ matrix: { type: "float32", shape: [4] } }, /matrix.shape.0 is 2 in the pack, and 4 is/],
      [{ float: "int64" }, /float.type is "float32" in the pack, and "int64" is asked for/],
      [{ byte: "string" }, /byte.type is "uint8" in the pack, and "string" is asked for/],
      [{ url: "json" }, /url.type is "string" in the pack, and "json" is asked for/],
    ];
    for (const [columns, message] of cases) {
      await assert.rejects(opened(columns), codeOf("PACK_MISMATCH", message));
    }
  });

  test("stay in step in sets of packed sets, which must have the same columns", async () => {
    const source = await openSource(await folder, { columns: "auto" });
    const set = concat([select(source, [6, 2]), source]);
    const dataset = await MultimodalDataset.from(set, { columns: "auto" });
    for (const [row, index] of [6, 2, 0, 1].entries()) {
      assert.deepEqual((await dataset.get(row)).columns, (await everyType.get(index)).columns);
    }
    const other = await openSource(
      await packed(ofRows((index) => ({ index }), { index: "int32" })),
    );
    assert.throws(() => concat([source, other]), codeOf("PACK_MISMATCH", /columns\.0\.name is/));
  });

  test("keep the names of classes", async () => {
    const of = { ...ofFile, columns: { label: "int64" } } as const;
    const numbers = await MultimodalDataset.from(fixture("columns/plain.parquet"), of);
    const path = await packed(numbers);
    const names = { columns: { label: "string" } } as const;
    await assertSameEpoch(
      await MultimodalDataset.from(path, names),
      await MultimodalDataset.from(fixture("columns/plain.parquet"), { ...ofFile, ...names }),
    );
    const { classNames } = await openSource(path, { columns: ["label"] });
    assert.deepEqual(classNames, { label: ["cat", "dog", "bird"] });
  });

  test("of other types or names are another set", async () => {
    const ofType = (type: "int32" | "int64") => ofRows((index) => ({ a: index }), { a: type });
    const folder = await packed(ofType("int32"));
    await assert.rejects(
      packDataset(ofType("int64"), folder),
      codeOf("PACK_MISMATCH", /columns\.0\.type is "int32" in the pack, and "int64" is asked for/),
    );
  });

  test("have names that Arrow's files can hold", async () => {
    for (const name of ["", "\ud800"]) {
      const source = ofRows(() => ({ [name]: 1 }), { [name]: "int32" });
      await assert.rejects(
        packDataset(source, newFolder()),
        /^RangeError: dataset: expected columns of names in Unicode, none of them empty/,
      );
    }
  });

  test("are found by their whole names", async () => {
    const labels = ofRows(() => ({ label2: 2, label: 1 }), { label2: "int32", label: "int32" });
    const dataset = await MultimodalDataset.from(await packed(labels), {
      columns: { label: "int32" },
    });
    assert.deepEqual((await dataset.get(0)).columns.label.data, Int32Array.of(1));
  });

  test("are 1024 at most", async () => {
    const types = Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [`c${i}`, "int32"]));
    await assert.rejects(
      packDataset(
        ofRows(() => ({}), types as ColumnTypes),
        newFolder(),
      ),
      /^RangeError: dataset: expected at most 1024 columns, got 1025/,
    );
  });

  test("count for the size of files", async () => {
    const shape = [2 ** 20];
    const numbers = new Float32Array(2 ** 20);
    const large = ofRows(() => ({ numbers }), { numbers: { type: "float32", shape } });
    const folder = newFolder();
    const { files } = await packDataset(large, folder, { fileBytes: 9 * 2 ** 20 });
    assert.equal(files, 4); // of two rows of 4 MiB at most
  });
});

describe("a value that would not be the same is an error of its row:", () => {
  const cases: [string, ColumnTypes[string], unknown, RegExp][] = [
    [
      "what JSON has no word for",
      "json",
      { a: [Number.NaN] },
      /expected what JSON can say, got NaN/,
    ],
    ["a bigint", "json", 2n ** 60n, /expected what JSON can say, got 1152921504606846976/],
    ["an object of a class", "json", new Date(0), /expected what JSON can say/],
    ["half of a character", "string", "\ud800", /half of a surrogate pair/],
  ];
  for (const [what, type, value, message] of cases)
    test(what, async () => {
      const good = type === "json" ? null : "";
      const source = ofRows((index) => ({ one: index === 2 ? value : good }), { one: type });
      await assert.rejects(packed(source), {
        code: "INVALID_COLUMN",
        index: 2,
        source: "pixels",
        message,
      });
      const result = await packDataset(source, newFolder(), { onError: "skip" });
      assert.deepEqual([result.pairs, result.errors.list[0]?.index], [6, 2]);
    });
});

describe("Arrow reads columns of a packed set:", () => {
  const columns = {
    label: "int64",
    count: "int32",
    large: "int64",
    score: "float32",
    flag: "uint8",
    url: "string",
    box: { type: "float32", shape: [4] },
    sizes: "json",
  } as const;
  const folder = (async () => {
    const rows = await MultimodalDataset.from(fixture("columns/plain.parquet"), {
      ...ofFile,
      columns: { ...columns, count: "int64" },
    });
    return packed(rows);
  })();
  const filesIn = (path: string) =>
    readdirSync(path)
      .filter((name) => name.endsWith(".arrow"))
      .map((name) => join(path, name));
  const { values } = expected;

  test("in JavaScript", async () => {
    const [file = ""] = filesIn(await folder);
    const table = tableFromIPC(readFileSync(file));
    const column = (name: string) => [...(table.getChild(name) ?? [])];
    for (const name of ["label", "count", "large"]) {
      assert.deepEqual(column(name).map(String), values[name], name);
    }
    assert.deepEqual(column("score"), values.score);
    assert.deepEqual(column("flag"), values.flag?.map(Number));
    assert.deepEqual(column("url"), values.url);
    assert.deepEqual(
      column("box").map((row) => [...row]),
      values.box,
    );
    assert.deepEqual(
      column("sizes").map((text) => JSON.parse(text)),
      values.sizes,
    );
    const metadata = (name: string) =>
      Object.fromEntries(table.schema.fields.find((field) => field.name === name)?.metadata ?? []);
    assert.deepEqual(metadata("box"), { shape: "[4]" });
    assert.deepEqual(metadata("sizes"), { type: "json" });
    assert.deepEqual(metadata("label"), { classes: '["cat","dog","bird"]' });
  });

  test("in Python", { skip: withoutPython({ pyarrow: "26." }) }, async () => {
    const program = `
import json, sys, pyarrow
table = pyarrow.concat_tables(
    pyarrow.ipc.open_stream(pyarrow.memory_map(path)).read_all() for path in sys.argv[1:])
table.validate(full=True)
shown = lambda value: str(value) if type(value) is int else value
print(json.dumps({name: [shown(one) for one in table[name].to_pylist()] for name in table.column_names
    if name != "image"}))
print(json.dumps([str(field.type) for field in table.schema]))`;
    const { stdout, stderr } = spawnSync(python, ["-c", program, ...filesIn(await folder)], {
      encoding: "utf8",
    });
    const [found = "", types = ""] = stdout.split("\n");
    assert.notEqual(found, "", stderr);
    const { input_ids, id, index, flag, sizes, ...rest } = JSON.parse(found);
    const { image, flag: flags, sizes: lists, weight, ...same } = values;
    assert.deepEqual(rest, same);
    assert.deepEqual(flag.map(Number), flags?.map(Number));
    assert.deepEqual(
      sizes.map((text: string) => JSON.parse(text)),
      lists,
    );
    assert.deepEqual(JSON.parse(types).slice(5), [
      "int64",
      "int64",
      "int64",
      "float",
      "uint8",
      "string",
      "fixed_size_list<item: float not null>[4]",
      "string",
    ]);
  });
});
