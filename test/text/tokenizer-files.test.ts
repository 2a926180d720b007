// What a tokenizer's files say, and where they are found.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MultimodalDataset, PixtokError, type PretrainedTokenizerOptions, Tokenizer } from "pixtok";
import { fixture } from "../support/fixtures.js";
import {
  A,
  B,
  C,
  CLS,
  D,
  folderWith,
  PAD,
  rows,
  SEP,
  wordLevel,
  wordTokenizer,
} from "../support/word-tokenizer.js";

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
      "not there, where the configuration describes the tokens that are added",
      {
        "tokenizer_config.json": { pad_token: "a", added_tokens_decoder: {} },
        "special_tokens_map.json": { pad_token: "c" },
      },
      {},
      A,
    ],
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
      const alike = await tokenizer.encode(["a", "b"], { padding: true });
      assert.deepEqual(alike.input_ids.dims, [2, 3]);
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
    [
      fixture("wordpiece"),
      { padToken: "a" },
      /Tokenizer\.fromPretrained: unknown option "padToken"/,
    ],
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
        Tokenizer.fromPretrained(path as string, options as PretrainedTokenizerOptions),
        (error) => {
          assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});
