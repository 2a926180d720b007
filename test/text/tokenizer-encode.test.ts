import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type EncodeOptions, Tokenizer } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { A, B, C, CLS, D, PAD, rows, SEP, wordTokenizer } from "../support/word-tokenizer.js";

describe("encode", () => {
  test("gives int64 tensors of shape [1, length] for one text", async () => {
    const tokenizer = await wordTokenizer();
    const encoded = await tokenizer.encode("a b x");
    assert.deepEqual(encoded, {
      input_ids: { type: "int64", data: BigInt64Array.of(2n, 4n, 5n, 1n, 3n), dims: [1, 5] },
      attention_mask: { type: "int64", data: BigInt64Array.of(1n, 1n, 1n, 1n, 1n), dims: [1, 5] },
      token_type_ids: { type: "int64", data: BigInt64Array.of(0n, 0n, 0n, 0n, 0n), dims: [1, 5] },
    });
  });

  test("gives int32 tensors on request, with the same numbers", async () => {
    const tokenizer = await wordTokenizer();
    const options = { padding: true, text_pair: ["c", "d"] } as const;
    const narrow = await tokenizer.encode(["a b x", "a"], { ...options, type: "int32" });
    const wide = await tokenizer.encode(["a b x", "a"], options);
    for (const name of ["input_ids", "attention_mask", "token_type_ids"] as const) {
      assert.equal(narrow[name].type, "int32");
      assert.ok(narrow[name].data instanceof Int32Array);
      assert.deepEqual(rows(narrow[name]), rows(wide[name]));
    }
  });

  const cases: [
    name: string,
    texts: string | string[],
    options: EncodeOptions<"int64">,
    ids: number[][],
    types?: number[][],
  ][] = [
    ["no text is the special tokens", "", {}, [[CLS, SEP]]],
    ["without special tokens", "a b", { add_special_tokens: false }, [[A, B]]],
    ["nothing at all", ["", ""], { add_special_tokens: false }, [[], []]],
    [
      "equal lengths need no padding",
      ["a", "b"],
      {},
      [
        [CLS, A, SEP],
        [CLS, B, SEP],
      ],
    ],
    [
      "padding: true, to the longest",
      ["a", "b c"],
      { padding: true },
      [
        [CLS, A, SEP, PAD],
        [CLS, B, C, SEP],
      ],
    ],
    [
      "padding: longest",
      ["a", "b c"],
      { padding: "longest" },
      [
        [CLS, A, SEP, PAD],
        [CLS, B, C, SEP],
      ],
    ],
    [
      "padding: longest, up to max_length",
      ["a", "b c d"],
      { padding: "longest", max_length: 4, truncation: true },
      [
        [CLS, A, SEP, PAD],
        [CLS, B, C, SEP],
      ],
    ],
    [
      "padding: longest, below max_length",
      ["a", "b"],
      { padding: "longest", max_length: 9, truncation: true },
      [
        [CLS, A, SEP],
        [CLS, B, SEP],
      ],
    ],
    [
      "padding: max_length",
      "a",
      { padding: "max_length", max_length: 5 },
      [[CLS, A, SEP, PAD, PAD]],
    ],
    [
      "padding: max_length, exactly full",
      "a b c",
      { padding: "max_length", max_length: 5 },
      [[CLS, A, B, C, SEP]],
    ],
    [
      "truncation keeps special tokens",
      "a b c d",
      { truncation: true, max_length: 4 },
      [[CLS, A, B, SEP]],
    ],
    [
      "truncation to special tokens alone",
      "a b c d",
      { truncation: true, max_length: 2 },
      [[CLS, SEP]],
    ],
    [
      "truncation without special tokens",
      "a b c d",
      { truncation: true, max_length: 1, add_special_tokens: false },
      [[A]],
    ],
    [
      "pad_to_multiple_of where nothing is padded",
      "a b c d",
      { truncation: true, max_length: 3, pad_to_multiple_of: 8 },
      [[CLS, A, SEP]],
    ],
    [
      "truncation where there is nothing to cut",
      "a",
      { truncation: true, max_length: 3 },
      [[CLS, A, SEP]],
    ],
    ["max_length alone, which all texts keep to", "a", { max_length: 3 }, [[CLS, A, SEP]]],
    ["null is as left out", "a", { max_length: null, text_pair: null }, [[CLS, A, SEP]]],
    ["a pair", "a b", { text_pair: "c" }, [[CLS, A, B, SEP, C, SEP]], [[0, 0, 0, 0, 1, 1]]],
    [
      "pairs",
      ["a", ""],
      { text_pair: ["b", "c d"], padding: true },
      [
        [CLS, A, SEP, B, SEP],
        [CLS, SEP, C, D, SEP],
      ],
      [
        [0, 0, 0, 1, 1],
        [0, 0, 1, 1, 1],
      ],
    ],
    [
      "a pair, cut",
      "a b c",
      { text_pair: "d", truncation: true, max_length: 6 },
      [[CLS, A, B, SEP, D, SEP]],
      [[0, 0, 0, 0, 1, 1]],
    ],
    [
      "a pair whose second text is the longer one, cut",
      "a",
      { text_pair: "b c d", truncation: true, max_length: 6 },
      [[CLS, A, SEP, B, C, SEP]],
      [[0, 0, 0, 1, 1, 1]],
    ],
    [
      "a pair, padded",
      "a",
      { text_pair: "b", padding: "max_length", max_length: 7 },
      [[CLS, A, SEP, B, SEP, PAD, PAD]],
      [[0, 0, 0, 1, 1, 0, 0]],
    ],
    [
      "a pair without special tokens",
      "a",
      { text_pair: "b", add_special_tokens: false },
      [[A, B]],
      [[0, 1]],
    ],
  ];
  for (const [name, texts, options, ids, types] of cases) {
    test(name, async () => {
      const tokenizer = await wordTokenizer();
      const encoded = await tokenizer.encode(texts, options);
      assert.deepEqual(rows(encoded.input_ids), ids);
      assert.deepEqual(
        rows(encoded.attention_mask),
        ids.map((row) => row.map((id) => (id === PAD ? 0 : 1))),
      );
      assert.deepEqual(rows(encoded.token_type_ids), types ?? ids.map((row) => row.map(() => 0)));
    });
  }

  test("different lengths at the same time do not meet", async () => {
    const tokenizer = await Tokenizer.fromPretrained(fixture("wordpiece"));
    const text = "a red circle above two blue squares on a green background ".repeat(4);
    const [whole = []] = rows((await tokenizer.encode(text)).input_ids);
    const lengths = Array.from({ length: 60 }, (_, i) => 3 + ((i * 7) % 40));
    const all = await Promise.all(
      lengths.map(async (max_length) => {
        const encoded = await tokenizer.encode([text, text], { truncation: true, max_length });
        return rows(encoded.input_ids);
      }),
    );
    for (const [i, length] of lengths.entries()) {
      const expected = [...whole.slice(0, length - 1), whole.at(-1)];
      assert.deepEqual(all[i], [expected, expected]);
    }
  });

  const refused: [string, unknown, unknown, RegExp][] = [
    ["no texts", [], {}, /texts: expected at least one text, got \[\]/],
    ["a number", 5, {}, /texts: expected a string, got 5/],
    ["null", null, {}, /texts: expected a string, got null/],
    ["a number among texts", ["a", 5], {}, /texts\[1\]: expected a string, got 5/],
    ["a hole among texts", new Array(1), {}, /texts\[0\]: expected a string, got undefined/],
    ["options that are none", "a", 5, /encode: expected an object with options, got 5/],
    [
      "a misspelled option",
      "a",
      { maxLength: 5 },
      /encode: unknown option "maxLength"; expected one of .*max_length/,
    ],
    [
      "an unknown padding",
      "a",
      { padding: "longst" },
      /padding: expected one of "longest", "max_length", got "longst"/,
    ],
    ["a padding of another type", "a", { padding: 5 }, /padding: .*got 5/],
    [
      "an unknown strategy of truncation",
      "a",
      { truncation: "onlyfirst" },
      /truncation: expected .*"only_first".*got "onlyfirst"/,
    ],
    [
      "max_length of zero",
      "a",
      { max_length: 0 },
      /max_length: expected an integer from 1 to 2147483647, got 0/,
    ],
    ["max_length of a fraction", "a", { max_length: 1.5 }, /max_length: .*got 1\.5/],
    ["max_length as a string", "a", { max_length: "5" }, /max_length: .*got "5"/],
    ["max_length as NaN", "a", { max_length: Number.NaN }, /max_length: .*got NaN/],
    [
      "an unknown type",
      "a",
      { type: "int16" },
      /type: expected one of "int64", "int32", got "int16"/,
    ],
    [
      "a flag that is none",
      "a",
      { add_special_tokens: 1 },
      /add_special_tokens: expected true or false, got 1/,
    ],
    [
      "a pair for one of two texts",
      ["a", "b"],
      { text_pair: "c" },
      /text_pair: expected 2 texts, as many as first texts, got 1/,
    ],
    [
      "a pair for each of two texts, of one text",
      "a",
      { text_pair: ["c", "d"] },
      /text_pair: expected 1 texts, as many as first texts, got 2/,
    ],
    [
      "a multiple of zero",
      "a",
      { padding: true, pad_to_multiple_of: 0 },
      /pad_to_multiple_of: expected an integer from 1 to 2147483647, got 0/,
    ],
    [
      "a pair that is no text",
      ["a", "b"],
      { text_pair: ["c", null] },
      /text_pair\[1\]: expected a string, got null/,
    ],
    [
      "truncation to no length",
      "a",
      { truncation: true },
      /max_length: expected a length, .* as the tokenizer's files have none, got undefined/,
    ],
    ["padding to no length", "a", { padding: "max_length" }, /max_length: expected a length/],
    [
      "rows of different lengths",
      ["a", "a b"],
      {},
      /padding: expected true, "longest" or "max_length", as rows differ in length/,
    ],
    [
      "a text too long for max_length",
      ["a", "a b c"],
      { padding: "max_length", max_length: 4 },
      /truncation: expected true, as text 1 has 5 tokens and max_length is 4, got false/,
    ],
    [
      "a text too long, with no padding",
      "a b c",
      { max_length: 4 },
      /truncation: expected true, as text 0 has 5 tokens/,
    ],
    [
      "no room for the special tokens",
      "a",
      { truncation: true, max_length: 1 },
      /max_length: expected at least 2, for the special tokens, got 1/,
    ],
    [
      "no room for the special tokens, where the first text alone is cut",
      "a",
      { truncation: "only_first", max_length: 1 },
      /max_length: expected at least 2, for the special tokens, got 1/,
    ],
    [
      "no room for those of a pair",
      "a",
      { text_pair: "b", truncation: true, max_length: 2 },
      /max_length: expected at least 3, for the special tokens, got 2/,
    ],
  ];
  for (const [name, texts, options, message] of refused) {
    test(`${name} is refused`, async () => {
      const tokenizer = await wordTokenizer();
      await assert.rejects(tokenizer.encode(texts as string, options as EncodeOptions), (error) => {
        assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
