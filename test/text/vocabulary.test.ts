// What is read of a tokenizer's files: special tokens, and BERT's vocabulary.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readSpecialTokens } from "../../src/text/special-tokens.js";
import { parseVocabulary, wordPieceTokenizerJson } from "../../src/text/wordpiece-vocabulary.js";

test("special tokens are those that the file calls so, with the unknown one by name or number", () => {
  const read = (definition: object) => readSpecialTokens(JSON.stringify(definition));
  const added_tokens = [
    { id: 3, special: true },
    { id: 4, special: false },
    { id: 5 },
    null,
    "x",
    { id: 0, special: true },
  ];
  assert.deepEqual(read({ added_tokens, model: { unk_token: "[UNK]" } }), {
    ids: [3, 0],
    unknown: "[UNK]",
  });
  assert.deepEqual(read({ model: { unk_token: null, unk_id: 0 } }), { ids: [], unknown: 0 });
  assert.deepEqual(read({ model: { unk_token: "", unk_id: 4 } }), { ids: [], unknown: "" });
  assert.deepEqual(read({ added_tokens: 5, model: { unk_token: true } }), {
    ids: [],
    unknown: undefined,
  });
  assert.deepEqual(read({ model: 5 }), { ids: [], unknown: undefined });
});

describe("a vocabulary", () => {
  test("has a token a line, whatever the line's end is; of equal ones the last counts", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      for (const last of ["", end]) {
        const text = ["a", "b", "", "a"].join(end) + last;
        assert.deepEqual(
          [...parseVocabulary(text)],
          [
            ["a", 3],
            ["b", 1],
            ["", 2],
          ],
        );
      }
    }
  });

  test("becomes BERT's tokenizer, with the settings of its configuration", () => {
    const vocabulary = new Map(
      ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"].map((token, id) => [token, id]),
    );
    const made = (config?: object) => JSON.parse(wordPieceTokenizerJson(vocabulary, { ...config }));
    assert.deepEqual(made().normalizer, {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    });
    const settings = { tokenize_chinese_chars: false, strip_accents: true, do_lower_case: false };
    const { handle_chinese_chars, strip_accents, lowercase } = made(settings).normalizer;
    assert.deepEqual([handle_chinese_chars, strip_accents, lowercase], [false, true, false]);
    assert.throws(() => made({ do_lower_case: 1 }), /do_lower_case is no boolean/);
    assert.throws(() => made({ mask_token: "<m>" }), /the vocabulary has no <m>/);
    const { added_tokens } = made({ mask_token: { content: "a" }, pad_token: "[UNK]" });
    assert.deepEqual(
      added_tokens.map(({ id, special }: { id: number; special: boolean }) => [id, special]),
      [
        [1, true],
        [2, true],
        [3, true],
        [5, true],
      ],
    );
  });
});
