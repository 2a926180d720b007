// What is shown of a text's tokens.

import assert from "node:assert/strict";
import { test } from "node:test";
import { markedTokens } from "../../src/text/marked-tokens.js";
import { coreOfTokenizer } from "../../src/text/tokenizer.js";
import { A, B, CLS, SEP, wordTokenizer } from "../support/word-tokenizer.js";

const UNKNOWN = 1;

async function marked(text: string, maxLength: number, config: object = {}, changes: object = {}) {
  const tokenizer = await wordTokenizer({ ...config }, { ...changes });
  return (await markedTokens(coreOfTokenizer(tokenizer), [text], maxLength))[0];
}

test("tokens are the text's own, special or unknown", async () => {
  assert.deepEqual(await marked("a x", 9), [
    { id: CLS, token: "[CLS]", kind: "special", isCut: false },
    { id: A, token: "a", kind: "own", isCut: false },
    { id: UNKNOWN, token: "[UNK]", kind: "unknown", isCut: false },
    { id: SEP, token: "[SEP]", kind: "special", isCut: false },
  ]);
});

test("a token that is added to every text is special, though it stands for the unknown too", async () => {
  const token = { id: "[UNK]", ids: [UNKNOWN], tokens: ["[UNK]"] };
  const post_processor = {
    type: "TemplateProcessing",
    single: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "[UNK]", type_id: 0 } }],
    pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: { "[UNK]": token },
  };
  const tokens = await marked("x b", 9, {}, { post_processor });
  assert.deepEqual(
    tokens?.map(({ id, kind }) => [id, kind]),
    [
      [UNKNOWN, "unknown"],
      [B, "own"],
      [UNKNOWN, "special"],
    ],
  );
});

test("those that are cut are at the side where the tokenizer cuts, and no special ones", async () => {
  for (const [side, cut] of [
    ["right", [false, false, true, false]],
    ["left", [false, true, false, false]],
  ] as const) {
    const tokens = await marked("a b", 3, { truncation_side: side });
    assert.deepEqual(
      tokens?.map(({ isCut }) => isCut),
      cut,
      side,
    );
  }
});
