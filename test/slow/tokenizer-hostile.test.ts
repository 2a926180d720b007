// Tokenizer files that the Rust library answers with the end of the process. Each is loaded, and texts are
// encoded, in a process of its own, which must live.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Tokenizer } from "pixtok";
import { inChild } from "../support/child.js";
import { fixture } from "../support/fixtures.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-tokenizer-hostile-"));
after(() => rmSync(root, { recursive: true }));
const path = join(root, "tokenizer.json");

type Json = Record<string, unknown>;
const whole = () => JSON.parse(readFileSync(fixture("bpe/tokenizer.json"), "utf8")) as Json;
const split = (pattern: Json) => ({ type: "Split", pattern, behavior: "Isolated", invert: false });

/** What loading a file and encoding texts gives: the last text's ids, or an error. */
async function encoded(changes: Json | string, ...texts: string[]) {
  const json = typeof changes === "string" ? changes : JSON.stringify({ ...whole(), ...changes });
  writeFileSync(path, json);
  const result = await inChild(
    `
    const { Tokenizer } = await import("pixtok");
    const tokenizer = await Tokenizer.fromPretrained(${JSON.stringify(path)});
    const results = [];
    for (const text of ${JSON.stringify(texts)}) {
      results.push(
        await tokenizer.encode(text).then(
          ({ input_ids }) => Array.from(input_ids.data, Number),
          ({ code, message }) => ({ code, message }),
        ),
      );
    }
    return results.at(-1);
  `,
    { seconds: 90 },
  );
  assert.equal(result.ended, 0, result.errors);
  assert.ok(result.peakMiB < 600, `${result.peakMiB} MiB`);
  return result.value as { code: string; message: string };
}

async function refuses(changes: Json | string, message: RegExp, ...texts: string[]) {
  const error = await encoded(changes, ...texts);
  assert.equal(error.code, "INVALID_TOKENIZER", JSON.stringify(error).slice(0, 300));
  assert.match(error.message, message);
  assert.ok(error.message.startsWith(JSON.stringify(path)), error.message);
}

const ended = /cannot encode: the tokenizers library ended the process that it was tried in/;

describe("a regular expression", () => {
  const exploding = { pre_tokenizer: split({ Regex: "(x+x+)+y" }) };
  test("that explodes at a text is an error of that text", async () => {
    await refuses(exploding, ended, `${"x".repeat(100)}!`);
  });
  test("that explodes encodes the other texts as the library does", async () => {
    const plain = await encoded({ pre_tokenizer: split({ Regex: "xy" }) }, "a red circle");
    assert.deepEqual(await encoded(exploding, `${"x".repeat(100)}!`, "a red circle"), plain);
  });
  test("that takes a power of the text's length is an error of that text", async () => {
    const pattern = split({ Regex: "a*a*a*a*a*[^a!]" });
    await refuses({ pre_tokenizer: pattern }, ended, `${"a".repeat(500)}!`);
  });
  test("that cannot be parsed is an error of loading", async () => {
    await refuses({ pre_tokenizer: split({ Regex: "(a" }) }, /cannot be loaded: Oniguruma error/);
  });
  test("that is nested a hundred thousand times is an error of loading", async () => {
    const Regex = `${"(".repeat(100_000)}a${")".repeat(100_000)}`;
    await refuses({ pre_tokenizer: split({ Regex }) }, /cannot be loaded/);
  });
});

describe("a part that the library does not check", () => {
  test("an empty pattern is an error of encoding", async () => {
    const normalizer = { type: "Replace", pattern: { String: "" }, content: "a" };
    await refuses({ normalizer }, ended, "a red circle");
  });
  test("a template with a token that is not described is refused", async () => {
    const token = { SpecialToken: { id: "[SEP]", type_id: 0 } };
    const sequence = { Sequence: { id: "A", type_id: 0 } };
    const template = { type: "TemplateProcessing", special_tokens: {} };
    const sides = [
      { single: [sequence, token], pair: [sequence] },
      { single: [sequence], pair: [sequence, token] },
    ];
    for (const side of sides) {
      const post_processor = { ...template, ...side };
      await refuses({ post_processor }, /token "\[SEP\]", which is not described/, "a red circle");
      const nested = { type: "Sequence", processors: [post_processor] };
      await refuses({ post_processor: nested }, /which is not described/, "a red circle");
    }
  });
  test("a prefix longer than the second part of a merge is an error of loading", async () => {
    const model = { ...(whole().model as Json), continuing_subword_prefix: "longer" };
    await refuses({ model }, /cannot be loaded: the tokenizers library ended the process/);
  });
  test("a length of none is an error of encoding", async () => {
    await refuses({ pre_tokenizer: { type: "FixedLength", length: 0 } }, ended, "a red circle");
  });
  test("a map of characters that is no map is an error of loading", async () => {
    const normalizer = { type: "Precompiled", precompiled_charsmap: "////" };
    await refuses({ normalizer }, /cannot be loaded: the tokenizers library ended the process/);
  });
  test("a map of characters that leads out of itself is an error of encoding", async () => {
    const bytes = Buffer.alloc(1000);
    bytes.writeUInt32LE(400, 0);
    bytes.fill(255, 4, 404);
    const normalizer = { type: "Precompiled", precompiled_charsmap: bytes.toString("base64") };
    await refuses({ normalizer }, ended, "a red circle");
  });
});

describe("memory and time", () => {
  test("normalizers that make a text grow without bound are refused", async () => {
    const double = { type: "Replace", pattern: { String: "a" }, content: "aa" };
    const normalizer = { type: "Sequence", normalizers: Array(60).fill(double) };
    await refuses({ normalizer }, /may make a text more than a thousand times longer/);
  });
  test("a template that repeats a text without bound is refused", async () => {
    const sequence = { Sequence: { id: "A", type_id: 0 } };
    const post_processor = {
      type: "TemplateProcessing",
      single: Array(100_000).fill(sequence),
      pair: [],
      special_tokens: {},
    };
    await refuses({ post_processor }, /its template has 100000 parts/);
  });
  for (const id of [2 ** 32 - 1, -1, 0.5]) {
    test(`an id of ${id} is refused`, async () => {
      const { model, added_tokens } = whole() as { model: Json; added_tokens: Json[] };
      const vocab = { ...(model.vocab as Json), zzz: id };
      await refuses({ model: { ...model, vocab } }, /expected ids of tokens from 0 to 16777215/);
      const added = [...added_tokens, { ...added_tokens[0], content: "<zz>", id }];
      await refuses({ added_tokens: added }, /expected ids of tokens from 0 to 16777215/);
    });
  }
  for (const [depth, message] of [
    [20, /more than 64 normalizers or pre-tokenizers, or deeper/],
    [100_000, /nested more than 100 deep/],
  ] as const) {
    test(`parts within parts, ${depth} deep, are refused`, async () => {
      const text = JSON.stringify({ ...whole(), normalizer: "@" });
      const deep = `${'{"type":"Sequence","normalizers":['.repeat(depth)}{"type":"NFC"}${"]}".repeat(depth)}`;
      await refuses(text.replace('"@"', deep), message);
    });
  }
  test("a file of gigabytes is refused before it is read", async () => {
    writeFileSync(path, "{}");
    truncateSync(path, 3 * 2 ** 30);
    await assert.rejects(Tokenizer.fromPretrained(path), {
      code: "INVALID_TOKENIZER",
      message: /3221225472 bytes/,
    });
  });
});
