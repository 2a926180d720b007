// What stands around the pairs on a dataset's page: which they are, errors, statistics; and what is told on the way.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  contactSheet,
  ImageProcessor,
  MultimodalDataset,
  type PairSource,
  type ShowDatasetOptions,
  showDataset,
} from "pixtok";
import sharp from "sharp";
import { hasFonts } from "../../src/show/sheet-caption.js";
import { documentOf, type PageElement, pixelsOf, textsOf } from "../support/html.js";

const image = new ImageProcessor({ resize: { width: 4, height: 3 }, filter: "nearest" });

/** Pairs whose images have one value each, ten times their index; the ones named are bad. */
function datasetOf(length: number, bad: readonly number[] = [], processor = image) {
  const source: PairSource = {
    length,
    description: `${length} greys`,
    get: (index) => {
      if (bad.includes(index)) throw new Error(`bad ${index}`);
      const data = new Uint8Array(12).fill(10 * index);
      return { image: { data, width: 4, height: 3, channels: 1 }, text: "", key: `key ${index}` };
    },
  };
  return new MultimodalDataset({ source, text: null, image: processor });
}

const pageOf = async (
  dataset: MultimodalDataset<never, null> | ReturnType<typeof datasetOf>,
  options: ShowDatasetOptions = {},
): Promise<PageElement> => documentOf(await showDataset(dataset as never, options));

