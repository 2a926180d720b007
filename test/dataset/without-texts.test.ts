// Datasets of images alone, or of images and columns.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import {
  checkDataset,
  computeStats,
  DataLoader,
  fitTfidf,
  MultimodalDataset,
  openSource,
  type PairSource,
  packDataset,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";
import { folder } from "../support/pairs-with-columns.js";
import { tarOf } from "../support/tar.js";

const image = tinyImage;
const imagePaths = [fixture("images/png-rgb.png"), fixture("images/jpeg-420.jpg")];
const png = readFileSync(fixture("images/png-rgb.png"));
const context = { seed: 0, epoch: 0 };

/** Pairs that have no text at all. */
const withoutTexts = (length: number): PairSource => {
  const pairs = numberedPairs(length);
  return {
    length,
    get: (index) => ({ ...pairs.get(index), text: undefined as unknown as string }),
  };
};

describe("a dataset without texts", () => {
  test("has images as one with texts has them, and no tokens", async () => {
    const tokenizer = await smallTokenizer();
    const texts = imagePaths.map(() => "a text");
    const alone = new MultimodalDataset({ imagePaths, image, text: null });
    const paired = new MultimodalDataset({ imagePaths, texts, tokenizer, image });
    const item = await alone.get(1);
    assert.deepEqual(item.image, (await paired.get(1)).image);
    assert.deepEqual(Object.keys(item).sort(), ["columns", "image", "index"]);
    for await (const batch of new DataLoader(alone, { batchSize: 2 })) {
      assert.deepEqual(batch.keys, imagePaths);
      for (const name of ["input_ids", "attention_mask", "texts"])
        assert.ok(!(name in batch), name);
      assert.equal(batch.paddingShare, 0);
      batch.release();
    }
    assert.equal(alone.tokenizer, undefined);
    assert.equal(alone.description, "array, 2 images");
  });

  test("does not look at the texts of a source", async () => {
    const dataset = new MultimodalDataset({ source: withoutTexts(3), image, text: null });
    for await (const { indices } of new DataLoader(dataset, { batchSize: 3, shuffle: true })) {
      assert.equal(indices.length, 3);
    }
  });

  test("goes to another thread", async () => {
    const dataset = new MultimodalDataset({ source: withoutTexts(2), image, text: null });
    for await (const batch of new DataLoader(dataset, { batchSize: 2 })) {
      const { port1, port2 } = new MessageChannel();
      const { message, transferList } = batch.transfer();
      assert.equal(transferList.length, 1);
      port1.postMessage(message, transferList);
      const received = receiveMessageOnPort(port2)?.message as typeof message;
      assert.deepEqual([...received.image.data], [0, 0, 0, 1, 0, 0]);
      port1.close();
    }
  });

  test("is checked and counted", async () => {
    const dataset = new MultimodalDataset({ source: withoutTexts(4), image, text: null });
    const report = await checkDataset(dataset, { batchSize: 2 });
    assert.deepEqual([report.ok, report.texts, report.checked], [true, null, 4]);
    assert.deepEqual(Object.keys(report.batch?.tensors ?? {}), ["image"]);
    const stats = await computeStats(dataset);
    assert.deepEqual([stats.pairs, stats.maxLength, stats.tokenLengthHistogram], [4, null, []]);
  });

  test("is refused where texts are what is wanted", async () => {
    const dataset = new MultimodalDataset({ source: withoutTexts(1), image, text: null });
    const asked = dataset as unknown as MultimodalDataset;
    const refused = /^TypeError: dataset: expected one with texts/;
    await assert.rejects(fitTfidf(asked), refused);
    assert.throws(
      () => new DataLoader(dataset, { lengthBuckets: { window: 4, size: 2 } }),
      /lengthBuckets: expected none, as the dataset has no texts/,
    );
  });

  test("has no tokenizer, and one with texts has one", async () => {
    const tokenizer = await smallTokenizer();
    assert.throws(
      () => new MultimodalDataset({ imagePaths, text: null, tokenizer: tokenizer as never }),
      /tokenizer: expected none with text: null/,
    );
    assert.throws(
      () => new MultimodalDataset({ imagePaths, texts: ["a", "b"] } as never),
      /tokenizer: expected a Tokenizer, or text: null/,
    );
    await assert.rejects(
      MultimodalDataset.from(fixture("images"), {}),
      /UNKNOWN_SOURCE|tokenizer: expected a Tokenizer|has no text/,
    );
  });
});

