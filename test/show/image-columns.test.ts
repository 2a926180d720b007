// Columns of images on pages: beside the picture that they belong to, as the model gets them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  DataLoader,
  ImageProcessor,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  type Pair,
  type PairSource,
  type RawPixels,
  showBatch,
  showDataset,
} from "pixtok";
import { documentOf, type PageElement, pixelsOf, textsOf } from "../support/html.js";

/** An image whose left half has one value, its right half another. */
function halves(left: number, right: number, width = 16, height = 8): RawPixels {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) =>
    Math.floor(i / 3) % width < width / 2 ? left : right,
  );
  return { data, width, height, channels: 3 };
}

const source: PairSource = {
  length: 2,
  get: (index): Pair => ({
    image: halves(10 + index, 200),
    text: "",
    columns: { mask: halves(1, 2), label: index },
  }),
};
const sized = (width: number, height: number, type: "float32" | "uint8" = "float32") =>
  new ImageProcessor({ resize: { width, height }, filter: "nearest", type });
const mask = { type: "image", processor: sized(8, 4, "uint8") } as const;
const datasetOf = (options: Partial<MultimodalDatasetOptions> = {}) =>
  new MultimodalDataset({
    source,
    text: null,
    image: sized(16, 8),
    columns: { label: "int64", mask },
    ...options,
  } as MultimodalDatasetOptions);

async function cardOf(
  dataset: MultimodalDataset,
  options: Parameters<typeof showDataset>[1] = {},
): Promise<PageElement> {
  const page = documentOf(await showDataset(dataset, { statsSamples: 0, draws: 2, ...options }));
  return page.querySelector(".card") as PageElement;
}

/** Values of the pixels of the left and the right half. */
async function halvesOf(image: PageElement | null | undefined): Promise<[number, number]> {
  const { data, width, height } = await pixelsOf(image ?? null);
  const at = (x: number) => data[3 * (width * (height >> 1) + x)] as number;
  return [at(1), at(width - 2)];
}

const brighter = ([left, right]: readonly [number, number]) => (left > right ? "left" : "right");

/** Of each of a card's lists of draws: its caption, and which half is the brighter one. */
async function drawsOf(card: PageElement) {
  const rows = [...card.querySelectorAll(".draws")].map(
    async (row): Promise<string[]> => [
      ...textsOf(row, "figcaption"),
      ...(await Promise.all([...row.querySelectorAll("img")].map(halvesOf))).map(brighter),
    ],
  );
  return Promise.all(rows);
}

/** A mask is nearly black, so that lossy draws do not tell its halves apart. */
const visible: PairSource = {
  length: 1,
  get: (): Pair => ({ image: halves(10, 200), text: "", columns: { mask: halves(20, 220) } }),
};

