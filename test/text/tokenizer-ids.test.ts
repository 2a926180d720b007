// Ids are those of the Python tokenizers library. Expected values: test/goldens/make_goldens.py and
// the shared goldens.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Tokenizer } from "pixtok";
import { coreOfTokenizer } from "../../src/text/tokenizer.js";
import { fixture, readJsonLines, shared, withoutShared } from "../support/fixtures.js";
import { folderWith, rows, wordTokenizer } from "../support/word-tokenizer.js";

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

  test("special ones are known in their order, the padding token among them, and the largest one", async () => {
    const added = (id: number, content: string) => ({
      ...{ id, content, special: true, single_word: false, lstrip: false, rstrip: false },
      normalized: false,
    });
    const added_tokens = [added(2, "[CLS]"), added(3, "[SEP]"), added(8, "[MASK]")];
    const core = coreOfTokenizer(await wordTokenizer(undefined, { added_tokens }));
    assert.deepEqual(core.specialTokenIds(), [0, 2, 3, 8]);
    assert.equal(core.idLimit(), 9);
  });

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
