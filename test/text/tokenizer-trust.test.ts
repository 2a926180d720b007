// Which tokenizer files the library may have in this process, and which nobody should have.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isPrecompiledMap } from "../../src/text/precompiled-map.js";
import { isPlainExpression } from "../../src/text/regular-expression.js";
import { isTrustedTokenizer } from "../../src/text/tokenizer-trust.js";

describe("a tokenizer's file", () => {
  const parts = (type: string, name: string, list: object[]) => ({ type, [name]: list });
  const trusts = (definition: object) => isTrustedTokenizer(definition as Record<string, unknown>);

  for (const [name, types] of [
    [
      "normalizer",
      [
        "BertNormalizer",
        "Lowercase",
        "NFC",
        "NFD",
        "NFKC",
        "NFKD",
        "Nmt",
        "Prepend",
        "Strip",
        "StripAccents",
        "ByteLevel",
      ],
    ],
    [
      "pre_tokenizer",
      [
        "BertPreTokenizer",
        "CharDelimiterSplit",
        "Digits",
        "Metaspace",
        "Punctuation",
        "UnicodeScripts",
        "Whitespace",
        "WhitespaceSplit",
      ],
    ],
    ["post_processor", ["BertProcessing", "RobertaProcessing", "TemplateProcessing"]],
    ["decoder", ["BPEDecoder", "ByteFallback", "CTC", "Fuse", "WordPiece"]],
  ] as const) {
    test(`needs no process of its own with a usual ${name}`, () => {
      for (const type of types) assert.equal(trusts({ [name]: { type } }), true, type);
      assert.equal(trusts({ [name]: null }), true);
      for (const type of ["Other", "", 5, undefined])
        assert.equal(trusts({ [name]: { type } }), false);
    });
  }

  test("needs a process of its own where merges have a prefix to be taken off", () => {
    const model = { type: "BPE", vocab: {}, merges: [["a", "b"]] };
    for (const prefix of [undefined, null, ""])
      assert.equal(trusts({ model: { ...model, continuing_subword_prefix: prefix } }), true);
    assert.equal(trusts({ model: { ...model, continuing_subword_prefix: "##" } }), false);
    const wordpiece = { type: "WordPiece", vocab: {}, continuing_subword_prefix: "##" };
    assert.equal(trusts({ model: wordpiece }), true);
  });

  test("is looked into, however deep and in every list", () => {
    for (const [type, name] of [
      ["normalizer", "normalizers"],
      ["pre_tokenizer", "pretokenizers"],
      ["post_processor", "processors"],
      ["decoder", "decoders"],
    ] as const) {
      const within = (one: object) => ({
        [type]: parts("Sequence", name, [{ type: "NFC" }, parts("Sequence", name, [one])]),
      });
      assert.equal(trusts(within({ type: "NFC" })), true);
      assert.equal(trusts(within({ type: "Other" })), false, type);
    }
  });

  test("may have 64 parts, eight deep, and not many more", () => {
    const message = /it has more than 64 normalizers or pre-tokenizers, or deeper ones/;
    const many = (count: number) =>
      parts("Sequence", "normalizers", Array(count).fill({ type: "NFC" }));
    assert.equal(trusts({ normalizer: many(64) }), true);
    assert.throws(() => trusts({ normalizer: many(66) }), message);
    const deep = (depth: number): object =>
      depth === 0 ? { type: "NFC" } : parts("Sequence", "normalizers", [deep(depth - 1)]);
    assert.equal(trusts({ normalizer: deep(8) }), true);
    assert.throws(() => trusts({ normalizer: deep(9) }), message);
  });

  test("may make a text 64 times longer, in a process of its own 4096 times, and no more", () => {
    const replace = (pattern: object, content: string) => ({ type: "Replace", pattern, content });
    const growing = (...list: object[]) =>
      trusts({ normalizer: parts("Sequence", "normalizers", list) });
    assert.equal(growing(replace({ String: " " }, "x".repeat(64))), true);
    assert.equal(growing(replace({ String: " " }, "x".repeat(65))), false);
    assert.equal(growing(replace({ String: "€" }, "€".repeat(64))), true);
    assert.equal(growing(replace({ Regex: "a" }, "x".repeat(63))), true);
    assert.equal(growing(replace({ Regex: "a" }, "x".repeat(64))), false);
    assert.equal(
      growing(replace({ String: "long" }, ""), replace({ String: " " }, "x".repeat(64))),
      true,
    );
    const message = /its normalizers may make a text more than a thousand times longer/;
    const by64 = replace({ String: " " }, "x".repeat(64));
    assert.equal(growing(by64, by64), false);
    // a text need not have what becomes shorter
    const shorter = replace({ String: "long" }, "");
    assert.equal(growing(by64, shorter, replace({ String: "x" }, "yy")), false);
    assert.throws(() => growing(by64, by64, replace({ String: " " }, "xx")), message);
    assert.equal(growing(replace({ String: "" }, "x")), false);
    assert.equal(growing(replace({ Regex: "(x+x+)+y" }, "x")), false);
    assert.equal(growing({ type: "Replace", content: "x" }), false);
    assert.equal(trusts({ pre_tokenizer: { type: "Split", pattern: { Regex: "\\s+" } } }), true);
    assert.equal(trusts({ pre_tokenizer: { type: "Split", pattern: { Regex: "(a|a)*" } } }), false);
    assert.equal(trusts({ pre_tokenizer: { type: "FixedLength", length: 1 } }), true);
    for (const length of [0, 1.5, "1"])
      assert.equal(trusts({ pre_tokenizer: { type: "FixedLength", length } }), false);
    assert.equal(
      trusts({ normalizer: { type: "Precompiled", precompiled_charsmap: "AAAA" } }),
      false,
    );
    assert.equal(trusts({ normalizer: { type: "Precompiled" } }), false);
  });

  test("has ids of tokens that an array can be as long as", () => {
    const most = 2 ** 24 - 1;
    const message = (id: unknown) =>
      new RegExp(`expected ids of tokens from 0 to ${most}, got ${id}`);
    for (const definition of [
      (id: unknown) => ({ model: { vocab: { a: 0, b: id } } }),
      (id: unknown) => ({ added_tokens: [null, { id: 0 }, { id }] }),
      (id: unknown) => ({
        post_processor: { type: "TemplateProcessing", special_tokens: { a: { ids: [0, id] } } },
      }),
    ]) {
      assert.equal(trusts(definition(most)), true);
      for (const id of [most + 1, -1, 0.5])
        assert.throws(() => trusts(definition(id)), message(id));
    }
  });

  test("has a template of described tokens, and of 64 parts", () => {
    const template = (fields: object) => () =>
      trusts({ post_processor: { type: "TemplateProcessing", ...fields } });
    const token = (id: string) => ({ SpecialToken: { id } });
    const special_tokens = { "[CLS]": { ids: [1] } };
    assert.equal(
      template({ single: [token("[CLS]")], pair: [token("[CLS]")], special_tokens })(),
      true,
    );
    for (const name of ["single", "pair"]) {
      assert.throws(template({ [name]: [token("x".repeat(50))], special_tokens }), {
        message: `its template has the token "${"x".repeat(40)}", which is not described`,
      });
      assert.throws(
        template({ [name]: [token("toString")], special_tokens }),
        /which is not described/,
      );
      assert.equal(template({ [name]: Array(64).fill(token("[CLS]")), special_tokens })(), true);
      assert.throws(
        template({ [name]: Array(65).fill({}) }),
        /its template has 65 parts, more than 64/,
      );
    }
    assert.equal(template({ special_tokens: { a: { ids: Array(64).fill(1) } } })(), true);
    assert.throws(
      template({ special_tokens: { a: { ids: Array(65).fill(1) } } }),
      /a token of too many ids/,
    );
  });
});