describe("a column of images", () => {
  test("is shown as the model gets it, every pixel exact, beside its original", async () => {
    const card = await cardOf(datasetOf());
    assert.deepEqual(textsOf(card, "figcaption"), [
      "original 16 × 8 · pixels",
      "model 16 × 8",
      "mask, original 16 × 8 · pixels",
      "mask, model 8 × 4",
    ]);
    const exact = card.querySelector('[alt="what the model gets, mask"]');
    assert.deepEqual(await halvesOf(exact), [1, 2]);
    assert.equal((await pixelsOf(exact)).width, 8);
    assert.deepEqual(await halvesOf(card.querySelector('[alt="what the model gets"]')), [10, 200]);
    assert.equal(card.querySelectorAll('[alt="the original, mask"]').length, 1);
  });

  test("has its original as its own processor reads it", async () => {
    const clear: RawPixels = {
      data: new Uint8Array(4 * 16 * 8),
      width: 16,
      height: 8,
      channels: 4,
    };
    const onWhite = new ImageProcessor({ resize: { width: 8, height: 4 }, alpha: "white" });
    const card = await cardOf(
      datasetOf({
        source: { length: 1, get: () => ({ image: clear, text: "", columns: { mask: clear } }) },
        columns: { mask: { type: "image", processor: onWhite } },
      }),
    );
    const originalOf = (alt: string) => halvesOf(card.querySelector(`[alt="${alt}"]`));
    assert.deepEqual(await originalOf("the original"), [0, 0]);
    assert.deepEqual(await originalOf("the original, mask"), [255, 255]);
  });

  test("is shown behind all of a row's own images", async () => {
    const image = [halves(10, 200), halves(20, 200)];
    const two: PairSource = {
      length: 1,
      get: () => ({ image, text: "", columns: { mask: halves(1, 2) } }),
    };
    const card = await cardOf(datasetOf({ source: two, columns: { mask }, maxImages: 2 }));
    assert.deepEqual(textsOf(card, "figcaption").slice(4), [
      "mask, original 16 × 8 · pixels",
      "mask, model 8 × 4",
    ]);
  });

  test("has no place among the values, and its processor stands above", async () => {
    const page = documentOf(await showDataset(datasetOf(), { statsSamples: 0 }));
    assert.deepEqual(textsOf(page, ".card:first-child dt"), ["label", "label"]);
    const facts = textsOf(page, ".facts div");
    assert.ok(
      facts.some((fact) => /^images \(mask\)to 8 × 4, nearest; uint8, chw, rgb$/.test(fact)),
    );
  });

  test("has the draws of the dataset's augmentation beside those of the image", async () => {
    const dataset = datasetOf({
      source: visible,
      columns: { mask },
      augmentation: { horizontalFlip: 1, randomGrayscale: 1 },
    });
    const card = await cardOf(dataset);
    const [own, ofMask, ...others] = await drawsOf(card);
    assert.deepEqual(own?.slice(1), ["left", "left"]);
    assert.deepEqual(ofMask, ["mask horizontalFlip: 1", "left", "left"]);
    assert.equal(others.length, 0);
    // what stands above has nothing drawn
    assert.deepEqual(
      await halvesOf(card.querySelector('[alt="what the model gets, mask"]')),
      [20, 220],
    );
  });

  test("follows the augmentations that are asked for, by what of them moves pixels", async () => {
    const augmentations = [{ horizontalFlip: 1, randomGrayscale: 1 }, { randomGrayscale: 1 }];
    const dataset = datasetOf({ source: visible, columns: { mask } });
    assert.deepEqual(await drawsOf(await cardOf(dataset, { augmentations })), [
      ["horizontalFlip: 1, randomGrayscale: 1", "left", "left"],
      ["randomGrayscale: 1", "right", "right"],
      ["mask horizontalFlip: 1", "left", "left"],
    ]);
  });

  test("with an augmentation of its own keeps it, whatever is asked for", async () => {
    const columns = { mask: { ...mask, augmentation: { horizontalFlip: 1 } } };
    const dataset = datasetOf({ source: visible, columns });
    assert.deepEqual(await drawsOf(await cardOf(dataset)), [
      ["mask horizontalFlip: 1", "left", "left"],
    ]);
    const augmentations = [{ horizontalFlip: 0 }];
    assert.deepEqual(await drawsOf(await cardOf(dataset, { augmentations })), [
      ["horizontalFlip: 0", "right", "right"],
      ["mask horizontalFlip: 1", "left", "left"],
    ]);
  });

  test("of a batch is as it was drawn, in this thread and in another one", async () => {
    const dataset = datasetOf({ augmentation: { horizontalFlip: 1 } });
    for await (const batch of new DataLoader(dataset, { batchSize: 2 })) {
      const { message, transferList } = batch.transfer();
      const received = structuredClone(message, { transfer: transferList });
      const page = documentOf(await showBatch(received, { dataset }));
      const shown = [...page.querySelectorAll('[alt="what the model gets, mask"]')];
      assert.deepEqual(await Promise.all(shown.map(halvesOf)), [
        [2, 1],
        [2, 1],
      ]);
    }
  });

  test("is shown by its name, whatever that is", async () => {
    const name = "<b>mask</b>";
    const named: PairSource = {
      length: 1,
      get: (): Pair => ({ image: halves(1, 2), text: "", columns: { [name]: halves(1, 2) } }),
    };
    const card = await cardOf(datasetOf({ source: named, columns: { [name]: "image" } }));
    assert.deepEqual(textsOf(card, "bdi"), [name, name]);
  });
});
