// The same names, types and ids as the tokenizers of transformers.js (@huggingface/tokenizers), which
// are JavaScript. Where they differ from the Rust library, which Python has, the Rust library is
// right; each such difference is a test here.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Tokenizer as JavaScriptTokenizer } from "@huggingface/tokenizers";
import { type Encoded, Tokenizer } from "pixtok";
import { fixture, readJsonLines, shared, withoutShared } from "../support/fixtures.js";

interface Both {
  ours: Tokenizer;
  theirs: JavaScriptTokenizer;
}

async function load(folder: string): Promise<Both> {
  const json = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8")) as object;
  return {
    ours: await Tokenizer.fromPretrained(folder),
    theirs: new JavaScriptTokenizer(json("tokenizer.json"), json("tokenizer_config.json")),
  };
}

const fields = ["input_ids", "attention_mask", "token_type_ids"] as const;

/** Row `row` of each tensor, without its padding on the right or left. */
function rowOf(encoded: Encoded, row: number): Record<(typeof fields)[number], number[]> {
  const [, length] = encoded.input_ids.dims as [number, number];
  const [start, end] = [row * length, (row + 1) * length];
  const mask = encoded.attention_mask.data.subarray(start, end);
  const first = start + mask.indexOf(1n);
  const last = start + mask.lastIndexOf(1n);
  const kept = (field: (typeof fields)[number]) =>
    Array.from(encoded[field].data.subarray(first, last + 1), Number);
  return {
    input_ids: kept("input_ids"),
    attention_mask: kept("attention_mask"),
    token_type_ids: kept("token_type_ids"),
  };
}

/** Texts for which the two do not agree in `compared`. */
async function disagreements(
  { ours, theirs }: Both,
  texts: readonly string[],
  pairs?: readonly string[],
  compared: readonly (typeof fields)[number][] = fields,
): Promise<string[]> {
  const differing: string[] = [];
  for (let start = 0; start < texts.length; start += 256) {
    const part = texts.slice(start, start + 256);
    const second = pairs?.slice(start, start + 256);
    const encoded = await ours.encode(part, { padding: true, text_pair: second ?? null });
    for (const [row, text] of part.entries()) {
      const { ids, attention_mask, token_type_ids } = theirs.encode(text, {
        text_pair: second?.[row] ?? null,
        return_token_type_ids: true,
      });
      // without a post-processor that knows pairs they leave token_type_ids out
      const types = token_type_ids ?? ids.map(() => 0);
      const expected = { input_ids: ids, attention_mask, token_type_ids: types };
      const actual = rowOf(encoded, row);
      if (compared.some((field) => String(actual[field]) !== String(expected[field]))) {
        differing.push(text);
      }
    }
  }
  return differing;
}

// Ranges of code points that have something special about them.
const scripts: [number, number][] = [
  [0x00, 0x1f],
  [0x20, 0x7e],
  [0x7f, 0xa0],
  [0xa1, 0xff],
  [0x100, 0x24f],
  [0x250, 0x2ff],
  [0x300, 0x36f],
  [0x374, 0x3a1],
  [0x3a4, 0x3ff],
  [0x400, 0x4ff],
  [0x531, 0x58f],
  [0x591, 0x5f4],
  [0x600, 0x6ff],
  [0x900, 0x97f],
  [0xb80, 0xbff],
  [0xe01, 0xe5b],
  [0xf00, 0xfff],
  [0x10a0, 0x10ff],
  [0x1100, 0x11ff],
  [0x1200, 0x137c],
  [0x13a0, 0x13f5],
  [0x1e00, 0x1eff],
  [0x1f00, 0x1fff],
  [0x2000, 0x206f],
  [0x2070, 0x209c],
  [0x20a0, 0x20bd],
  [0x2100, 0x214f],
  [0x2190, 0x22ff],
  [0x2460, 0x27bf],
  [0x3000, 0x303f],
  [0x3041, 0x30ff],
  [0x3400, 0x34ff],
  [0x4e00, 0x4eff],
  [0xac00, 0xacff],
  [0xd800, 0xdfff],
  [0xe000, 0xe0ff],
  [0xf900, 0xfaff],
  [0xfb00, 0xfdff],
  [0xfe00, 0xfe2f],
  [0xfe30, 0xfefe],
  [0xff00, 0xffef],
  [0xfff9, 0xffff],
  [0x10400, 0x1044f],
  [0x1d400, 0x1d7ff],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0xe0000, 0xe007f],
];

/** Short texts that mix two ranges, from a fixed seed. */
function hostileTexts(count: number): string[] {
  let state = 20260101;
  const below = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Array.from({ length: count }, () => {
    const mixed = [below(scripts.length), below(3) === 0 ? below(scripts.length) : 1];
    let text = "";
    for (let length = 1 + below(12); length > 0; length -= 1) {
      const [first, last] = scripts[mixed[below(2)] as number] as [number, number];
      text += String.fromCodePoint(first + below(last - first + 1));
    }
    return text;
  });
}

function goldenTexts(path: string): string[] {
  return [...new Set(readJsonLines<{ text: string }>(path).map(({ text }) => text))];
}

/** A capital sigma that is lower-cased, and an ideograph beyond U+FFFF: see the differences below. */
const explained = /\u03a3|[\u{20000}-\u{3ffff}]/u;