describe("a regular expression", () => {
  const plain = [
    "a",
    "\\s+",
    "[^\\s\\p{L}]+",
    "a|b",
    "(?:a|b)",
    "(?i:'s|'t)",
    "a{3}",
    "\\p{N}{1,3}",
    "[]a]+",
    "[^]a]+",
    "\\(",
    "x+y",
    "(?=a)",
    "(?!a)",
    "(?<=a)",
    "a*b*",
    " ?\\p{L}+",
    "\\s+(?!\\S)|\\s+",
    "a".repeat(4096),
    "(a)".repeat(200),
    "(ab)+",
    "(a{3})+",
    "(a{3,3})*",
    "(a|b)?",
    "(a|b){1}",
    "(a{2,3})?",
    "a*b",
    "a*b*c*",
    "a*b*|c",
    "a*|b*c",
    "(a*)c",
    "(?:a*b*)?",
    "a*(b*c)?",
    "a{1,8}b{1,8}c",
    "a{9}b{9}c",
    "(?>a)",
    "(?<!a)",
    "[\\]a]+",
    "[a[b]*]+c",
  ];
  for (const source of plain) {
    test(`${source.slice(0, 20)} is plain`, () => assert.equal(isPlainExpression(source), true));
  }
  const others = [
    "",
    "a".repeat(4097),
    "(x+x+)+y",
    "(a|a)*",
    "(a*)*",
    "(a+)+",
    "a*a*b",
    "\\1",
    "(a)\\1",
    "\\k<n>",
    "\\g<0>",
    "(?<n>a)",
    "(?#c)",
    "(a",
    "a)",
    "a**",
    "a{1,9}{1,9}",
    "(a?){9}",
    "(a|b)+",
    "(a)".repeat(201),
    "(a{2,3})+",
    "(a{,3})+",
    "(a{2,})+",
    "(a|b){2}",
    "a*b*c",
    "a*b*|a*b*c",
    "(a*b*)c",
    "(a*)(b*)c",
    "a*(b*c)",
    "(x*y*z)?",
    "a{1,9}b{1,9}c",
    "a{,9}b{2,}c",
    "(?i)a",
    "(?P<n>a)",
  ];
  for (const source of others) {
    test(`${source.slice(0, 20)} is not`, () => assert.equal(isPlainExpression(source), false));
  }
});

