// A tokenizer in a process of its own gives what it gives in this one.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Tokenizer } from "tokenizers";
import { encodeTexts, type TokenNumbers } from "../../src/text/encode-texts.js";
import { isolateTokenizer } from "../../src/text/isolated-tokenizer.js";
import { fixture } from "../support/fixtures.js";
import { wordLevel } from "../support/word-tokenizer.js";

const plain = (encodings: readonly TokenNumbers[]) =>
  encodings.map(({ length, ids, typeIds, sequenceIds, offsets }) => ({
    ...{ length, ids, typeIds, offsets },
    // of special tokens null here, undefined from the library
    sequenceIds: sequenceIds.map((id) => id ?? null),
  }));

test("texts and pairs are encoded, and ids decoded, many at a time", async () => {
  const json = readFileSync(fixture("wordpiece/tokenizer.json"), "utf8");
  const isolated = await isolateTokenizer(json);
  const here = Tokenizer.fromString(json);
  here.disablePadding();
  here.disableTruncation();
  const texts = ["a red circle", "", "two blue ones"];
  const pairs = ["b", "a circle", ""];
  const asked = [
    [undefined, true],
    [undefined, false],
    [pairs, true],
    [pairs, false],
  ] as const;
  const found = await Promise.all(
    asked.map(([of, special]) => isolated.encode(texts, of, special)),
  );
  for (const [i, [of, special]] of asked.entries()) {
    const expected = await encodeTexts(here, texts, of, special);
    assert.deepEqual(plain(found[i] as TokenNumbers[]), plain(expected));
  }
  const { ids } = (await encodeTexts(here, texts, undefined, true))[0] as TokenNumbers;
  for (const skip of [true, false]) {
    assert.equal(await isolated.decode(ids, skip), await here.decode(ids, skip));
  }
});

test("what the file asks for is not done, and what it fails at is said", async () => {
  const padding = {
    strategy: { Fixed: 9 },
    direction: "Right",
    pad_to_multiple_of: null,
    pad_id: 0,
    pad_type_id: 0,
    pad_token: "[PAD]",
  };
  const truncation = { direction: "Right", max_length: 3, strategy: "LongestFirst", stride: 0 };
  const { model } = wordLevel() as { model: { vocab: Record<string, number> } };
  const { "[UNK]": _, ...vocab } = model.vocab;
  const changes = { padding, truncation, model: { ...model, vocab } };
  const isolated = await isolateTokenizer(JSON.stringify(wordLevel(changes)));
  await assert.rejects(isolated.encode(["x"], undefined, true), /WordLevel|UNK/i);
  const [first] = await isolated.encode(["a b c"], undefined, true);
  assert.equal(first?.length, 5);
  await assert.rejects(isolateTokenizer("{}"), /model|missing|expected/i);
});

test("a text at which the process ends is refused, and the next ones are encoded by another", async () => {
  const { post_processor } = wordLevel() as { post_processor: object };
  const undescribed = { ...post_processor, special_tokens: {} };
  const isolated = await isolateTokenizer(
    JSON.stringify(wordLevel({ post_processor: undescribed })),
  );
  await assert.rejects(isolated.encode(["a"], undefined, true), /library ended the process/);
  const [next] = await isolated.encode(["a b"], undefined, false);
  assert.equal(next?.length, 2);
});
