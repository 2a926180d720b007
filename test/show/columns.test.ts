import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type ColumnTypes,
  MultimodalDataset,
  type Pair,
  type PairSource,
  showDataset,
} from "pixtok";
import { documentOf, type PageElement, textsOf } from "../support/html.js";
import { tinyImage } from "../support/pairs.js";

async function pageOf(
  columnTypes: ColumnTypes,
  rows: readonly Record<string, unknown>[],
  classNames: PairSource["classNames"] = {},
): Promise<PageElement> {
  const source: PairSource = {
    length: rows.length,
    columnTypes,
    classNames,
    get: (index): Pair => ({
      image: { data: Uint8Array.of(1, 2, 3), width: 1, height: 1, channels: 3 },
      text: "",
      columns: rows[index] as Record<string, unknown>,
    }),
  };
  const dataset = new MultimodalDataset({ source, image: tinyImage, text: null, columns: "auto" });
  return documentOf(await showDataset(dataset, { statsSamples: 0 }));
}

const valuesOf = (page: PageElement) => textsOf(page, ".card:first-child dd");

describe("columns of a pair", () => {
  test("are numbers, lists of them, texts and JSON", async () => {
    const page = await pageOf(
      {
        whole: "int64",
        part: "float32",
        list: { type: "float32", shape: [2, 2] },
        many: { type: "uint8", shape: [20] },
        word: "string",
        any: "json",
      },
      [
        {
          whole: 12345678,
          part: 1 / 3,
          list: [
            [1, 2],
            [3, 4.5],
          ],
          many: Array(20).fill(7),
          word: "dog",
          any: { a: [null] },
        },
      ],
    );
    assert.deepEqual(valuesOf(page), [
      "12345678",
      "0.3333",
      "[[1,2],[3,4.5]]",
      `${"7, ".repeat(16)}… (20 numbers)`,
      "dog",
      '{"a":[null]}',
    ]);
  });

  test("of more numbers than anyone reads are a type and a shape", async () => {
    const page = await pageOf({ mask: { type: "uint8", shape: [40, 30] } }, [
      { mask: new Uint8Array(1200) },
    ]);
    assert.deepEqual(valuesOf(page), ['{"type":"uint8","dims":[40,30]}']);
  });

  test("of classes have their names", async () => {
    const page = await pageOf({ label: "int64" }, [{ label: 1 }], { label: ["cat", "dog"] });
    assert.deepEqual(valuesOf(page), ["1 · dog"]);
  });

  test("are filters and counts where their values recur", async () => {
    const rows = [3, 10, 3].map((label, i) => ({ label, key: `k${i}`, same: "a", text: "x y" }));
    const page = await pageOf({ label: "int64", key: "string", same: "string" }, rows);
    assert.deepEqual(textsOf(page, "select[data-column] option"), ["all", "3", "10"]);
    assert.deepEqual(textsOf(page, ".counts tbody tr"), ["32", "101"]);
  });
});
