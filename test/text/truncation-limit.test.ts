// Lengths above the limit in a tokenizer's own files.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MultimodalDataset, Tokenizer } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { codesOf, warningsOf, wordTokenizer } from "../support/word-tokenizer.js";

describe("a warning", () => {
  const options = { truncation: true } as const;

  test("when a limit of the files is below the length, once a tokenizer and length", async () => {
    const tokenizer = await wordTokenizer({ pad_token: "[PAD]", model_max_length: 8 });
    const warnings = await warningsOf(async () => {
      for (const max_length of [7, 8, 9, 9, 10, 9]) {
        await tokenizer.encode("a", { ...options, max_length });
        await tokenizer.encode("a", { padding: "max_length", max_length });
      }
    });
    assert.deepEqual(codesOf(warnings), ["PIXTOK_TRUNCATION_LIMIT", "PIXTOK_TRUNCATION_LIMIT"]);
    assert.match(
      warnings[0]?.message ?? "",
      /rows of up to 9 tokens were asked for, but .* limit them to 8 \(model_max_length\)/,
    );
    assert.match(warnings[1]?.message ?? "", /up to 10 tokens/);
    const another = await wordTokenizer({ pad_token: "[PAD]", model_max_length: 8 });
    const more = await warningsOf(() => another.encode("a", { ...options, max_length: 9 }));
    assert.deepEqual(codesOf(more), ["PIXTOK_TRUNCATION_LIMIT"]);
  });

  test("for the truncation in tokenizer.json", async () => {
    const tokenizer = await Tokenizer.fromPretrained(fixture("unigram"));
    const warnings = await warningsOf(() => tokenizer.encode("a", { ...options, max_length: 25 }));
    assert.match(warnings[0]?.message ?? "", /limit them to 24 \(truncation\.max_length\)/);
    const none = await warningsOf(() => tokenizer.encode("a", { ...options, max_length: 24 }));
    assert.deepEqual(none, []);
  });

  test("for the smaller of the two limits", async () => {
    const truncation = { direction: "Right", max_length: 6, strategy: "LongestFirst", stride: 0 };
    const config = { pad_token: "[PAD]", model_max_length: 8 };
    const tokenizer = await wordTokenizer(config, { truncation });
    const warnings = await warningsOf(() => tokenizer.encode("a", { ...options, max_length: 7 }));
    assert.match(warnings[0]?.message ?? "", /limit them to 6 \(truncation\.max_length\)/);
  });

  test("for a dataset, too", async () => {
    const tokenizer = await Tokenizer.fromPretrained(fixture("unigram"));
    const texts = ["a", "b"];
    const imagePaths = texts.map(() => fixture("images/jpeg-1x1.jpg"));
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer });
    const warnings = await warningsOf(async () => {
      await dataset.get(0);
      await dataset.get(1);
    });
    assert.deepEqual(codesOf(warnings), ["PIXTOK_TRUNCATION_LIMIT"]);
  });

  test("is not given for the huge numbers that mean no limit", async () => {
    for (const model_max_length of [1e30, 2 ** 31, -1, 0, "8", null]) {
      const tokenizer = await wordTokenizer({ pad_token: "[PAD]", model_max_length });
      const warnings = await warningsOf(() =>
        tokenizer.encode("a", { ...options, max_length: 100 }),
      );
      assert.deepEqual(warnings, []);
      await assert.rejects(tokenizer.encode("a", options), /max_length: expected a length/);
    }
  });
});
