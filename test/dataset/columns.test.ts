// What else of a row goes into a batch.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import {
  concat,
  DataLoader,
  MultimodalDataset,
  map,
  openManifest,
  type PairSource,
  PixtokError,
  select,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { numberedPairs } from "../support/pairs.js";
import { ofFile, options, withColumns } from "../support/pairs-with-columns.js";

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
      { box: { type: "float32", shape: [2 ** 12, 2 ** 12 + 1] } },
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
});

test("a whole number that int64 does not hold is told that a string has its digits", async () => {
  const large = 2n ** 64n - 1n;
  const source: PairSource = {
    length: 1,
    columnTypes: { id: "int64" },
    get: () => ({
      image: { data: new Uint8Array(3), width: 1, height: 1, channels: 3 },
      text: "a",
      columns: { id: large },
    }),
  };
  const open = (columns: "auto" | { id: "string" }) =>
    new MultimodalDataset({ source, text: null, columns });
  await assert.rejects(open("auto").get(0), {
    code: "INVALID_COLUMN",
    message: /id: expected an integer from .*; columns: \{ "id": "string" \} has its digits/,
  });
  const { columns } = await open({ id: "string" }).get(0);
  assert.equal(columns.id, "18446744073709551615");
});
