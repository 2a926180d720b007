import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import {
  type Batch,
  DataLoader,
  type DataLoaderOptions,
  ImageProcessor,
  MultimodalDataset,
  type PairSource,
  showBatch,
  stream,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { documentOf, type PageElement, pixelsOf, textsOf } from "../support/html.js";
import { numberedDataset, smallTokenizer } from "../support/pairs.js";
import { loadVision, visionConfigs } from "../support/vision-batches.js";

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
    const badges = [...page.querySelectorAll(".card")].map((card) => textsOf(card, ".badge"));
    assert.deepEqual(badges, [[], [], [], ["in place of #3"]]);
    assert.deepEqual(textsOf(page, ".jump a"), ["Pairs", "Errors (1)"]);
    assert.match(textsOf(page, ".errors li")[0] ?? "", /^FILE_NOT_FOUND/);
  });

  test("says by which numbers its rows were drawn", async () => {
    const dataset = pairs({ horizontalFlip: 0.5 });
    const loader = new DataLoader(dataset, { batchSize: 4, onError: "skip", seed: 3 });
    loader.setEpoch(2);
    for await (const batch of loader) {
      const lead = async (options: Parameters<typeof showBatch>[1] = {}) =>
        textsOf(documentOf(await showBatch(batch, options)), ".lead");
      const words = "A batch of 3 pairs, with what was drawn by seed 3 in epoch 2.";
      assert.deepEqual(await lead(), [words]);
      assert.deepEqual(await lead({ dataset: pairs() }), [words]);
    }
  });

  test("shows every row of a large batch, in their order", async () => {
    const batch = await firstBatch(await numberedDataset(19), { batchSize: 19 });
    const page = documentOf(await showBatch(batch));
    assert.deepEqual(
      textsOf(page, ".caption"),
      Array.from({ length: 19 }, (_, i) => `${i}`),
    );
    const shown = [...page.querySelectorAll('[alt="what the model gets"]')];
    assert.equal((await pixelsOf(shown[18] as PageElement)).data[0], 18);
  });

  test("shows each of several images of each row in its place", async () => {
    const grey = (value: number) => {
      return { data: new Uint8Array(64).fill(value), width: 8, height: 8, channels: 1 } as const;
    };
    const source: PairSource = {
      length: 2,
      get: (index) => ({ image: [0, 1, 2].map((i) => grey(10 * index + i)), text: "" }),
    };
    const dataset = new MultimodalDataset({ source, text: null, image, maxImages: 3 });
    const page = documentOf(await showBatch(await firstBatch(dataset as never)));
    const shown = async (name: string) => {
      const images = [...page.querySelectorAll(`[alt="${name}"]`)];
      return Promise.all(images.map(async (one) => (await pixelsOf(one)).data[0] as number));
    };
    assert.deepEqual(await shown("what the model gets"), [0, 1, 2, 10, 11, 12]);
    const off = (await shown("the original")).map(
      (value, i) => value - 10 * Math.floor(i / 3) - (i % 3),
    );
    assert.ok(Math.max(...off.map(Math.abs)) <= 1, `${off}`);
  });

  test("shows as many images of each row as it has, though it is of a stream", async () => {
    const grey = { data: new Uint8Array(64), width: 8, height: 8, channels: 1 } as const;
    const counts = [2, 1, 3];
    const rows = counts.map((count) => ({ image: Array(count).fill(grey), text: "" }));
    const options = { text: null, image, maxImages: 3 } as const;
    const dataset = await MultimodalDataset.from(stream(rows), options);
    const page = documentOf(await showBatch(await firstBatch(dataset as never)));
    const shown = [...page.querySelectorAll(".card")].map(
      (card) => card.querySelectorAll('[alt="what the model gets"]').length,
    );
    assert.deepEqual(shown, counts);
  });

  test("has boxes over originals alone where nobody knows where they are drawn", async () => {
    const source: PairSource = {
      length: 1,
      get: () => ({
        image: { data: new Uint8Array(64), width: 8, height: 8, channels: 1 },
        text: "",
        columns: { box: [1, 2, 3, 4] },
      }),
    };
    const framed = async (augmentation?: object) => {
      const columns = { box: { type: "float32", shape: [4] } } as const;
      const options = { source, text: null, image, columns, ...(augmentation && { augmentation }) };
      const dataset = new MultimodalDataset(options as never);
      const page = documentOf(await showBatch(await firstBatch(dataset)));
      const frames = [...page.querySelectorAll(".frame")].filter((one) => one.querySelector("svg"));
      return frames.map((one) => one.querySelector("img")?.getAttribute("alt"));
    };
    assert.deepEqual(await framed(), ["the original", "what the model gets"]);
    assert.deepEqual(await framed({ horizontalFlip: 0.5 }), ["the original"]);
  });

  test("has the boxes of a column that is said to have them", async () => {
    const source: PairSource = {
      length: 1,
      get: () => ({
        image: { data: new Uint8Array(64), width: 8, height: 8, channels: 1 },
        text: "",
        columns: { place: [1, 2, 3, 4] },
      }),
    };
    const columns = { place: { type: "float32", shape: [4] } } as const;
    const dataset = new MultimodalDataset({ source, text: null, image, columns });
    const batch = await firstBatch(dataset as never);
    const boxes = async (options: Parameters<typeof showBatch>[1]) =>
      documentOf(await showBatch(batch, options)).querySelectorAll("svg.boxes").length;
    assert.deepEqual([await boxes({}), await boxes({ boxes: { place: "xywh" } })], [0, 2]);
  });

  test("has the text of a pair that was drawn for its row", async () => {
    const several = new MultimodalDataset({
      imagePaths: Array(8).fill(imagePaths[0]),
      texts: Array(8).fill(["A", "B", "C", "D"]),
      onMultipleTexts: "random",
      tokenizer,
      image,
    });
    const loader = new DataLoader(several, { batchSize: 8, seed: 3 });
    loader.setEpoch(2);
    for await (const batch of loader) {
      const captions = textsOf(documentOf(await showBatch(batch)), ".caption");
      assert.deepEqual(
        captions.map((text) => text.toLowerCase()),
        batch.texts,
      );
    }
  });

  test("says of each of several images that it cannot be read again", async () => {
    let isThere = true;
    const two: PairSource = {
      length: 1,
      get: () => {
        if (!isThere) throw new Error("moved away");
        return { image: [imagePaths[0] as string, null, imagePaths[1] as string], text: "" };
      },
    };
    const vision = await loadVision(visionConfigs.patches);
    for (const processor of [image, vision]) {
      isThere = true;
      const given = { source: two, text: null, image: processor, maxImages: 4 };
      const batch = await firstBatch(new MultimodalDataset(given as never));
      assert.deepEqual(textsOf(documentOf(await showBatch(batch)), ".frame p"), []);
      isThere = false;
      const gone = textsOf(documentOf(await showBatch(batch)), ".frame p");
      assert.deepEqual(
        gone.map((one) => /moved away/.test(one)),
        [true, true],
      );
    }
  });

  test("ends by a fault of the machine, and by its signal, which it lets go of", async () => {
    let fault: Error | undefined;
    const source: PairSource = {
      length: 1,
      get: () => {
        if (fault !== undefined) throw fault;
        return { image: imagePaths[0] as string, text: "a" };
      },
    };
    const batch = await firstBatch(new MultimodalDataset({ source, tokenizer, image }));
    const controller = new AbortController();
    await showBatch(batch, { signal: controller.signal });
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    controller.abort(new Error("enough"));
    await assert.rejects(showBatch(batch, { signal: controller.signal }), /enough/);
    fault = Object.assign(new Error("too many open files"), { code: "EMFILE" });
    await assert.rejects(showBatch(batch), { code: "OUT_OF_FILE_DESCRIPTORS" });
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
    const augmented = pairs({ horizontalFlip: 1 });
    const flipped = documentOf(await showBatch(received, { dataset: augmented }));
    assert.match(textsOf(flipped, ".lead")[0] ?? "", /drawn by seed 0 in epoch 0/);
    await assert.rejects(showBatch(received), /dataset: expected that of the batch/);
  });

  test("refuses what is no batch, and one that was released", async () => {
    const batch = await firstBatch(pairs());
    batch.release();
    await assert.rejects(showBatch(batch), /got one that was released before/);
    for (const none of [undefined, {}, { columns: {} }, { indices: [] }])
      await assert.rejects(showBatch(none as unknown as Batch), /batch: expected a batch/);
    // what has no rows has no memory either
    const empty = { ...batch, indices: [], keys: [], texts: [] };
    const page = documentOf(await showBatch(empty, { dataset: pairs() }));
    assert.deepEqual(textsOf(page, ".lead"), ["A batch of 0 pairs."]);
  });

  test("refuses options that have no possible value", async () => {
    const batch = await firstBatch(pairs());
    for (const [options, message] of [
      [{ dataset: {} }, /^dataset: expected a MultimodalDataset/],
      [{ boxes: ["box"] }, /^boxes: expected an object of formats by column/],
      [{ boxes: { face: "corners" } }, /^boxes\.face: expected one of "xyxy"/],
      [{ title: 1 }, /^title: expected a text/],
      [{ signal: 1 }, /^signal: expected an AbortSignal/],
      [{ titel: "a" }, /^showBatch: unknown option "titel"/],
    ] as [object, RegExp][]) {
      await assert.rejects(showBatch(batch, options), { message });
    }
  });
});
