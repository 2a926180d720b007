import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  type FitTfidfOptions,
  fitTfidf,
  loadTfidf,
  MultimodalDataset,
  saveTfidf,
  type TextOptions,
  type Tfidf,
  type TfidfNorm,
  Tokenizer,
  type TokenTensor,
  tokenWeights,
} from "pixtok";
import { fixture, readJsonLines } from "../support/fixtures.js";
import { numberedDataset, numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";

interface Golden {
  tokenizer: string;
  max_length: number;
  norm: TfidfNorm;
  fitted: string[];
  held_out: string[];
  idf: [number, number][];
  weights: [number, number][][];
}

const goldens = readJsonLines<Golden>(fixture("goldens/tfidf.jsonl"));
const folder = mkdtempSync(join(tmpdir(), "pixtok-tfidf-"));
after(() => rmSync(folder, { recursive: true }));

/** Images that cannot be opened: whoever wants texts only must not try. */
function textsOnly(tokenizer: Tokenizer, texts: string[], text: TextOptions): MultimodalDataset {
  const imagePaths = texts.map((_, index) => `nowhere/${index}.jpg`);
  return new MultimodalDataset({ imagePaths, texts, tokenizer, text });
}

async function datasetOf({ tokenizer, max_length }: Golden, texts: string[]) {
  const loaded = await Tokenizer.fromPretrained(fixture(tokenizer));
  return textsOnly(loaded, texts, { clean: "none", maxLength: max_length });
}

/** Token tensors of texts, as a batch would have them. */
async function encoded(
  { tokenizer, max_length }: Golden,
  texts: string[],
  type: "int64" | "int32",
) {
  const loaded = await Tokenizer.fromPretrained(fixture(tokenizer));
  return loaded.encode(texts, { padding: "max_length", truncation: true, max_length, type });
}

async function smallTfidf(options: FitTfidfOptions = {}): Promise<Tfidf> {
  return fitTfidf(await numberedDataset(30), options);
}

const relativeDifference = (a: number, b: number) => Math.abs(a - b) / Math.abs(b);

describe("fitTfidf", () => {
  for (const golden of goldens.filter(({ norm }) => norm === "l2")) {
    test(`has scikit-learn's idf of every token, with the ${golden.tokenizer} tokenizer`, async () => {
      const { documents, idf } = await fitTfidf(await datasetOf(golden, golden.fitted));
      assert.equal(documents, golden.fitted.length);
      for (const [id, expected] of golden.idf) {
        assert.ok(relativeDifference(idf[id] as number, expected) < 1e-12, `token ${id}`);
      }
    });
  }

  test("counts texts as text.clean makes them, of a source that gives texts alone as well", async () => {
    const tokenizer = await smallTokenizer();
    const source = { ...numberedPairs(1), texts: () => "a cat" };
    const text: TextOptions = { clean: (given) => given.replace("cat", "dog") };
    const { documentFrequencies } = await fitTfidf(
      new MultimodalDataset({ source, tokenizer, image: tinyImage, text }),
    );
    const timesOf = (word: string) => documentFrequencies[tokenizer.tokenToId(word) as number];
    assert.deepEqual(["a", "cat", "dog"].map(timesOf), [1, 0, 1]);
  });

  test("counts texts, not tokens, and no special ones", async () => {
    const tokenizer = await smallTokenizer();
    const texts = ["a a a dog", "a cat", "[SEP]", ""];
    const dataset = textsOnly(tokenizer, texts, { clean: "none" });
    const { documentFrequencies, documents } = await fitTfidf(dataset);
    assert.equal(documents, 4);
    const counted = [...documentFrequencies.entries()].filter(([, frequency]) => frequency > 0);
    const expected = [
      ["a", 2],
      ["dog", 1],
      ["cat", 1],
    ].map(([token, frequency]) => [tokenizer.tokenToId(token as string), frequency]);
    assert.deepEqual(
      new Map(counted as [number, number][]),
      new Map(expected as [number, number][]),
    );
  });

  test("counts what is left of a text when it is cleaned and cut", async () => {
    const tokenizer = await smallTokenizer();
    const dataset = textsOnly(tokenizer, ["A dog! cat"], { maxLength: 4 });
    const { documentFrequencies } = await fitTfidf(dataset);
    const frequencyOf = (token: string) =>
      documentFrequencies[tokenizer.tokenToId(token) as number];
    assert.deepEqual(["a", "dog", "!", "cat"].map(frequencyOf), [1, 1, 0, 0]);
  });

  test("tells how far it is", async () => {
    const seen: [number, number][] = [];
    const dataset = await numberedDataset(600);
    await fitTfidf(dataset, { onProgress: (done, total) => seen.push([done, total]) });
    assert.deepEqual(seen.at(-1), [600, 600]);
    assert.ok(seen.length > 1);
    assert.deepEqual(
      seen,
      seen.toSorted(([a], [b]) => a - b),
    );
  });

  test("ends at its signal", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const fitting = fitTfidf(await numberedDataset(5000), {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await assert.rejects(fitting, reason);
  });

  test("passes on what is wrong with a pair", async () => {
    const texts = ["a", 7 as unknown as string];
    const dataset = textsOnly(await smallTokenizer(), texts, {});
    await assert.rejects(fitTfidf(dataset), { code: "INVALID_TEXT", index: 1 });
  });

  const refused: [unknown, name: string, RegExp][] = [
    [{ norm: "l1" }, "RangeError", /norm: expected "l2" or null, got "l1"/],
    [{ norm: false }, "TypeError", /norm: expected "l2" or null, got false/],
    [{ onProgress: 1 }, "TypeError", /onProgress: expected a function of two numbers, got 1/],
    [{ signal: 1 }, "TypeError", /signal: expected an AbortSignal, got 1/],
    [
      { smooth: true },
      "TypeError",
      /fitTfidf: unknown option "smooth"; expected one of norm, onProgress, signal/,
    ],
  ];
  for (const [options, name, message] of refused) {
    test(`${JSON.stringify(options)} is refused`, async () => {
      const dataset = await numberedDataset(1);
      await assert.rejects(fitTfidf(dataset, options as FitTfidfOptions), { name, message });
    });
  }
});

describe("tokenWeights", () => {
  for (const golden of goldens) {
    for (const type of ["int64", "int32"] as const) {
      const { tokenizer, norm, max_length, fitted, held_out } = golden;
      test(`equal scikit-learn's as float32: ${tokenizer}, ${norm}, ${type}`, async () => {
        const tfidf = await fitTfidf(await datasetOf(golden, fitted), { norm });
        const texts = [...fitted, ...held_out];
        const tokens = await encoded(golden, texts, type);
        const weights = tokenWeights(tfidf, tokens);
        assert.equal(weights.type, "float32");
        assert.deepEqual(weights.dims, [texts.length, max_length]);
        const expected = new Float32Array(texts.length * max_length);
        for (const [position, id] of tokens.input_ids.data.entries()) {
          if (Number(tokens.attention_mask.data[position]) === 0) continue;
          const row = golden.weights[Math.floor(position / max_length)] as [number, number][];
          expected[position] = row.find(([known]) => known === Number(id))?.[1] ?? 0;
        }
        assert.deepEqual(weights.data, expected);
      });
    }
  }

  test("are 0 for special tokens and padding", async () => {
    const tokenizer = await smallTokenizer();
    const texts = ["a [MASK] dog \u{1f534}"];
    const dataset = textsOnly(tokenizer, texts, { clean: "none" });
    const tfidf = await fitTfidf(dataset, { norm: null });
    const tokens = await tokenizer.encode(texts, { padding: "max_length", max_length: 8 });
    const { data } = tokenWeights(tfidf, tokens);
    assert.deepEqual([...data], [0, 1, 0, 1, 0, 0, 0, 0], "[CLS] a [MASK] dog [UNK] [SEP] …");
  });

  test("take a batch, and an item", async () => {
    const tfidf = await smallTfidf();
    const dataset = await numberedDataset(30, { image: tinyImage });
    const item = await dataset.get(3);
    const weights = tokenWeights(tfidf, item);
    assert.deepEqual(weights.dims, [12]);
    assert.deepEqual([...weights.data], [0, 1, ...new Array(10).fill(0)]);
  });

  test("are refused for another tokenizer's ids", async () => {
    const tfidf = await smallTfidf();
    const input_ids: TokenTensor = { type: "int32", data: Int32Array.of(90_000), dims: [1, 1] };
    const attention_mask: TokenTensor = { type: "int32", data: Int32Array.of(1), dims: [1, 1] };
    assert.throws(() => tokenWeights(tfidf, { input_ids, attention_mask }), {
      name: "RangeError",
      message: /input_ids: expected ids below \d+, as those that were fitted, got 90000/,
    });
  });

  const row = (...data: number[]): TokenTensor => {
    return { type: "int32", data: Int32Array.from(data), dims: [1, data.length] };
  };

  test("are 0 where the mask is, whatever stands there", async () => {
    const tokenizer = await smallTokenizer();
    const tfidf = await fitTfidf(textsOnly(tokenizer, ["a dog"], {}), { norm: null });
    const { data } = await tokenizer.encode("a dog").then(({ input_ids }) => input_ids);
    const tokens = { input_ids: row(...Array.from(data, Number)), attention_mask: row(1, 1, 0, 1) };
    assert.deepEqual([...tokenWeights(tfidf, tokens).data], [0, 1, 0, 0]);
  });

  test("are refused for a mask of another shape", async () => {
    const tfidf = await smallTfidf();
    for (const [mask, dims] of [
      [row(1), "1, 1"],
      [row(1, 1, 1), "1, 3"],
    ] as const) {
      const tokens = { input_ids: row(5, 6), attention_mask: mask };
      assert.throws(() => tokenWeights(tfidf, tokens), {
        name: "RangeError",
        message: `attention_mask: expected the shape [1,2] of input_ids, got [${dims}]`,
      });
    }
  });
});

describe("saveTfidf and loadTfidf", () => {
  const path = join(folder, "tfidf.json");

  for (const norm of ["l2", null] as const) {
    test(`give back what was fitted, with norm ${norm}`, async () => {
      const tfidf = await smallTfidf({ norm });
      await saveTfidf(tfidf, path);
      assert.deepEqual(await loadTfidf(path), tfidf);
    });
  }

  test("say which file is missing, or cannot be written", async () => {
    const nowhere = join(folder, "nowhere", "tfidf.json");
    await assert.rejects(loadTfidf(nowhere), { code: "FILE_NOT_FOUND", source: nowhere });
    const file = join(folder, "file");
    writeFileSync(file, "");
    const belowFile = join(file, "tfidf.json");
    await assert.rejects(saveTfidf(await smallTfidf(), belowFile), {
      code: "FILE_UNWRITABLE",
      source: belowFile,
    });
  });

  test("replace a file in one step, in a folder that is made", async () => {
    const [target, before] = ["tfidf.json", "before.json"].map((name) =>
      join(folder, "new", name),
    ) as [string, string];
    await saveTfidf(await smallTfidf({ norm: null }), target);
    linkSync(target, before); // whoever has the old file open goes on reading it
    await saveTfidf(await smallTfidf(), target);
    assert.equal((await loadTfidf(before)).norm, null);
    assert.equal((await loadTfidf(target)).norm, "l2");
  });

  test("read no folder, no pipe and no file that is far too large", async () => {
    await assert.rejects(loadTfidf(folder), { code: "NOT_A_FILE", source: folder });
    const large = join(folder, "large.json");
    writeFileSync(large, "");
    truncateSync(large, 2 ** 28 + 1);
    await assert.rejects(loadTfidf(large), { code: "FILE_TOO_LARGE", source: large });
    if (platform() === "win32") return;
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    await assert.rejects(loadTfidf(pipe), { code: "NOT_A_FILE", source: pipe });
  });

  const changed: [string, Record<string, unknown>, RegExp][] = [
    ["another format", { format: "idf" }, /expected a file that saveTfidf\(\) wrote/],
    ["no texts", { documents: 0 }, /documents: expected an integer from 1/],
    ["a huge vocabulary", { vocabulary: 1e12 }, /vocabulary: expected an integer from 1 to/],
    ["a norm that is none", { norm: "max" }, /norm: expected "l2" or null/],
    ["an id beyond the vocabulary", { specialIds: [90_000] }, /specialIds: expected an integer/],
    [
      "the first id that a vocabulary does not have",
      { vocabulary: 5, specialIds: [5], documentFrequencies: {} },
      /specialIds: expected an integer from 0 to 4/,
    ],
    [
      "a negative id",
      { documentFrequencies: { "-1": 1 } },
      /documentFrequencies: expected an inte/,
    ],
    [
      "more texts with a token than texts",
      { documentFrequencies: { "5": 31 } },
      /documentFrequencies\[5\]: expected an integer from 1 to 30/,
    ],
  ];
  for (const [name, change, message] of changed) {
    test(`refuse a file with ${name}`, async () => {
      await saveTfidf(await smallTfidf(), path);
      const content = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
      writeFileSync(path, JSON.stringify({ ...content, ...change }));
      await assert.rejects(loadTfidf(path), { code: "INVALID_TFIDF", source: path, message });
    });
  }

  test("refuse what is no JSON", async () => {
    writeFileSync(path, "{");
    await assert.rejects(loadTfidf(path), { code: "INVALID_TFIDF", source: path });
  });
});