describe("a source without texts is", () => {
  const textless = (path: string) => openSource(path, { texts: false });

  test("a manifest without a column of texts", async () => {
    const path = join(folder, "images.csv");
    writeFileSync(path, "image,label\na.png,3\n");
    await assert.rejects(openSource(path, { textColumn: "caption" }), /textColumn/);
    const source = await textless(path);
    assert.equal(source.length, 1);
    assert.deepEqual(await source.get(0, context), {
      image: join(folder, "a.png"),
      text: "",
      key: "a.png",
    });
    assert.equal(await source.texts?.(0), "");
  });

  test("Parquet without a column of texts", async () => {
    const source = await openSource(fixture("columns/plain.parquet"), {
      texts: false,
      columns: ["label"],
      root: fixture("images"),
      allowOutsideRoot: true,
    });
    const { text, columns } = await source.get(0, context);
    assert.deepEqual({ text, columns }, { text: "", columns: { label: 2 } });
  });

  test("WebDataset samples of an image alone", async () => {
    const path = join(folder, "images.tar");
    writeFileSync(
      path,
      tarOf([
        ["a.png", png],
        ["b.png", png],
        ["b.cls", "4"],
      ]),
    );
    await assert.rejects(
      async () => (await openSource(path)).get(0, context),
      /it has no text: expected one of \.txt/,
    );
    const source = await openSource(path, { texts: false, columns: ["cls"] });
    assert.equal(source.length, 2);
    assert.equal((await source.get(0, context)).text, "");
    assert.deepEqual((await source.get(1, context)).columns, { cls: "4" });
  });

  test("a folder of images, in folders or not", async () => {
    const root = join(folder, "loose");
    mkdirSync(join(root, "below"), { recursive: true });
    for (const name of ["1.png", "below/2.png"]) {
      symlinkSync(fixture("images/png-rgb.png"), join(root, name));
    }
    await assert.rejects(openSource(root, { allowOutsideRoot: true }), /has no text/);
    const source = await openSource(root, { texts: false, allowOutsideRoot: true });
    assert.equal(source.description, "folder of 2 images");
    assert.deepEqual((await source.get(1, context)).key, "below/2.png");
    const labelled = { texts: false, allowOutsideRoot: true, columns: ["label"] };
    await assert.rejects(
      openSource(root, labelled),
      /columns: "1\.png" is in no folder of a class/,
    );
  });

  test("folders of classes whose images have text files, which are not looked at", async () => {
    const root = join(folder, "classes-with-texts");
    for (const name of ["cat", "dog"]) {
      mkdirSync(join(root, name), { recursive: true });
      symlinkSync(fixture("images/png-rgb.png"), join(root, name, "1.png"));
      writeFileSync(join(root, name, "1.txt"), "a text");
    }
    const of = { allowOutsideRoot: true, columns: "auto" } as const;
    const labelled = await openSource(root, { ...of, texts: false });
    assert.deepEqual((await labelled.get(1, context)).columns, { label: 1 });
    assert.deepEqual(labelled.classNames, { label: ["cat", "dog"] });
    const texted = await openSource(root, of);
    assert.deepEqual(texted.columnTypes, {});
    await assert.rejects(
      openSource(root, { ...of, columns: ["label"] }),
      /columns: expected no columns, as the images have text files; .*text: null.*, got "label"/,
    );
    await assert.rejects(
      openSource(root, { ...of, texts: false, columns: ["label", "name"] }),
      /columns: expected the column "label" alone, got "name"/,
    );
  });

  test("COCO without captions", async () => {
    const path = join(folder, "coco.json");
    const annotations = [{ id: 1, image_id: 1, bbox: [0, 0, 1, 1] }];
    writeFileSync(path, JSON.stringify({ images: [{ id: 1, file_name: "a.png" }], annotations }));
    await assert.rejects(openSource(path), /no captions/);
    const source = await textless(path);
    assert.equal(source.length, 1);
    assert.equal((await source.get(0, context)).text, "");
  });

  test("a packed set, whose texts are not looked at", async () => {
    const tokenizer = await smallTokenizer();
    const packed = join(folder, "packed");
    const texts = [["a", "b"], ["c"]];
    const onMultipleTexts = "random" as const;
    await packDataset(
      new MultimodalDataset({ imagePaths, texts, tokenizer, image, onMultipleTexts }),
      packed,
    );
    const source = await textless(packed);
    assert.equal((await source.get(0, context)).text, "");
    assert.equal(await source.texts?.(0), "");
    const expected = new MultimodalDataset({ imagePaths, image, text: null });
    await assertSameEpoch(await MultimodalDataset.from(packed, { text: null }), expected);
    await assertSameEpoch(
      await MultimodalDataset.from(await openSource(packed), { text: null }),
      expected,
    );
  });
});
