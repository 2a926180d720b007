// Ids are those of the Python tokenizers library. Expected values: test/goldens/make_goldens.py and
// the shared goldens.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  type EncodeOptions,
  type FromPretrainedOptions,
  MultimodalDataset,
  PixtokError,
  type Tensor,
  Tokenizer,
} from "pixtok";
import { fixture, readJsonLines, shared, withoutShared } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-tokenizer-"));
after(() => rmSync(folder, { recursive: true }));

/** A folder with these files; a value that is no string becomes JSON. */
function folderWith(files: Record<string, unknown>): string {
  const path = mkdtempSync(join(folder, "files-"));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(
      join(path, name),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  }
  return path;
}

/** A small tokenizer: a word is a token, [CLS] and [SEP] around, changed by `changes`. */
function wordLevel(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "d"];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "[CLS]", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "[SEP]", type_id: 0 } },
      ],
      pair: [
        { SpecialToken: { id: "[CLS]", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "[SEP]", type_id: 0 } },
        { Sequence: { id: "B", type_id: 1 } },
        { SpecialToken: { id: "[SEP]", type_id: 1 } },
      ],
      special_tokens: {
        "[CLS]": { id: "[CLS]", ids: [2], tokens: ["[CLS]"] },
        "[SEP]": { id: "[SEP]", ids: [3], tokens: ["[SEP]"] },
      },
    },
    decoder: null,
    model: {
      type: "WordLevel",
      unk_token: "[UNK]",
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    },
    ...changes,
  };
}

const [PAD, CLS, SEP, A, B, C, D] = [0, 2, 3, 4, 5, 6, 7] as const;

function wordTokenizer(
  config: Record<string, unknown> = { pad_token: "[PAD]" },
  changes: Record<string, unknown> = {},
  options: FromPretrainedOptions = {},
): Promise<Tokenizer> {
  const files = { "tokenizer.json": wordLevel(changes), "tokenizer_config.json": config };
  return Tokenizer.fromPretrained(folderWith(files), options);
}

/** A tensor's rows as numbers. */
function rows(tensor: Tensor<"int64" | "int32">): number[][] {
  const [count, length] = tensor.dims as [number, number];
  assert.equal(tensor.data.length, count * length);
  const numbers = Array.from(tensor.data, Number);
  return Array.from({ length: count }, (_, row) => numbers.slice(row * length, (row + 1) * length));
}

/** Process warnings while `work` runs. */
async function warningsOf(work: () => Promise<unknown>): Promise<(Error & { code?: string })[]> {
  const caught: Error[] = [];
  const listener = (warning: Error) => caught.push(warning);
  process.on("warning", listener);
  await work();
  await setImmediate();
  process.off("warning", listener);
  return caught;
}

const codesOf = (warnings: { code?: string }[]) => warnings.map(({ code }) => code);

