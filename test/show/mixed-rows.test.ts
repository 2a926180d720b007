// Rows that MixUp and CutMix have mixed, on pages: with what, and by how much.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AugmentationOptions,
  type Batch,
  DataLoader,
  ImageProcessor,
  MultimodalDataset,
  type PairSource,
  showBatch,
  showDataset,
} from "pixtok";
import { documentOf, type PageElement, textsOf } from "../support/html.js";

const source: PairSource = {
  length: 5,
  classNames: { label: ["cat", "dog", "bird", "fish", "hen"] },
  get: (index) => ({
    image: { data: new Uint8Array(3 * 48).fill(50 * index), width: 8, height: 6, channels: 3 },
    text: "",
    columns: { label: index },
  }),
};
const labels = { column: "label", classes: 5 };
const datasetOf = (augmentation: AugmentationOptions) =>
  new MultimodalDataset({
    source,
    text: null,
    columns: { label: "int64" },
    image: new ImageProcessor({ resize: { width: 8, height: 6 } }),
    augmentation: { ...augmentation, labels },
  });

async function firstBatch(augmentation: AugmentationOptions, seed = 3): Promise<Batch> {
  const loader = new DataLoader(datasetOf(augmentation), { batchSize: 3, shuffle: true, seed });
  for await (const batch of loader) return batch as unknown as Batch;
  throw new Error("no batch");
}

const cardsOf = (page: string): PageElement[] => [
  ...documentOf(page).querySelectorAll(".cards > li"),
];
const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;

describe("a row of a batch", () => {
  for (const name of ["mixUp", "cutMix"] as const) {
    test(`that ${name} has mixed says how much of it is of which other row`, async () => {
      const batch = await firstBatch({ [name]: {} });
      const cards = cardsOf(await showBatch(batch));
      assert.equal(cards.length, 3);
      for (const [row, card] of cards.entries()) {
        const { share = 0, other } = batch.augmentation?.mixed?.[row] ?? {};
        assert.equal(other, batch.indices.at(row - 1));
        assert.deepEqual(textsOf(card, ".mixed"), [
          `${name} ${percent(share)} of this pair, ${percent(1 - share)} of #${other}`,
        ]);
        const link = card.querySelector(".mixed a")?.getAttribute("href");
        assert.equal(link, `#${cards.at(row - 1)?.getAttribute("id")}`);
      }
    });
  }

  test("has a frame around the part that is of another one, on what the model gets alone", async () => {
    const batch = await firstBatch({ cutMix: {} }, 1);
    const cards = cardsOf(await showBatch(batch));
    let framed = 0;
    for (const [row, card] of cards.entries()) {
      const { part, other } = batch.augmentation?.mixed?.[row] ?? {};
      const overlays = [...card.querySelectorAll("svg.boxes")];
      if (!part || part.width * part.height === 0) {
        assert.equal(overlays.length, 0);
        continue;
      }
      framed += 1;
      assert.equal(overlays.length, 1);
      assert.equal(overlays[0]?.getAttribute("viewBox"), "0 0 8 6");
      const rect = overlays[0]?.querySelector("rect:not(.halo)");
      assert.deepEqual(
        ["x", "y", "width", "height"].map((side) => Number(rect?.getAttribute(side))),
        [part.left, part.top, part.width, part.height],
      );
      assert.equal(overlays[0]?.textContent, `#${other}`);
    }
    assert.ok(framed > 0);
  });

  test("has the shares of its classes, by their names", async () => {
    const batch = await firstBatch({ mixUp: {} });
    const names = source.classNames?.label as readonly string[];
    for (const [row, card] of cardsOf(await showBatch(batch)).entries()) {
      const [own, other] = [batch.indices[row] as number, batch.indices.at(row - 1) as number];
      const share = batch.augmentation?.mixed?.[row]?.share as number;
      const shares: [number, number][] = [
        [own, share],
        [other, 1 - share],
      ];
      const expected = shares
        .sort(([a], [b]) => a - b)
        .map(([label, part]) => `${label} · ${names[label]}: ${percent(part)}`)
        .join(", ");
      assert.deepEqual(textsOf(card, "dt"), ["label", "soft_labels"]);
      assert.deepEqual(textsOf(card, "dd"), [`${own} · ${names[own]}`, expected]);
    }
  });

  test("that comes from another thread says the same", async () => {
    const batch = await firstBatch({ mixUp: {}, cutMix: {} });
    const page = await showBatch(batch);
    const { message, transferList } = batch.transfer();
    const received = structuredClone(message, { transfer: transferList });
    const dataset = datasetOf({ mixUp: {}, cutMix: {} });
    const mixedIn = (one: string) => cardsOf(one).map(({ innerHTML }) => innerHTML);
    assert.deepEqual(mixedIn(await showBatch(received, { dataset })), mixedIn(page));
  });

  test("that is not mixed says nothing of it", async () => {
    const dataset = new MultimodalDataset({ source, text: null, columns: { label: "int64" } });
    for await (const batch of new DataLoader(dataset, { batchSize: 5 })) {
      assert.equal(documentOf(await showBatch(batch)).querySelectorAll(".mixed").length, 0);
      batch.release();
    }
  });
});

test("draws of a dataset say what each was mixed with, and the pair itself is not mixed", async () => {
  const cards = cardsOf(
    await showDataset(datasetOf({ mixUp: {} }), { statsSamples: 0, samples: 2, draws: 3 }),
  );
  for (const [index, card] of cards.entries()) {
    const draws = textsOf(card, ".draw span");
    assert.equal(draws.length, 3);
    for (const draw of draws) assert.match(draw, new RegExp(`^mixUp: [\\d.]+ % of #${1 - index}$`));
    assert.equal(card.querySelectorAll(".mixed").length, 0);
  }
});
