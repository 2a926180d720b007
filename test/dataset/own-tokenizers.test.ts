// Tokenizers that are no `Tokenizer`: of other libraries, which `npm ci --prefix test/consumer` installs, and the user's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import {
  checkDataset,
  computeStats,
  DataLoader,
  fitTfidf,
  ImageProcessor,
  MultimodalDataset,
  type OwnTokenizer,
  packDataset,
  Tokenizer,
  verifyPack,
} from "pixtok";
import { pipelineOf } from "../../src/dataset/dataset.js";
import { fixture } from "../support/fixtures.js";
import { assertSameEpoch, epochOf } from "../support/packs.js";
import { codeOf, newFolder } from "../support/packs-of-images.js";
import { tinyImage as image, numberedPairs, smallTokenizer } from "../support/pairs.js";

const consumer = createRequire(new URL("../consumer/package.json", import.meta.url));
const installed = (() => {
  try {
    consumer.resolve("@huggingface/transformers");
    return true;
  } catch {
    return false;
  }
})();
const skip = !installed && "transformers.js is not installed: npm ci --prefix test/consumer";

const texts = ["a red image of the dog", "two", "", "Many, many words, and numbers: 12!", "a b c"];
const source = {
  length: texts.length,
  get: (index: number) => ({ ...numberedPairs(5).get(index), text: texts[index] as string }),
};

/** Letters of a text by their codes, between 1 and 2. */
const letters: OwnTokenizer = {
  encode: (text, { add_special_tokens: special = true } = {}) => {
    const ids = [...text].map((letter) => letter.codePointAt(0) as number);
    return special ? [1, ...ids, 2] : ids;
  },
  pad_token_id: 9,
};
const dataset = (tokenizer: OwnTokenizer, text = {}) =>
  new MultimodalDataset({
    source,
    image,
    tokenizer,
    text: { clean: "none", maxLength: 6, type: "int32", ...text },
  });
const rowOf = async (tokenizer: OwnTokenizer, index: number, text = {}) => {
  const { input_ids, attention_mask } = await dataset(tokenizer, text).get(index);
  return [[...input_ids.data], [...attention_mask.data]];
};

describe("a tokenizer of another library gives the ids of a Tokenizer:", { skip }, () => {
  const read = (name: string) => JSON.parse(readFileSync(fixture(`wordpiece/${name}`), "utf8"));
  const definition = () => read("tokenizer.json");
  const config = { pad_token: "[PAD]", unk_token: "[UNK]", tokenizer_class: "BertTokenizer" };
  const libraries: [string, () => OwnTokenizer][] = [
    [
      "transformers.js",
      () => {
        const { PreTrainedTokenizer } = consumer("@huggingface/transformers");
        return new PreTrainedTokenizer(definition(), config);
      },
    ],
    [
      "@huggingface/tokenizers",
      () => {
        const { Tokenizer: JsTokenizer } = consumer("@huggingface/tokenizers");
        return new JsTokenizer(definition(), config);
      },
    ],
  ];
  for (const [library, made] of libraries) {
    for (const text of [{ maxLength: 5 }, { maxLength: 12, padding: "longest" }] as const) {
      test(`${library}, ${JSON.stringify(text)}`, async () => {
        const tokenizer = await Tokenizer.fromPretrained(fixture("wordpiece"));
        await assertSameEpoch(
          new MultimodalDataset({ source, image, tokenizer: made(), text }),
          new MultimodalDataset({ source, image, tokenizer, text }),
        );
      });
    }
  }
});

