// What transformers' tokenizers give beside ids: rows of what was cut off, offsets, padding to a
// multiple. Expected values: test/goldens/make_goldens.py.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { type EncodeOptions, MultimodalDataset, type Tensor, Tokenizer } from "pixtok";
import { fixture, readJsonLines } from "../support/fixtures.js";

type Numbers = number[] | number[][] | number[][][];

/** A tensor as Python's lists. */
function lists({ data, dims }: Tensor<"int64" | "int32">): Numbers {
  let values: unknown[] = Array.from(data, Number);
  for (const size of dims.slice(1).reverse()) {
    const rows = Array.from({ length: values.length / size }, (_, row) => row * size);
    values = rows.map((from) => values.slice(from, from + size));
  }
  return values as Numbers;
}

const tensorNames = [
  "input_ids",
  "attention_mask",
  "token_type_ids",
  "offset_mapping",
  "overflow_to_sample_mapping",
] as const;

type TensorName = (typeof tensorNames)[number];

interface Line {
  tokenizer: string;
  texts: string[];
  pairs: string[] | null;
  padding: true | "max_length";
  truncation?: "longest_first" | "only_first" | "only_second";
  max_length?: number;
  stride?: number;
  pad_to_multiple_of?: number;
  return_overflowing_tokens?: boolean;
  result: null | { dims: number[]; first_ids: number[]; sha256: Record<TensorName, string> };
}

describe("rows are those of transformers' tokenizers", () => {
  const lines = readJsonLines<Line>(fixture("goldens/encodings.jsonl"));

  test("there are goldens of each tokenizer", () => {
    const names = lines.map(({ tokenizer }) => tokenizer);
    assert.deepEqual([...new Set(names)], ["bpe", "unigram", "wordpiece"]);
    assert.equal(lines.length, 234);
    assert.equal(lines.filter(({ result }) => result === null).length, 97);
  });

  for (const name of ["bpe", "unigram", "wordpiece"]) {
    test(`cut, overflowing and padded, with offsets: ${name}`, async () => {
      const tokenizer = await Tokenizer.fromPretrained(fixture(name));
      for (const { tokenizer: of, texts, pairs, result, ...given } of lines) {
        if (of !== name) continue;
        const options: EncodeOptions = { ...given, text_pair: pairs, return_offsets_mapping: true };
        const what = JSON.stringify(options);
        if (result === null) {
          await assert.rejects(tokenizer.encode(texts, options), RangeError, what);
          continue;
        }
        const encoded = await tokenizer.encode(texts, options);
        assert.deepEqual(encoded.input_ids.dims, result.dims, what);
        const [firstIds] = lists(encoded.input_ids) as number[][];
        assert.deepEqual(firstIds, result.first_ids, what);
        for (const tensor of tensorNames) {
          // Python leaves the parts of a second text that overflow at 1 where the template says 0
          const isLeft = tensor === "token_type_ids" && name === "unigram" && pairs !== null;
          if (isLeft && given.return_overflowing_tokens) continue;
          const found = encoded[tensor];
          const numbers = JSON.stringify(found === undefined ? null : lists(found));
          const sha256 = createHash("sha256").update(numbers).digest("hex").slice(0, 16);
          assert.equal(sha256, result.sha256[tensor], `${tensor}: ${what}`);
        }
      }
    });
  }
});

const wordpiece = () => Tokenizer.fromPretrained(fixture("wordpiece"));

test("offsets are code points, and say where a token stands in its text", async () => {
  const text = "\u{1f534}\u{1f534} a red circle";
  const encoded = await (await wordpiece()).encode(text, { return_offsets_mapping: true });
  const offsets = lists(encoded.offset_mapping as Tensor<"int64">) as number[][][];
  const parts = (offsets[0] as number[][]).map(([from, to]) => [...text].slice(from, to).join(""));
  assert.deepEqual(parts.slice(-4), ["a", "red", "circle", ""]);
});

test("offsets and rows' samples are given where they are asked for, in the type of the rest", async () => {
  const tokenizer = await wordpiece();
  const plain = await tokenizer.encode("a red circle");
  assert.deepEqual(Object.keys(plain), ["input_ids", "attention_mask", "token_type_ids"]);
  const { offset_mapping, overflow_to_sample_mapping } = await tokenizer.encode(["a red circle"], {
    type: "int32",
    truncation: true,
    max_length: 4,
    padding: true,
    return_offsets_mapping: true,
    return_overflowing_tokens: true,
  });
  assert.deepEqual([offset_mapping?.type, offset_mapping?.dims], ["int32", [2, 4, 2]]);
  assert.deepEqual(
    [overflow_to_sample_mapping?.type, overflow_to_sample_mapping?.dims],
    ["int32", [2]],
  );
});

test("what a stride cannot be is refused, and the message says what it may be", async () => {
  const options = { truncation: true, max_length: 5, padding: true } as const;
  const encode = async (stride: number) =>
    (await wordpiece()).encode("a red circle and a blue one", {
      ...options,
      stride,
      return_overflowing_tokens: true,
    });
  await encode(2);
  await assert.rejects(encode(3), {
    name: "RangeError",
    message: /stride.* less than 3, the tokens that max_length 5 leaves of text 0/,
  });
  await assert.rejects(encode(-1), { name: "RangeError", message: /stride/ });
});

test("a text too short for the cut that is asked for is named", async () => {
  const tokenizer = await wordpiece();
  const encode = tokenizer.encode(["a", "a red circle and a blue one"], {
    text_pair: ["b", "c"],
    truncation: "only_second",
    max_length: 8,
    padding: true,
  });
  await assert.rejects(encode, {
    name: "RangeError",
    message: /truncation.*the second text of pair 1 has too few tokens/,
  });
});

test("max_length of truncated rows is a multiple of pad_to_multiple_of", async () => {
  const encode = (await wordpiece()).encode("a red circle", {
    truncation: true,
    padding: true,
    max_length: 9,
    pad_to_multiple_of: 8,
  });
  await assert.rejects(encode, {
    name: "RangeError",
    message: /max_length.*a multiple of pad_to_multiple_of \(8\).*9/,
  });
});

test("rows of a batch are padded to a multiple of text.padToMultipleOf", async () => {
  const tokenizer = await wordpiece();
  const dataset = (text: object) =>
    new MultimodalDataset({
      imagePaths: [fixture("images/png-rgba.png")],
      texts: ["a red circle and a blue one"],
      tokenizer,
      text,
    });
  const lengthOf = async (text: object) => {
    const { input_ids, attention_mask } = await dataset(text).get(0);
    assert.deepEqual(attention_mask.dims, input_ids.dims);
    return input_ids.dims.at(-1) as number;
  };
  const longest = await lengthOf({ padding: "longest" });
  assert.notEqual(longest % 16, 0);
  const multiple = Math.ceil(longest / 16) * 16;
  assert.equal(await lengthOf({ padding: "longest", padToMultipleOf: 16 }), multiple);
  assert.equal(await lengthOf({ maxLength: 48, padToMultipleOf: 16 }), 48);
  assert.throws(() => dataset({ maxLength: 50, padToMultipleOf: 16 }), {
    name: "RangeError",
    message: /text\.maxLength.*a multiple of text\.padToMultipleOf \(16\).*50/,
  });
});