describe("ids are those of Python", () => {
  interface TokensLine {
    tokenizer: string;
    max_length: number;
    text: string;
    cleaned_text: string | null;
    ids: number[];
    pad_id: number;
  }

  const suites = [
    {
      name: "shipped",
      path: fixture("goldens/tokens.jsonl"),
      folderOf: fixture,
      pad: {},
      cases: 609,
      skip: false as const,
    },
    {
      name: "shared",
      path: shared("golden/tokens.jsonl"),
      folderOf: (tokenizer: string) => shared(`data/${tokenizer}`),
      // the folder names another than the goldens use
      pad: { "clip-vit-base-patch32": "<|endoftext|>" } as Record<string, string>,
      cases: 908,
      skip: withoutShared(),
    },
  ];

  for (const { name, path, folderOf, pad, cases, skip } of suites) {
    test(`${name} goldens, cut and padded to max_length`, { skip }, async () => {
      const groups = new Map<string, TokensLine[]>();
      for (const line of readJsonLines<TokensLine>(path)) {
        const key = `${line.tokenizer} ${line.max_length}`;
        groups.set(key, [...(groups.get(key) ?? []), line]);
      }
      let seen = 0;
      for (const lines of groups.values()) {
        const { tokenizer: tokenizerName, max_length } = lines[0] as TokensLine;
        const pad_token = (pad as Record<string, string>)[tokenizerName];
        const tokenizer = await Tokenizer.fromPretrained(
          folderOf(tokenizerName),
          pad_token === undefined ? {} : { pad_token },
        );
        const { input_ids, attention_mask } = await tokenizer.encode(
          lines.map(({ text, cleaned_text }) => cleaned_text ?? text),
          { max_length, padding: "max_length", truncation: true },
        );
        assert.deepEqual(input_ids.dims, [lines.length, max_length]);
        const padded = (ids: number[], value: number) => {
          const padding = new Array<number>(max_length - ids.length).fill(value);
          return tokenizer.paddingSide === "left" ? [...padding, ...ids] : [...ids, ...padding];
        };
        const [actualIds, actualMask] = [rows(input_ids), rows(attention_mask)];
        for (const [row, { text, ids, pad_id }] of lines.entries()) {
          const where = `${tokenizerName} ${max_length} ${JSON.stringify(text)}`;
          assert.deepEqual(actualIds[row], padded(ids, pad_id), where);
          const mask = ids.map(() => 1);
          assert.deepEqual(actualMask[row], padded(mask, 0), where);
          seen += 1;
        }
      }
      assert.equal(seen, cases);
    });
  }

  test("of pairs, where the longer text is cut first", async () => {
    interface PairsLine extends TokensLine {
      text_pair: string;
      type_ids: number[];
    }
    const lines = readJsonLines<PairsLine>(fixture("goldens/pairs.jsonl"));
    assert.equal(lines.length, 124);
    for (const line of lines) {
      const tokenizer = await Tokenizer.fromPretrained(fixture(line.tokenizer));
      const { tokenizer: _, text, ids, type_ids, ...options } = line;
      const encoded = await tokenizer.encode(text, { ...options, truncation: true });
      assert.deepEqual(rows(encoded.input_ids), [ids], JSON.stringify(line));
      assert.deepEqual(rows(encoded.token_type_ids), [type_ids], JSON.stringify(line));
    }
  });

  const vocabularies: [string, string, number, string | false][] = [
    ["shipped", fixture("wordpiece"), 67, false],
    ["shared", shared("data/bert-base-uncased"), 227, withoutShared()],
  ];
  for (const [name, path, count, skip] of vocabularies) {
    test(`vocab.txt gives the same as tokenizer.json: ${name}`, { skip }, async () => {
      const goldens = name === "shipped" ? fixture("goldens") : shared("golden");
      const lines = readJsonLines<TokensLine>(join(goldens, "tokens.jsonl"));
      const texts = [...new Set(lines.map(({ text }) => text))];
      assert.equal(texts.length, count);
      const alone = folderWith({});
      copyFileSync(join(path, "vocab.txt"), join(alone, "vocab.txt"));
      const expected = await Tokenizer.fromPretrained(path);
      const options = { padding: "max_length", truncation: true, max_length: 128 } as const;
      for (const vocabulary of [alone, join(alone, "vocab.txt")]) {
        const actual = await Tokenizer.fromPretrained(vocabulary);
        assert.equal(actual.vocabSize, expected.vocabSize);
        assert.deepEqual(
          await actual.encode(texts, options),
          await expected.encode(texts, options),
        );
        const pairs = { ...options, text_pair: texts.toReversed() };
        assert.deepEqual(await actual.encode(texts, pairs), await expected.encode(texts, pairs));
      }
    });
  }

  test("CLIP has 77 tokens a row, without an option", { skip: withoutShared() }, async () => {
    const tokenizer = await Tokenizer.fromPretrained(shared("data/clip-vit-base-patch32"), {
      pad_token: "<|endoftext|>",
    });
    const { input_ids } = await tokenizer.encode(["a photo of a cat", "cat ".repeat(100)], {
      padding: "max_length",
      truncation: true,
    });
    assert.deepEqual(input_ids.dims, [2, 77]);
    const [short, long] = rows(input_ids) as [number[], number[]];
    const padding = new Array<number>(70).fill(49407);
    assert.deepEqual(short, [49406, 320, 1125, 539, 320, 2368, 49407, ...padding]);
    assert.deepEqual(long, [49406, ...new Array<number>(75).fill(2368), 49407]);
  });
});

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

