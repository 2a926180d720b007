// Names that a tokenizer's configuration has for its tokens, and for what it gives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenizerNames } from "../../src/text/tokenizer-settings.js";

test("tokens are named by the configuration, and beside it by those that only some models have", () => {
  const { tokens } = tokenizerNames({
    bos_token: "<s>",
    eos_token: { content: "</s>" },
    unk_token: null,
    tokenizer_class: "OtherTokenizer",
    chat_template: "{{ messages }}",
    extra_special_tokens: { image_token: "<image>", boi_token: { content: "<boi>" } },
    model_specific_special_tokens: { eoi_token: "<eoi>", image_ids: "5" },
  });
  assert.deepEqual(tokens, {
    bos_token: "<s>",
    eos_token: "</s>",
    image_token: "<image>",
    boi_token: "<boi>",
    eoi_token: "<eoi>",
  });
});

test("a list of tokens has no names", () => {
  assert.deepEqual(tokenizerNames({ extra_special_tokens: ["<image>"] }).tokens, {});
});

test("what is given to a model is ids and a mask where nothing is said", () => {
  const usual = ["input_ids", "attention_mask"];
  assert.deepEqual(tokenizerNames({}).inputs, usual);
  const model_input_names = [...usual, "token_type_ids"];
  assert.deepEqual(tokenizerNames({ model_input_names }).inputs, model_input_names);
});
