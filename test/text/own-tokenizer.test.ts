// Tokenizers of one's own: what they say of padding, and how their rows are cut.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  encodeByOwn,
  isOwnTokenizer,
  type OwnTokenizer,
  ownPaddingSide,
  ownPadTokenId,
} from "../../src/text/own-tokenizer.js";

const encode = () => [];
const own = (others: object): OwnTokenizer => ({ encode, ...others });
const idOf = (token: string) => (token === "[PAD]" ? 7 : undefined);

describe("the id that rows are padded with", () => {
  for (const [what, tokenizer, expected] of [
    ["is what the tokenizer says", { pad_token_id: 5 }, 5],
    ["may be 0", { pad_token_id: 0 }, 0],
    [
      "is that, whatever its configuration says",
      { pad_token_id: 5, config: { pad_token: "[PAD]" }, token_to_id: idOf },
      5,
    ],
    [
      "is that of the token of its configuration",
      { config: { pad_token: "[PAD]" }, token_to_id: idOf },
      7,
    ],
    [
      "also where null stands for none",
      { pad_token_id: null, config: { pad_token: "[PAD]" }, token_to_id: idOf },
      7,
    ],
    [
      "also where the token is an object",
      { config: { pad_token: { content: "[PAD]" } }, token_to_id: idOf },
      7,
    ],
    [
      "is none of a token that it does not know",
      { config: { pad_token: "[OTHER]" }, token_to_id: idOf },
      undefined,
    ],
    ["is none without a token", { config: {}, token_to_id: idOf }, undefined],
    ["is none without ids of tokens", { config: { pad_token: "[PAD]" } }, undefined],
    ["is none where nothing is said", {}, undefined],
  ] as const) {
    test(what, () => assert.equal(ownPadTokenId(own(tokenizer)), expected));
  }

  test("is asked for of the tokenizer itself", () => {
    const tokenizer = own({
      config: { pad_token: "[PAD]" },
      id: 3,
      token_to_id(this: { id: number }) {
        return this.id;
      },
    });
    assert.equal(ownPadTokenId(tokenizer), 3);
  });

  test("is an id", () => {
    assert.throws(() => ownPadTokenId(own({ pad_token_id: -1 })), {
      name: "RangeError",
      message: /^tokenizer\.pad_token_id: expected an integer from 0 to \d+, got -1/,
    });
    const config = { pad_token: "[PAD]" };
    assert.throws(() => ownPadTokenId(own({ config, token_to_id: () => -1 })), {
      name: "RangeError",
      message: /^tokenizer\.token_to_id: expected an integer from 0 to \d+, got -1/,
    });
  });
});

test("rows are padded at the right, or where the tokenizer says", () => {
  assert.equal(ownPaddingSide(own({})), "right");
  assert.equal(ownPaddingSide(own({ padding_side: "left" })), "left");
  assert.throws(() => ownPaddingSide(own({ padding_side: "top" })), /tokenizer\.padding_side: exp/);
});

test("what has a function encode is a tokenizer", () => {
  const callable = Object.assign(() => {}, { encode });
  assert.deepEqual([own({}), callable].map(isOwnTokenizer), [true, true]);
  assert.deepEqual(
    [{ encode: 1 }, {}, null, "a", () => {}].map(isOwnTokenizer),
    Array(5).fill(false),
  );
});

describe("a row that is too long", () => {
  const inner = [1, 2, 3, 4, 5];
  /** Gives the text's ids with special ones around them. */
  const around = (before: number[], behind: number[], side?: string) =>
    own({
      ...(side && { truncation_side: side }),
      encode: (_: string, options?: { add_special_tokens?: boolean }) =>
        options?.add_special_tokens === false ? inner : [...before, ...inner, ...behind],
    });
  for (const [what, tokenizer, most, ids] of [
    ["keeps special tokens", around([9], [8]), 4, [9, 1, 2, 8]],
    ["is cut at the left where that is said", around([9], [8], "left"), 4, [9, 4, 5, 8]],
    ["may keep special tokens in front alone", around([9, 9], []), 4, [9, 9, 1, 2]],
    ["may keep them there, cut at the left", around([9, 9], [], "left"), 4, [9, 9, 4, 5]],
    ["may keep those behind alone", around([], [8], "left"), 3, [4, 5, 8]],
    ["keeps special tokens though they are more", around([9], [8]), 1, [9, 8]],
    ["may have no special tokens", around([], []), 2, [1, 2]],
    ["may have none, and be cut at the left", around([], [], "left"), 2, [4, 5]],
  ] as const) {
    test(what, async () => {
      const whole = (await tokenizer.encode("")) as number[];
      assert.deepEqual(await encodeByOwn(tokenizer, "", most), { ids, whole: whole.length });
    });
  }

  test("has no special tokens where the text's own ids are others", async () => {
    for (const [side, ids] of [
      ["right", [6, 7]],
      ["left", [8, 9]],
    ] as const) {
      const tokenizer = own({
        truncation_side: side,
        encode: (_: string, options?: object) => (options === undefined ? [6, 7, 8, 9] : [6, 8]),
      });
      assert.deepEqual(await encodeByOwn(tokenizer, "", 2), { ids, whole: 4 });
    }
  });

  test("is one longer than there is room for", async () => {
    const tokenizer = around([9], [8]);
    assert.deepEqual(await encodeByOwn(tokenizer, "", 7), { ids: [9, ...inner, 8], whole: 7 });
    assert.deepEqual(await encodeByOwn(tokenizer, "", 6), { ids: [9, 1, 2, 3, 4, 8], whole: 7 });
  });
});

test("ids may come in an object, and nothing else may", async () => {
  const ids = Int32Array.of(1, 2);
  const found = await encodeByOwn(own({ encode: async () => ({ ids }) }), "", 2);
  assert.deepEqual([[...found.ids], found.whole], [[1, 2], 2]);
  await assert.rejects(encodeByOwn(own({ encode: () => "12" }), "", 2), {
    name: "TypeError",
    message: /^tokenizer\.encode: expected a function returning ids of tokens, got "12"/,
  });
});
