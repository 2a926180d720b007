// Rows that have their token ids already.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import { checkDataset, DataLoader, MultimodalDataset, packDataset, verifyPack } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { codeOf, newFolder } from "../support/packs-of-images.js";
import { tinyImage as image } from "../support/pairs.js";
import { folder, withColumns } from "../support/pairs-with-columns.js";

const rows = [[5, 6, 7, 8, 9], [1], [], [2 ** 31 - 1, 0, 3]];
const source = withColumns(4, (index) => ({ input_ids: rows[index], label: index }));
const text = { tokens: "input_ids", padTokenId: 4, maxLength: 3 } as const;
const padded = [
  [5n, 6n, 7n],
  [1n, 4n, 4n],
  [4n, 4n, 4n],
  [2147483647n, 0n, 3n],
];

describe("ready tokens", () => {
  const dataset = new MultimodalDataset({ source, image, text, columns: { label: "int32" } });

  test("are cut and padded, and need no tokenizer; there are no texts", async () => {
    for await (const batch of new DataLoader(dataset, { batchSize: 4 })) {
      assert.deepEqual([...batch.input_ids.data], padded.flat());
      assert.deepEqual(
        [...batch.attention_mask.data].map(Number),
        [1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1],
      );
      assert.ok(!("texts" in batch));
      // @ts-expect-error: nor by the types
      assert.equal(batch.texts, undefined);
      assert.deepEqual([...batch.columns.label.data], [0, 1, 2, 3]);
    }
    assert.equal(dataset.tokenizer, undefined);
  });

  test("are padded at the left where that is wished", async () => {
    const left = { ...text, paddingSide: "left" } as const;
    const { input_ids } = await new MultimodalDataset({ source, image, text: left }).get(1);
    assert.deepEqual([...input_ids.data], [4n, 4n, 1n]);
  });

  test("of a file are in a column that is a list, or says one", async () => {
    const name = "../images/png-rgb.png";
    const ofFile = { image, text, root: fixture("images"), allowOutsideRoot: true };
    const jsonl = join(folder, "tokens.jsonl");
    writeFileSync(
      jsonl,
      rows.map((ids) => JSON.stringify({ image: name, input_ids: ids })).join("\n"),
    );
    const csv = join(folder, "tokens.csv");
    writeFileSync(csv, ["image,input_ids", ...rows.map((ids) => `${name},"[${ids}]"`)].join("\n"));
    for (const path of [jsonl, csv]) {
      const opened = await MultimodalDataset.from(path, { ...ofFile, columns: "auto" });
      for (const [index, ids] of padded.entries()) {
        const { input_ids, columns } = await opened.get(index);
        assert.deepEqual([...input_ids.data], ids);
        assert.deepEqual(columns, {});
      }
    }
    const { values } = JSON.parse(readFileSync(fixture("columns/expected.json"), "utf8"));
    const parquet = await MultimodalDataset.from(fixture("columns/plain.parquet"), {
      ...ofFile,
      text: { ...text, tokens: "sizes" },
    });
    for (const [index, ids] of values.sizes.entries()) {
      const expected = [...ids, 4, 4, 4].slice(0, 3).map(BigInt);
      assert.deepEqual([...(await parquet.get(index)).input_ids.data], expected);
    }
  });

  test("that are none are errors of their rows", async () => {
    for (const wrong of [undefined, null, 3, "two", [1.5], [-1], [2 ** 31], [[1]], ["1"], [null]]) {
      const bad = withColumns(2, (index) => ({ input_ids: index === 1 ? wrong : [1] }));
      const dataset = new MultimodalDataset({ source: bad, image, text });
      await dataset.get(0);
      await assert.rejects(
        dataset.get(1),
        codeOf(
          "INVALID_COLUMN",
          /input_ids: expected a list of token ids from 0 to 2147483647, got/,
        ),
      );
    }
  });

  test("go with no tokenizer and no choice of texts, and need an id to pad with", () => {
    const options = { source, image };
    const refused: [object, RegExp][] = [
      [{ text: { tokens: "input_ids" } }, /text\.padTokenId: expected an id, as tokens are ready/],
      [{ text, tokenizer: { encode: () => [1] } }, /tokenizer: expected none with text: null or/],
      [{ text, onMultipleTexts: "random" }, /onMultipleTexts: expected none without texts/],
      [{ text: { ...text, tokens: 3 } }, /text\.tokens: expected the name of a column/],
      [{ text: { ...text, padTokenId: -1 } }, /text\.padTokenId: expected an integer from 0/],
    ];
    for (const [given, message] of refused) {
      assert.throws(() => new MultimodalDataset({ ...options, ...given } as never), message);
    }
  });

  test("are grouped by length, and checked", async () => {
    const longest = { ...text, padding: "longest", maxLength: 8 } as const;
    const grouped = new MultimodalDataset({ source, image, text: longest });
    const loader = new DataLoader(grouped, { batchSize: 2, lengthBuckets: { window: 4, size: 2 } });
    const lengths: unknown[] = [];
    for await (const { input_ids } of loader) lengths.push(input_ids.dims[1]);
    assert.deepEqual(lengths.toSorted(), [1, 5]);
    const { texts } = await checkDataset(dataset, { batchSize: 2 });
    assert.deepEqual([texts?.longest, texts?.truncated, texts?.empty.list], [5, 1, [2]]);
  });

  test("are packed and read again as they are", async () => {
    const path = newFolder();
    await packDataset(dataset, path);
    const columns = { label: "int32" } as const;
    await assertSameEpoch(await MultimodalDataset.from(path, { columns }), dataset);
    await assertSameEpoch(await MultimodalDataset.from(path, { text, columns: "auto" }), dataset);
    const table = tableFromIPC(readFileSync(join(path, "data-00000-of-00001.arrow")));
    assert.deepEqual(
      table.schema.fields.map(({ name }) => name),
      ["image", "input_ids", "id", "index", "label"],
    );
    assert.ok((await verifyPack(path)).ok);
    await assert.rejects(
      MultimodalDataset.from(path, { text: { ...text, tokens: "ids" } }),
      codeOf("PACK_MISMATCH", /columns: expected "ids"|text.tokens is "input_ids" in the pack/),
    );
  });
});