const indicesOn = (page: PageElement) =>
  textsOf(page, ".card h3").map((title) => Number(/#(\d+)/.exec(title)?.[1]));

describe("a page says", () => {
  test("which pairs of which dataset are on it", async () => {
    const dataset = datasetOf(5);
    const none = { statsSamples: 0 };
    for (const [options, lead] of [
      [{}, "All 5 pairs, as the model gets them."],
      [{ samples: 5, random: true }, "All 5 pairs, as the model gets them."],
      [{ samples: 2 }, "The first 2 of 5 pairs, as the model gets them."],
      [{ samples: 2, random: true }, "2 random ones of 5 pairs, as the model gets them."],
    ] as const) {
      const page = await pageOf(dataset, { ...none, ...options });
      assert.deepEqual(textsOf(page, ".lead"), [lead]);
    }
    assert.deepEqual(textsOf(await pageOf(dataset, none), "h1"), ["5 greys"]);
    assert.deepEqual(textsOf(await pageOf(dataset, { ...none, title: "mine" }), "h1"), ["mine"]);
  });

  test("each error once, by index, of pairs that are shown and of those that are counted", async () => {
    const page = await pageOf(datasetOf(6, [0, 1, 3, 5]), { samples: 2 });
    assert.deepEqual(textsOf(page, ".jump a"), ["Pairs", "Statistics", "Errors (4)"]);
    assert.deepEqual(
      textsOf(page, ".errors li").map((one) => Number(/bad (\d)/.exec(one)?.[1])),
      [0, 1, 3, 5],
    );
    const random = { samples: 6, random: true, seed: 1, statsSamples: 0 };
    const shown = await pageOf(datasetOf(6, [0, 1, 2, 3, 4, 5]), random);
    assert.notDeepEqual(indicesOn(shown), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(
      textsOf(shown, ".errors li").map((one) => Number(/bad (\d)/.exec(one)?.[1])),
      [0, 1, 2, 3, 4, 5],
    );
  });

  test("no statistics where none are wanted, or no pair can be read", async () => {
    const links = async (bad: number[], options: ShowDatasetOptions) =>
      textsOf(await pageOf(datasetOf(2, bad), options), ".jump a");
    assert.deepEqual(await links([], { statsSamples: 0 }), ["Pairs", "Errors (0)"]);
    assert.deepEqual(await links([0, 1], {}), ["Pairs", "Errors (2)"]);
    assert.deepEqual(await links([0], {}), ["Pairs", "Statistics", "Errors (1)"]);
  });

  test("statistics of as many pairs as are wanted, the random ones where those are shown", async () => {
    const dataset = datasetOf(20);
    const first = await pageOf(dataset, { samples: 1, statsSamples: 2 });
    assert.match(textsOf(first, "#statistics")[0] ?? "", /2 pairs, 24 pixels/);
    const page = await pageOf(dataset, { samples: 1, statsSamples: 1, random: true, seed: 1 });
    const [index = 0] = indicesOn(page);
    assert.notEqual(index, 0);
    const [mean] = textsOf(page, ".moments tbody td");
    assert.equal(mean, ((10 * index) / 255).toFixed(4));
  });
});

describe("what is told on the way", () => {
  const told = async (
    dataset: ReturnType<typeof datasetOf>,
    options: ShowDatasetOptions,
  ): Promise<number[][]> => {
    const seen: number[][] = [];
    await showDataset(dataset, {
      statsSamples: 0,
      ...options,
      onProgress: (done, total, { errors }) => seen.push([done, total, errors]),
    });
    return seen;
  };

  test("is told of eight pairs at a time, with the errors so far", async () => {
    assert.deepEqual(await told(datasetOf(17, [1, 9, 10]), { samples: 17 }), [
      [8, 17, 1],
      [16, 17, 3],
      [17, 17, 3],
    ]);
  });

  test("is told of fewer where their images would take more than 32 MiB", async () => {
    const large = new ImageProcessor({ resize: { width: 2048, height: 512 } });
    // 12 MiB each
    assert.deepEqual(await told(datasetOf(3, [0, 1, 2], large), { samples: 3 }), [
      [2, 3, 2],
      [3, 3, 3],
    ]);
    const huge = new ImageProcessor({ resize: { width: 4096, height: 1024 } });
    assert.deepEqual((await told(datasetOf(2, [0, 1], huge), {})).length, 2);
  });

  test("counts what columns of images take", async () => {
    const processor = new ImageProcessor({ resize: { width: 2048, height: 512 } });
    const source: PairSource = {
      length: 3,
      get: () => {
        throw new Error("bad");
      },
    };
    const columns = { mask: { type: "image", processor } } as const;
    const dataset = new MultimodalDataset({ source, text: null, image: processor, columns });
    assert.equal((await told(dataset as never, {})).length, 3);
  });
});

describe("a contact sheet", () => {
  const colours = async (sheet: Uint8Array) => {
    const { data, info } = await sharp(sheet).raw().toBuffer({ resolveWithObject: true });
    return data[3 * (info.width * 20 + 20)];
  };

  test("has the random pairs that a page has", async () => {
    const dataset = datasetOf(20);
    const options = { samples: 1, random: true, seed: 1 };
    const page = await pageOf(dataset, { ...options, statsSamples: 0 });
    const { data } = await pixelsOf(page.querySelector('[alt="what the model gets"]'));
    assert.equal(await colours(await contactSheet(dataset, options)), data[0]);
    assert.equal(await colours(await contactSheet(dataset, { samples: 1 })), 0);
  });

  test("of pairs without images is refused", async () => {
    const source: PairSource = { length: 3, get: () => ({ image: [], text: "" }) };
    const dataset = new MultimodalDataset({ source, text: null, image, maxImages: 2 });
    await assert.rejects(contactSheet(dataset, { samples: 2 }), {
      code: "NO_READABLE_SAMPLE",
      message: /none of 2 pairs has an image/,
    });
  });

  test("counts the images of each pair, and the draws of the dataset's own augmentation", async () => {
    const large = new ImageProcessor({ resize: { width: 4096, height: 4096 } });
    const given = { imagePaths: ["none.jpg"], text: null, image: large };
    const own = new MultimodalDataset({ ...given, augmentation: { horizontalFlip: 1 } } as never);
    const unreadable = { code: "NO_READABLE_SAMPLE" };
    await assert.rejects(contactSheet(own, { draws: 15 }), { name: "RangeError" });
    await assert.rejects(contactSheet(own, { draws: 14 }), unreadable);
    await assert.rejects(contactSheet(new MultimodalDataset(given as never), { draws: 64 }), {
      ...unreadable,
    });
    const many = (maxImages: number) => new MultimodalDataset({ ...given, maxImages } as never);
    await assert.rejects(contactSheet(many(16)), { name: "RangeError" });
  });

  test("has keys where there are no texts", { skip: !hasFonts() && "no fonts" }, async () => {
    const sheetOf = (key: string) =>
      contactSheet(
        new MultimodalDataset({
          source: {
            length: 1,
            get: () => {
              const data = new Uint8Array(300);
              return { image: { data, width: 20, height: 15, channels: 1 }, text: "", key };
            },
          },
          text: null,
          image: new ImageProcessor({ resize: { width: 80, height: 60 } }),
        }),
      );
    const [a, again, b] = [await sheetOf("aaa"), await sheetOf("aaa"), await sheetOf("bbb")];
    assert.deepEqual([Buffer.compare(a, again), Buffer.compare(a, b) === 0], [0, false]);
  });
});
