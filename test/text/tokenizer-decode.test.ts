import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Tokenizer } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { wordTokenizer } from "../support/word-tokenizer.js";

describe("decode", () => {
  test("gives the text back", async () => {
    const tokenizer = await Tokenizer.fromPretrained(fixture("wordpiece"));
    const { input_ids } = await tokenizer.encode("A red circle, unphotographed");
    assert.equal(
      await tokenizer.decode(input_ids.data),
      "[CLS] a red circle, unphotographed [SEP]",
    );
    assert.equal(
      await tokenizer.decode(input_ids.data, { skip_special_tokens: true }),
      "a red circle, unphotographed",
    );
    const bytes = await Tokenizer.fromPretrained(fixture("bpe"));
    const hostile = "caf\u00e9 \u4e16\u754c \u{1f534}  x\ny";
    const encoded = await bytes.encode(hostile, { type: "int32" });
    assert.equal(
      await bytes.decode(encoded.input_ids.data, { skip_special_tokens: true }),
      hostile,
    );
  });

  const refused: [unknown, unknown, RegExp][] = [
    [5, {}, /ids: expected an array of ids, got 5/],
    [[1, -1], {}, /ids\[1\]: expected an integer from 0/],
    [[1.5], {}, /ids\[0\]: .*got 1\.5/],
    [["1"], {}, /ids\[0\]: .*got "1"/],
    [[Number.NaN], {}, /ids\[0\]: .*got NaN/],
    [[1], { skip: true }, /decode: unknown option "skip"/],
    [[1], { skip_special_tokens: 1 }, /skip_special_tokens: expected true or false, got 1/],
  ];
  for (const [ids, options, message] of refused) {
    test(`refuses ${JSON.stringify(ids)} ${JSON.stringify(options)}`, async () => {
      const tokenizer = await wordTokenizer();
      await assert.rejects(tokenizer.decode(ids as number[], options as object), { message });
    });
  }
});

describe("properties", () => {
  test("are those of the files", async () => {
    const tokenizer = await Tokenizer.fromPretrained(fixture("wordpiece"));
    assert.equal(tokenizer.vocabSize, 1596);
    assert.equal(tokenizer.padTokenId, 0);
    assert.equal(tokenizer.paddingSide, "right");
    assert.equal(tokenizer.truncationSide, "right");
    assert.equal(tokenizer.tokenToId("[CLS]"), 2);
    assert.equal(tokenizer.tokenToId("no such token"), null);
  });
});
