// Which tokens of a tokenizer.json stand for no part of a text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readSpecialTokens } from "../../src/text/special-tokens.js";

const read = (definition: object) => readSpecialTokens(JSON.stringify(definition));

test("special tokens are the added ones that the file calls so", () => {
  const added_tokens = [
    { id: 3, content: "[CLS]", special: true },
    { id: 4, content: "kind of blue", special: false },
    { id: 5, content: "<image>" },
  ];
  assert.deepEqual(read({ added_tokens }).ids, [3]);
  assert.deepEqual(read({}).ids, []);
});

test("what is put for the unknown is a token, or the id of one, which may be 0", () => {
  const unknownOf = (model: unknown) => read({ model }).unknown;
  assert.equal(unknownOf({ unk_token: "[UNK]" }), "[UNK]");
  assert.equal(unknownOf({ unk_id: 0 }), 0);
  assert.equal(unknownOf({ unk_token: null, unk_id: 2 }), 2);
  for (const model of [{ unk_token: null }, { unk_token: ["a"] }, {}, null])
    assert.equal(unknownOf(model), undefined);
});
