import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Batch,
  DataLoader,
  type DataLoaderOptions,
  fitTfidf,
  MultimodalDataset,
  type PairSource,
  PixtokError,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";

const image = fixture("images/jpeg-420.jpg");
const tokenizer = await smallTokenizer();

async function batchOf(
  dataset: MultimodalDataset,
  options: DataLoaderOptions = {},
  epoch = 0,
): Promise<Batch> {
  const loader = new DataLoader(dataset, { batchSize: dataset.length, ...options });
  loader.setEpoch(epoch);
  for await (const batch of loader) return batch;
  throw new Error("the loader has no batch");
}

async function textsOf(dataset: MultimodalDataset, seed = 0, epoch = 0): Promise<string[]> {
  const batch = await batchOf(dataset, { seed }, epoch);
  const texts = [...batch.texts];
  batch.release();
  return texts;
}

const backwards = { length: 2, indexAt: (position: number) => 1 - position };

describe("several texts of an image", () => {
  const letters = ["a", "b", "c", "d"];

  test("are its first one by default", async () => {
    const dataset = new MultimodalDataset({
      imagePaths: [image, image],
      texts: [letters, "x"],
      tokenizer,
    });
    assert.deepEqual(await textsOf(dataset), ["a", "x"]);
  });

  test("are one by seed, epoch and index, evenly, if wished", async () => {
    const dataset = new MultimodalDataset({
      imagePaths: Array.from({ length: 200 }, () => image),
      texts: Array.from({ length: 200 }, () => letters),
      onMultipleTexts: "random",
      tokenizer,
    });
    const first = await textsOf(dataset, 1, 0);
    assert.deepEqual(await textsOf(dataset, 1, 0), first);
    assert.notDeepEqual(await textsOf(dataset, 1, 1), first);
    assert.notDeepEqual(await textsOf(dataset, 2, 0), first);
    for (const letter of letters) {
      const share = first.filter((drawn) => drawn === letter).length;
      assert.ok(share > 25 && share < 75, `${letter}: ${share} of 200`);
    }
  });

  test("that are none, or no texts, are an error of their sample", async () => {
    for (const texts of [[], ["a", 1]]) {
      const dataset = new MultimodalDataset({
        imagePaths: [image],
        texts: [texts as string[]],
        tokenizer,
      });
      await assert.rejects(
        dataset.get(0),
        (error) => error instanceof PixtokError && error.code === "INVALID_TEXT",
      );
    }
  });
});

describe("a pair", () => {
  test("is called what its source calls it, or as its path, or by its index", async () => {
    const source: PairSource = {
      length: 2,
      get: (index) => ({ image, text: "x", ...(index === 0 && { key: "key" }) }),
    };
    const dataset = new MultimodalDataset({ source, tokenizer });
    const batch = await batchOf(dataset, { sampler: backwards });
    assert.deepEqual(batch.keys, [image, "key"]);
    const pixels = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 } as const;
    const other = new MultimodalDataset({
      imagePaths: [image, pixels],
      texts: ["", ""],
      tokenizer,
    });
    assert.deepEqual((await batchOf(other, { sampler: backwards })).keys, ["1", image]);
  });

  test("gives its texts without its image where the source can", async () => {
    let images = 0;
    const source: PairSource = {
      length: 1,
      get() {
        images += 1;
        return { image, text: "never" };
      },
      texts: () => "two words",
    };
    const dataset = new MultimodalDataset({ source, tokenizer });
    const { documentFrequencies, specialIds } = await fitTfidf(dataset);
    const { input_ids } = await tokenizer.encode("two words");
    const ids = [...input_ids.data].map(Number).filter((id) => !specialIds.includes(id));
    assert.ok(ids.length > 0);
    assert.deepEqual(
      [...documentFrequencies.keys()].filter((id) => documentFrequencies[id] === 1),
      ids.sort((a, b) => a - b),
    );
    assert.equal(images, 0);
  });
});
