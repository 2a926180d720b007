import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Batch,
  DataLoader,
  type DataLoaderOptions,
  ImageProcessor,
  MultimodalDataset,
  showBatch,
  stream,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { documentOf, pixelsOf, textsOf } from "../support/html.js";
import { smallTokenizer } from "../support/pairs.js";

const names = ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp", "none.jpg"];
const imagePaths = names.map((name) => fixture(`images/${name}`));
const texts = ["a b", "c d e", "f", "g"];
const tokenizer = await smallTokenizer();
const image = new ImageProcessor({ resize: { width: 24, height: 20 } });

async function firstBatch(
  dataset: MultimodalDataset,
  options: DataLoaderOptions = {},
): Promise<Batch> {
  for await (const batch of new DataLoader(dataset, {
    batchSize: 4,
    onError: "skip",
    ...options,
  })) {
    return batch;
  }
  throw new Error("no batch");
}

const pairs = (augmentation?: object) =>
  new MultimodalDataset({
    imagePaths,
    texts,
    tokenizer,
    image,
    ...(augmentation && { augmentation }),
  });

describe("showBatch", () => {
  test("shows each row, and what was dropped", async () => {
    const batch = await firstBatch(pairs(), { shuffle: true, seed: 2 });
    const page = documentOf(await showBatch(batch));
    assert.deepEqual(
      textsOf(page, ".caption"),
      batch.indices.map((index) => texts[index]),
    );
    assert.equal(page.querySelectorAll('[alt="the original"]').length, 3);
    assert.match(textsOf(page, ".fault")[0] ?? "", /^FILE_NOT_FOUND/);
    assert.equal(page.querySelector("h1")?.textContent, "arrays, 4 pairs");
    assert.deepEqual(textsOf(page, ".lead"), ["A batch of 3 pairs."]);
    assert.deepEqual(textsOf(page, ".jump a"), ["Pairs", "Errors (1)"]);
  });

  test("shows what was drawn", async () => {
    const plain = await firstBatch(pairs());
    const drawn = await firstBatch(pairs({ horizontalFlip: 1 }));
    const bytesOf = async (batch: Batch) => {
      const page = documentOf(await showBatch(batch));
      return (await pixelsOf(page.querySelector('[alt="what the model gets"]'))).data;
    };
    const [upright, flipped] = [await bytesOf(plain), await bytesOf(drawn)];
    assert.deepEqual(textsOf(documentOf(await showBatch(drawn)), ".lead"), [
      "A batch of 3 pairs, with what was drawn by seed 0 in epoch 0.",
    ]);
    const pixel = (bytes: Buffer, x: number, y: number) => [
      ...bytes.subarray(3 * (24 * y + x), 3 * (24 * y + x) + 3),
    ];
    for (const [x, y] of [
      [0, 0],
      [5, 7],
      [23, 19],
    ] as const) {
      assert.deepEqual(pixel(flipped, 23 - x, y), pixel(upright, x, y));
    }
  });

  test("says which bad pair a row stands in for", async () => {
    const page = documentOf(await showBatch(await firstBatch(pairs(), { onError: "replace" })));
    assert.deepEqual(textsOf(page, ".badge"), ["in place of #3"]);
  });

  test("shows rows of a stream without their originals", async () => {
    const given = texts.slice(0, 2).map((text, i) => ({ image: imagePaths[i] as string, text }));
    const dataset = (await MultimodalDataset.from(stream(given), {
      tokenizer,
      image,
    })) as MultimodalDataset;
    const page = documentOf(await showBatch(await firstBatch(dataset)));
    assert.deepEqual(textsOf(page, ".caption"), texts.slice(0, 2));
    assert.equal(page.querySelectorAll("img").length, 2);
  });

  test("says of an original that it is not there any more", async () => {
    const paths = [...imagePaths];
    const source = {
      length: 1,
      get: () => ({ image: paths[0] as string, text: "a" }),
    };
    const dataset = new MultimodalDataset({ source, tokenizer, image });
    const batch = await firstBatch(dataset);
    paths[0] = "gone.jpg";
    const page = documentOf(await showBatch(batch));
    assert.match(textsOf(page, ".frame p")[0] ?? "", /"gone\.jpg": no such file/);
    assert.equal(page.querySelectorAll('[alt="what the model gets"]').length, 1);
  });

  test("takes a batch of another thread with its dataset", async () => {
    const dataset = pairs();
    const { message, transferList } = (await firstBatch(dataset)).transfer();
    const received = structuredClone(message, { transfer: transferList });
    const page = documentOf(await showBatch(received, { dataset, title: "received" }));
    assert.deepEqual(textsOf(page, ".caption"), texts.slice(0, 3));
    assert.equal(page.querySelector("h1")?.textContent, "received");
    await assert.rejects(showBatch(received), /dataset: expected that of the batch/);
  });

  test("refuses what is no batch, and one that was released", async () => {
    const batch = await firstBatch(pairs());
    batch.release();
    await assert.rejects(showBatch(batch), /got one that was released before/);
    await assert.rejects(showBatch({} as Batch), /batch: expected a batch/);
  });
});