describe("captions", { skip: withoutShared() }, () => {
  const captions = withoutShared()
    ? []
    : readFileSync(shared("data/captions.txt"), "utf8").trimEnd().split("\n");

  test("bert-base-uncased: one in five", async () => {
    assert.equal(captions.length, 40460);
    const both = await load(shared("data/bert-base-uncased"));
    const some = captions.filter((_, index) => index % 5 === 0);
    assert.deepEqual(await disagreements(both, some), []);
  });

  test("clip-vit-base-patch32: one in five", async () => {
    const both = await load(shared("data/clip-vit-base-patch32"));
    const some = captions.filter((_, index) => index % 5 === 2);
    assert.deepEqual(await disagreements(both, some), []);
  });

  test("bert-base-uncased: pairs", async () => {
    const both = await load(shared("data/bert-base-uncased"));
    const pairs = captions.slice(0, 4000);
    assert.deepEqual(await disagreements(both, pairs, pairs.toReversed()), []);
  });
});

interface Suite {
  folder: string;
  skip?: string | false;
  /** What they agree on of a pair. */
  ofPairs?: readonly (typeof fields)[number][];
}

const roberta = ["input_ids", "attention_mask"] as const;
const suites: Record<string, Suite> = {
  wordpiece: { folder: fixture("wordpiece") },
  bpe: { folder: fixture("bpe"), ofPairs: roberta },
  unigram: { folder: fixture("unigram") },
  "bert-base-uncased": { folder: shared("data/bert-base-uncased"), skip: withoutShared() },
  "clip-vit-base-patch32": {
    folder: shared("data/clip-vit-base-patch32"),
    skip: withoutShared(),
    ofPairs: roberta,
  },
};

for (const [name, { folder, skip = false, ofPairs = fields }] of Object.entries(suites)) {
  describe(name, { skip }, () => {
    test("odd texts", async () => {
      const texts = goldenTexts(fixture("goldens/tokens.jsonl"));
      assert.equal(texts.length, 67);
      const differing = await disagreements(await load(folder), texts);
      assert.deepEqual(
        differing.filter((text) => !explained.test(text)),
        [],
      );
    });

    test("hostile Unicode", async () => {
      assert.deepEqual(await disagreements(await load(folder), hostileTexts(4000)), []);
    });

    test("pairs", async () => {
      const pairs = readJsonLines<{ text: string; text_pair: string }>(
        fixture("goldens/pairs.jsonl"),
      ).filter(({ text_pair }) => text_pair !== "");
      const first = pairs.map(({ text }) => text);
      const second = pairs.map(({ text_pair }) => text_pair);
      assert.deepEqual(await disagreements(await load(folder), first, second, ofPairs), []);
    });
  });
}

describe("where they differ, the ids are those of Python", () => {
  const differences: [
    name: string,
    suite: string,
    text: string,
    text_pair: string | null,
    ours: number[],
    theirs: number[],
  ][] = [
    [
      "a capital sigma at the end of a word: JavaScript makes it a final one, Rust does not",
      "wordpiece",
      "\u039f\u0394\u039f\u03a3",
      null,
      [2, 93, 245, 256, 260, 3],
      [2, 93, 245, 256, 259, 3],
    ],
    [
      "an ideograph beyond U+FFFF: it is a word of its own, theirs is part of the words beside it",
      "wordpiece",
      "red\u{20000}blue",
      null,
      [2, 552, 1, 536, 3],
      [2, 1, 3],
    ],
    [
      "combining marks since Unicode 9: Rust's BertNormalizer does not know them, and keeps them",
      "wordpiece",
      "red \u1885 \u09fe",
      null,
      [2, 552, 1, 1, 3],
      [2, 552, 3],
    ],
    [
      "punctuation since Unicode 9: Rust's BertPreTokenizer does not split at it",
      "wordpiece",
      "red\u{1e95e}blue",
      null,
      [2, 1, 3],
      [2, 552, 1, 536, 3],
    ],
    [
      "an empty second text: it has its separator, theirs is no second text",
      "wordpiece",
      "red",
      "",
      [2, 552, 3, 3],
      [2, 552, 3],
    ],
    [
      "two splits of equal score in a Unigram model",
      "unigram",
      "a blonde man",
      null,
      [194, 458, 81, 574, 769, 1],
      [194, 458, 203, 248, 769, 1],
    ],
    [
      "U+FEFF in a regular expression: it is white space in JavaScript, not in Rust",
      "clip-vit-base-patch32",
      "-\ufeff-",
      null,
      [49406, 12, 171, 119, 123, 268, 49407],
      [49406, 268, 171, 119, 379, 268, 49407],
    ],
  ];
  for (const [name, suite, text, text_pair, expected, different] of differences) {
    const { folder, skip = false } = suites[suite] as Suite;
    test(name, { skip }, async () => {
      const { ours, theirs } = await load(folder);
      assert.deepEqual(rowOf(await ours.encode(text, { text_pair }), 0).input_ids, expected);
      assert.deepEqual(theirs.encode(text, { text_pair }).ids, different);
    });
  }

  test("token_type_ids of a RoBERTa pair: all 0, theirs are 1 for the second text", async () => {
    const { ours, theirs } = await load(fixture("bpe"));
    const { token_type_ids } = rowOf(await ours.encode("red", { text_pair: "blue" }), 0);
    assert.deepEqual(token_type_ids, [0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const options = { text_pair: "blue", return_token_type_ids: true } as const;
    assert.deepEqual(theirs.encode("red", options).token_type_ids, [0, 0, 0, 0, 1, 1, 1, 1, 1]);
  });
});