describe("a precompiled map", () => {
  const NUMBER = 0x8000_0000;
  const LEAF = 0x100;
  /** A trie of one node whose children begin at 256, its leaf at string `start`. */
  function map(
    given: { count?: number; root?: number; start?: number; strings?: Buffer; size?: number } = {},
  ): string {
    const { count = 512, root = (256 << 10) | LEAF, start = 0 } = given;
    const { strings = Buffer.from("a\0é\0"), size = 4 * count } = given;
    const units = Buffer.alloc(4 * count);
    for (let i = 0; i < count; i += 1) units.writeUInt32LE(NUMBER, 4 * i);
    units.writeUInt32LE(root >>> 0, 0);
    if (count > 256) units.writeUInt32LE((NUMBER | start) >>> 0, 4 * 256);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(size);
    return Buffer.concat([head, units, strings]).toString("base64");
  }

  for (const [what, base64, expected] of [
    ["as SentencePiece writes it", map(), true],
    ["that points to its last string", map({ start: 2 }), true],
    ["that points to the last end", map({ start: 4 }), true],
    ["that points behind its strings", map({ start: 5 }), false],
    ["that points into a character", map({ start: 3 }), false],
    ["without a leaf", map({ root: 256 << 10, start: 99 }), true],
    ["with children in blocks of 256", map({ root: (1 << 10) | 0x200 | LEAF }), true],
    ["whose children end behind it", map({ count: 511 }), false],
    ["whose root is a number", map({ root: NUMBER }), false],
    ["whose strings have no end", map({ strings: Buffer.from("a") }), false],
    ["whose strings are no UTF-8", map({ strings: Buffer.from([0xff, 0]) }), false],
    ["without strings", map({ strings: Buffer.alloc(0) }), false],
    ["of no size", map({ size: 0 }), false],
    ["of half a node", map({ size: 2046 }), false],
    ["of a size behind its end", map({ size: 4096 }), false],
    ["of three bytes", "AAAA", false],
    ["of none", "", false],
  ] as const) {
    test(`${what} is ${expected ? "" : "not "}whole`, () =>
      assert.equal(isPrecompiledMap(base64), expected));
  }
});