describe("settings of the files", () => {
  test("padding_side and truncation_side", async () => {
    const options = { padding: "max_length", truncation: true, max_length: 5 } as const;
    const texts = ["a", "a b c d"];
    const sides: [Record<string, unknown>, Record<string, unknown>, number[][]][] = [
      [
        {},
        {},
        [
          [CLS, A, SEP, PAD, PAD],
          [CLS, A, B, C, SEP],
        ],
      ],
      [
        { padding_side: "left" },
        {},
        [
          [PAD, PAD, CLS, A, SEP],
          [CLS, A, B, C, SEP],
        ],
      ],
      [
        { truncation_side: "left" },
        {},
        [
          [CLS, A, SEP, PAD, PAD],
          [CLS, B, C, D, SEP],
        ],
      ],
      [
        {},
        {
          padding: {
            strategy: "BatchLongest",
            direction: "Left",
            pad_to_multiple_of: null,
            pad_id: 0,
            pad_type_id: 0,
            pad_token: "[PAD]",
          },
          truncation: { direction: "Left", max_length: 9, strategy: "LongestFirst", stride: 0 },
        },
        [
          [PAD, PAD, CLS, A, SEP],
          [CLS, B, C, D, SEP],
        ],
      ],
    ];
    for (const [config, changes, expected] of sides) {
      const tokenizer = await wordTokenizer({ pad_token: "[PAD]", ...config }, changes);
      assert.deepEqual(rows((await tokenizer.encode(texts, options)).input_ids), expected);
    }
  });

  test("which options of fromPretrained replace", async () => {
    const tokenizer = await wordTokenizer(
      { pad_token: "[PAD]", padding_side: "right", truncation_side: "right" },
      {},
      { pad_token: "d", padding_side: "left", truncation_side: "left" },
    );
    assert.equal(tokenizer.padTokenId, D);
    assert.equal(tokenizer.paddingSide, "left");
    assert.equal(tokenizer.truncationSide, "left");
  });

  const padTokens: [
    string,
    Record<string, unknown>,
    Record<string, unknown>,
    number | undefined,
  ][] = [
    ["as a string", { "tokenizer_config.json": { pad_token: "a" } }, {}, A],
    ["as an object", { "tokenizer_config.json": { pad_token: { content: "b" } } }, {}, B],
    ["in special_tokens_map.json", { "special_tokens_map.json": { pad_token: "c" } }, {}, C],
    [
      "in tokenizer.json",
      {},
      {
        padding: {
          strategy: "BatchLongest",
          direction: "Right",
          pad_to_multiple_of: null,
          pad_id: 7,
          pad_type_id: 0,
          pad_token: "d",
        },
      },
      D,
    ],
    ["the end of a text otherwise", { "tokenizer_config.json": { eos_token: "[SEP]" } }, {}, SEP],
    ["none", {}, {}, undefined],
    [
      "one that the vocabulary does not have",
      { "tokenizer_config.json": { pad_token: "z" } },
      {},
      undefined,
    ],
  ];
  for (const [name, files, changes, id] of padTokens) {
    test(`the padding token: ${name}`, async () => {
      const path = folderWith({ ...files, "tokenizer.json": wordLevel(changes) });
      const tokenizer = await Tokenizer.fromPretrained(path);
      assert.equal(tokenizer.padTokenId, id);
      const encoding = tokenizer.encode(["a", "a b"], { padding: true });
      if (id !== undefined) {
        assert.deepEqual(rows((await encoding).input_ids)[0], [CLS, A, SEP, id]);
        return;
      }
      await assert.rejects(encoding, {
        code: "INVALID_TOKENIZER",
        source: path,
        message: /no padding token|"z" is not in the vocabulary/,
      });
      assert.throws(
        () => new MultimodalDataset({ imagePaths: ["a.jpg"], texts: ["a"], tokenizer }),
        { code: "INVALID_TOKENIZER" },
      );
    });
  }

  test("max_length is the model's own where it is left out", async () => {
    const truncation = { direction: "Right", max_length: 3, strategy: "LongestFirst", stride: 0 };
    const lengths: [Record<string, unknown>, Record<string, unknown>, number][] = [
      [{ model_max_length: 4 }, {}, 4],
      [{}, { truncation }, 3],
      [{ model_max_length: 4 }, { truncation }, 4],
      [{ model_max_length: 1e30 }, { truncation }, 3],
    ];
    for (const [config, changes, length] of lengths) {
      const tokenizer = await wordTokenizer({ pad_token: "[PAD]", ...config }, changes);
      for (const text of ["", "a b c d"]) {
        const options = { padding: "max_length", truncation: true } as const;
        assert.deepEqual((await tokenizer.encode(text, options)).input_ids.dims, [1, length]);
      }
    }
  });

  test("truncation and padding in tokenizer.json are for who asks for them", async () => {
    const tokenizer = await Tokenizer.fromPretrained(fixture("unigram"));
    const text = "a red circle above two blue squares on a green background ".repeat(4);
    const { input_ids } = await tokenizer.encode(text);
    assert.ok((input_ids.dims[1] as number) > 24);
    assert.ok(((await tokenizer.encode("a")).input_ids.dims[1] as number) < 24);
  });
});

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
    }
  });
});

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