describe("a tokenizer of one's own", () => {
  test("is an object with encode, whose ids are padded, with its own id, and cut", async () => {
    assert.deepEqual(await rowOf(letters, 1), [
      [1, 116, 119, 111, 2, 9],
      [1, 1, 1, 1, 1, 0],
    ]);
    assert.deepEqual((await rowOf(letters, 4))[0], [1, 97, 32, 98, 32, 2]);
    assert.equal(dataset(letters).tokenizer, letters);
  });

  test("is cut and padded at the ends that it names, or the dataset", async () => {
    const left = { ...letters, padding_side: "left", truncation_side: "left" };
    assert.deepEqual((await rowOf(left, 1))[0], [9, 1, 116, 119, 111, 2]);
    assert.deepEqual((await rowOf(left, 4))[0], [1, 32, 98, 32, 99, 2]);
    const asked = { padTokenId: 7, paddingSide: "right" };
    assert.deepEqual((await rowOf(left, 1, asked))[0], [1, 116, 119, 111, 2, 7]);
  });

  test("may give a promise, an object with ids, or a typed array", async () => {
    const [expected] = await rowOf(letters, 1);
    const encode = letters.encode as (text: string, options?: object) => number[];
    const others: OwnTokenizer["encode"][] = [
      async (text, options) => encode(text, options),
      (text, options) => ({ ids: encode(text, options) }),
      (text, options) => Uint16Array.from(encode(text, options)),
    ];
    for (const one of others) {
      assert.deepEqual((await rowOf({ ...letters, encode: one }, 1))[0], expected);
    }
  });

  test("that knows no special tokens is cut at its end", async () => {
    const plain = { ...letters, encode: (text: string) => [...text].map((_, i) => i) };
    assert.deepEqual((await rowOf(plain, 0))[0], [0, 1, 2, 3, 4, 5]);
  });

  test("that fails at a text fails at that row", async () => {
    for (const fails of [
      () => {
        throw new Error("no such word");
      },
      () => ["two"] as unknown as number[],
      () => [-1],
      () => ({ ids: undefined as unknown as number[] }),
    ]) {
      const encode: OwnTokenizer["encode"] = (text, options) =>
        text === "two" ? fails() : letters.encode(text, options);
      const bad = dataset({ ...letters, encode });
      await assert.rejects(
        bad.get(1),
        codeOf("SAMPLE_FAILED", /no such word|encode: expected a function returning ids of tokens/),
      );
      for await (const { indices, dropped } of new DataLoader(bad, {
        batchSize: 5,
        onError: "skip",
      })) {
        assert.deepEqual(indices, [0, 2, 3, 4]);
        assert.deepEqual([dropped[0]?.index, dropped[0]?.code], [1, "SAMPLE_FAILED"]);
      }
    }
  });

  test("has to say what rows are padded with", async () => {
    const { encode } = letters;
    assert.throws(() => dataset({ encode }), /^TypeError: text.padTokenId: expected an id, as the/);
    assert.throws(
      () => dataset({ encode: "no function" } as never),
      /^TypeError: tokenizer: expected a Tokenizer, or an object with encode/,
    );
    assert.deepEqual((await rowOf({ encode }, 1, { padTokenId: 0 }))[0]?.at(-1), 0);
    for (const id of [-1, 1.5, Number.NaN, 2 ** 31, "9"]) {
      assert.throws(
        () => dataset({ encode, pad_token_id: id as number }),
        /tokenizer\.pad_token_id: expected an integer from 0 to 2147483647, got/,
      );
    }
  });

  test("groups texts of similar length, is checked and counted", async () => {
    const own = dataset(letters, { padding: "longest", maxLength: 60 });
    const lengths: number[] = [];
    const loader = new DataLoader(own, { batchSize: 1, lengthBuckets: { window: 5, size: 1 } });
    for await (const { input_ids } of loader) lengths.push(input_ids.dims[1] as number);
    const expected = texts.map((text) => text.length + 2);
    assert.deepEqual(lengths.toSorted(), expected.toSorted());
    const { texts: summary } = await checkDataset(own);
    assert.deepEqual([summary?.longest, summary?.truncated, summary?.unknown], [36, 0, 0]);
    const { tokenLengthHistogram } = await computeStats(own);
    for (const length of expected) assert.equal(tokenLengthHistogram[length], 1);
    await assert.rejects(fitTfidf(own as never), /dataset: expected one with a Tokenizer/);
  });
});

test("rows of a Tokenizer are padded with the id and at the end that the dataset names", async () => {
  const tokenizer = await smallTokenizer();
  const ids = async (text: object) => {
    const common = { imagePaths: ["a.png"], texts: ["a"], tokenizer, image };
    const { text: rows } = pipelineOf(new MultimodalDataset({ ...common, text }));
    const row = { tokenIds: [1, 2], pair: {} };
    const padded = rows?.pad([row], (bytes) => new Uint8Array(bytes));
    return Array.from(padded?.tensors.input_ids?.data as BigInt64Array, Number);
  };
  const own = tokenizer.padTokenId as number;
  assert.deepEqual(await ids({ maxLength: 4 }), [1, 2, own, own]);
  assert.deepEqual(await ids({ maxLength: 4, padTokenId: 77 }), [1, 2, 77, 77]);
  assert.deepEqual(await ids({ maxLength: 4, paddingSide: "left" }), [own, own, 1, 2]);
});

describe("a packed set of a tokenizer of one's own", () => {
  const small = new ImageProcessor({ resize: { width: 2, height: 2 } });
  const several = texts.map((text, i) => (i % 2 === 0 ? [text, `${text}?`] : text));
  const original = new MultimodalDataset({
    source: { length: 5, get: (index) => ({ ...source.get(index), text: several[index] ?? "" }) },
    image: small,
    tokenizer: { ...letters, padding_side: "left" },
    text: { clean: (text: string) => text.trim(), maxLength: 6 },
    onMultipleTexts: "random",
  });
  const folder = (async () => {
    const path = newFolder();
    await packDataset(original, path);
    return path;
  })();

  test("gives the same without it", async () => {
    const reopened = await MultimodalDataset.from(await folder);
    await assertSameEpoch(reopened, original, { shuffle: true, seed: 4 });
    assert.ok((await verifyPack(await folder)).ok);
  });

  test("pads as a tokenizer says that is given", async () => {
    const tokenizer = { ...letters, pad_token_id: 5 };
    const given = await MultimodalDataset.from(await folder, { tokenizer });
    const [batch] = (await epochOf(given)) as { texts: string[] }[];
    assert.equal(batch?.texts.length, 5);
    assert.equal(Number((await given.get(2)).input_ids.data.at(-1)), 5);
  });

  test("is no set of a Tokenizer, whose ids can be compared", async () => {
    const tokenizer = await Tokenizer.fromPretrained(fixture("wordpiece"));
    await assert.rejects(
      MultimodalDataset.from(await folder, { tokenizer }),
      codeOf("PACK_MISMATCH", /tokenizer is null in the pack/),
    );
  });
});