describe("fromPretrained", () => {
  test("takes the file itself, and prefers tokenizer.json to vocab.txt", async () => {
    const tokenizer = await Tokenizer.fromPretrained(fixture("wordpiece/tokenizer.json"));
    assert.equal(tokenizer.padTokenId, 0);
    const both = folderWith({ "tokenizer.json": wordLevel(), "vocab.txt": "nothing of use" });
    assert.equal((await Tokenizer.fromPretrained(both)).vocabSize, 8);
  });

  test("takes the special tokens of a vocab.txt by other names", async () => {
    const tokenizer = await Tokenizer.fromPretrained(
      folderWith({
        "vocab.txt": "<pad>\n<unk>\n<s>\n</s>\n<mask>\na\nB\n",
        "tokenizer_config.json": {
          do_lower_case: false,
          pad_token: "<pad>",
          unk_token: "<unk>",
          cls_token: "<s>",
          sep_token: { content: "</s>" },
          mask_token: "<mask>",
        },
      }),
    );
    const { input_ids } = await tokenizer.encode(["a B b", "<mask>"], { padding: true });
    assert.deepEqual(rows(input_ids), [
      [2, 5, 6, 1, 3],
      [2, 4, 3, 0, 0],
    ]);
  });

  const config = { pad_token: "[PAD]" };
  const broken: [string, Record<string, unknown>, string, RegExp][] = [
    [
      "an empty folder",
      {},
      "TOKENIZER_NOT_FOUND",
      /neither tokenizer\.json nor vocab\.txt \(AutoTokenizer/,
    ],
    ["a config alone", { "tokenizer_config.json": config }, "TOKENIZER_NOT_FOUND", /neither/],
    [
      "an empty tokenizer.json",
      { "tokenizer.json": "" },
      "INVALID_TOKENIZER",
      /tokenizer\.json": this is not JSON/,
    ],
    [
      "half a tokenizer.json",
      { "tokenizer.json": JSON.stringify(wordLevel()).slice(0, 99) },
      "INVALID_TOKENIZER",
      /not JSON/,
    ],
    [
      "JSON of another kind",
      { "tokenizer.json": [1] },
      "INVALID_TOKENIZER",
      /expected a JSON object/,
    ],
    ["JSON without a model", { "tokenizer.json": { a: 1 } }, "INVALID_TOKENIZER", /no "model"/],
    [
      "an unknown model",
      { "tokenizer.json": wordLevel({ model: { type: "Other" } }) },
      "INVALID_TOKENIZER",
      /cannot be loaded: .*Model/,
    ],
    [
      "an unknown normalizer",
      { "tokenizer.json": wordLevel({ normalizer: { type: "Other" } }) },
      "INVALID_TOKENIZER",
      /cannot be loaded: .*Normalizer/,
    ],
    [
      "merges of unknown tokens",
      { "tokenizer.json": wordLevel({ model: { type: "BPE", vocab: { a: 0 }, merges: ["a b"] } }) },
      "INVALID_TOKENIZER",
      /cannot be loaded/,
    ],
    [
      "a config that is not JSON",
      { "tokenizer.json": wordLevel(), "tokenizer_config.json": "{" },
      "INVALID_TOKENIZER",
      /tokenizer_config\.json": this is not JSON/,
    ],
    [
      "an unknown side",
      { "tokenizer.json": wordLevel(), "tokenizer_config.json": { padding_side: "up" } },
      "INVALID_TOKENIZER",
      /padding_side: expected "left" or "right", got "up"/,
    ],
    [
      "an empty vocab.txt",
      { "vocab.txt": "" },
      "INVALID_TOKENIZER",
      /expected a BERT WordPiece vocabulary: the vocabulary has no \[PAD\]/,
    ],
    [
      "a vocab.txt of another model",
      { "vocab.txt": "a\nb\n" },
      "INVALID_TOKENIZER",
      /expected a BERT WordPiece vocabulary/,
    ],
    [
      "a flag that is none",
      {
        "vocab.txt": "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n",
        "tokenizer_config.json": { do_lower_case: "yes" },
      },
      "INVALID_TOKENIZER",
      /do_lower_case is no boolean/,
    ],
  ];
  for (const [name, files, code, message] of broken) {
    test(`${name}: ${code}`, async () => {
      const path = folderWith(files);
      await assert.rejects(Tokenizer.fromPretrained(path), (error) => {
        assert.ok(error instanceof PixtokError);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(error.source?.startsWith(path));
        return true;
      });
    });
  }

  test("a tokenizer.json that is a folder: INVALID_TOKENIZER", async () => {
    const path = folderWith({});
    mkdirSync(join(path, "tokenizer.json"));
    await assert.rejects(Tokenizer.fromPretrained(path), { code: "INVALID_TOKENIZER" });
  });

  test("a vocabulary that cannot encode: INVALID_TOKENIZER when it is used", async () => {
    const model = { type: "WordLevel", unk_token: "[UNK]", vocab: { a: 0 } };
    const tokenizer = await wordTokenizer(config, { model, post_processor: null });
    assert.deepEqual(rows((await tokenizer.encode("a a")).input_ids), [[0, 0]]);
    await assert.rejects(tokenizer.encode("b"), {
      code: "INVALID_TOKENIZER",
      message: /cannot encode: .*\[UNK\]/,
    });
  });

  const missing: [string, RegExp][] = [
    [join(tmpdir(), "pixtok-no-such-folder"), /no such folder or file; expected a folder with/],
    ["no-such-tokenizer.json", /no such folder or file/],
    ["./no-such-folder", /no such folder or file/],
    ["a/b/c", /no such folder or file/],
    ["two words", /no such folder or file/],
    ["", /no such folder or file/],
    ["nul\0inside", /no such folder or file/],
    [fixture("images/jpeg-1x1.jpg"), /expected a \.json file \(tokenizer\.json\) or a \.txt file/],
  ];
  for (const [path, message] of missing) {
    test(`${JSON.stringify(path)}: TOKENIZER_NOT_FOUND`, async () => {
      await assert.rejects(Tokenizer.fromPretrained(path), {
        name: "PixtokError",
        code: "TOKENIZER_NOT_FOUND",
        source: path,
        message,
      });
    });
  }

  const refused: [unknown, unknown, RegExp][] = [
    [5, {}, /the name of the tokenizer: expected a path or an id, got 5/],
    [fixture("wordpiece"), 5, /Tokenizer\.fromPretrained: expected an object with options, got 5/],
    [fixture("wordpiece"), { padToken: "a" }, /unknown option "padToken"/],
    [fixture("wordpiece"), { pad_token: 0 }, /pad_token: expected a string, got 0/],
    [
      fixture("wordpiece"),
      { padding_side: "top" },
      /padding_side: expected one of "left", "right"/,
    ],
    [fixture("wordpiece"), { truncation_side: 1 }, /truncation_side: expected one of/],
    [fixture("wordpiece"), { revision: 1 }, /revision: expected a string, got 1/],
    [
      fixture("wordpiece"),
      { revision: "../main" },
      /revision: expected a branch, a tag or a commit/,
    ],
  ];
  for (const [path, options, message] of refused) {
    test(`refuses ${JSON.stringify(options)} of ${typeof path}`, async () => {
      await assert.rejects(
        Tokenizer.fromPretrained(path as string, options as FromPretrainedOptions),
        (error) => {
          assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});
