import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ImageProcessor,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  PixtokError,
  type TextOptions,
} from "pixtok";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";
import { numberedDataset, numberedPairs, smallTokenizer } from "../support/pairs.js";

const tokenizer = await smallTokenizer();
const imagePaths = [fixture("images/jpeg-420.jpg"), fixture("images/png-rgba.png")];
const texts = ["A RED circle!", "two blue squares"];

describe("an item", () => {
  test("has the standard preset's tensors", async () => {
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer });
    assert.equal(dataset.length, 2);
    const item = await dataset.get(1);
    assert.equal(item.index, 1);
    assert.deepEqual([item.image.type, item.image.dims], ["float32", [3, 224, 224]]);
    assert.deepEqual([item.input_ids.type, item.input_ids.dims], ["int64", [128]]);
    assert.deepEqual([item.attention_mask.type, item.attention_mask.dims], ["int64", [128]]);
  });

  test("has the reference's image", async () => {
    interface Line {
      image: string;
      tensor: string;
    }
    const lines = readJsonLines<Line>(fixture("goldens/imagenet224.jsonl"));
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer });
    for (const [index, image] of ["jpeg-420.jpg", "png-rgba.png"].entries()) {
      const expected = lines.find((line) => line.image === image)?.tensor;
      assert.equal(sha256((await dataset.get(index)).image.data), expected);
    }
  });

  test("has its text cleaned, in [CLS] and [SEP], padded, and masked", async () => {
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer });
    const { input_ids, attention_mask } = await dataset.get(0);
    const words = ["[CLS]", "a", "red", "circle", "[SEP]"];
    const ids = words.map((word) => BigInt(tokenizer.tokenToId(word) as number));
    const padding = new Array<bigint>(123);
    assert.deepEqual([...input_ids.data], [...ids, ...padding.fill(0n)]);
    assert.deepEqual([...attention_mask.data], [1n, 1n, 1n, 1n, 1n, ...padding.fill(0n)]);
  });

  test("is refused where there is no such index", async () => {
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer });
    for (const index of [-1, 2, 0.5, Number.NaN]) {
      await assert.rejects(dataset.get(index), RangeError);
    }
    await assert.rejects(dataset.get("0" as unknown as number), TypeError);
  });
});

describe("text options", () => {
  const idsOf = async (text: TextOptions) => {
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer, text });
    const { input_ids } = await dataset.get(0);
    return { type: input_ids.type, ids: [...input_ids.data].map(Number) };
  };
  const id = (token: string) => tokenizer.tokenToId(token) as number;

  test('clean: "none" keeps punctuation', async () => {
    const { ids } = await idsOf({ clean: "none", padding: "longest" });
    assert.deepEqual(ids, ["[CLS]", "a", "red", "circle", "!", "[SEP]"].map(id));
  });

  test("clean may be a function", async () => {
    const { ids } = await idsOf({ clean: () => "blue", padding: "longest" });
    assert.deepEqual(ids, ["[CLS]", "blue", "[SEP]"].map(id));
  });

  test("maxLength cuts, keeping the special tokens", async () => {
    const { ids } = await idsOf({ maxLength: 3 });
    assert.deepEqual(ids, ["[CLS]", "a", "[SEP]"].map(id));
  });

  test('type: "int32" gives int32 tensors', async () => {
    const { type, ids } = await idsOf({ type: "int32", maxLength: 6 });
    assert.equal(type, "int32");
    assert.deepEqual(ids, ["[CLS]", "a", "red", "circle", "[SEP]", "[PAD]"].map(id));
  });

  const refused: [unknown, RegExp][] = [
    [{ clean: "ascii" }, /text\.clean: expected one of "alphanumeric", "none", got "ascii"/],
    [{ maxLength: 0 }, /text\.maxLength: expected an integer from 1/],
    [{ max_length: 5 }, /text: unknown option "max_length"; expected one of clean, maxLength/],
    [{ padding: false }, /text\.padding: expected one of "max_length", "longest", got false/],
    [{ type: "float32" }, /text\.type: expected one of "int64", "int32"/],
  ];
  for (const [text, message] of refused) {
    test(`${JSON.stringify(text)} is refused`, () => {
      assert.throws(
        () => new MultimodalDataset({ imagePaths, texts, tokenizer, text: text as TextOptions }),
        { message },
      );
    });
  }
});

describe("construction", () => {
  const refused: [
    string,
    Partial<Record<keyof MultimodalDatasetOptions | "images", unknown>>,
    RegExp,
  ][] = [
    ["unequal lengths", { imagePaths, texts: ["a"] }, /equal lengths, got 2 images and 1 texts/],
    ["no pairs", { imagePaths: [], texts: [] }, /expected at least one pair/],
    [
      "texts that are no array",
      { imagePaths, texts: "a" },
      /texts: expected an array of .*, got "a"/,
    ],
    ["no texts", { imagePaths }, /texts: expected .*, or text: null for none, got undefined/],
    [
      "a misspelled option",
      { images: imagePaths, texts },
      /MultimodalDataset: unknown option "images"/,
    ],
    ["no tokenizer", { imagePaths, texts, tokenizer: null }, /tokenizer: expected a Tokenizer/],
    ["no ImageProcessor", { imagePaths, texts, image: {} }, /image: expected an ImageProcessor/],
    ["source and arrays", { source: numberedPairs(2), texts }, /source: expected either source/],
    ["a source without get", { source: { length: 2 } }, /source: expected an object with length/],
    ["a source without pairs", { source: numberedPairs(0) }, /source\.length: expected at least/],
  ];
  for (const [name, options, message] of refused) {
    test(`with ${name} is refused`, () => {
      const all = { tokenizer, ...options } as unknown as MultimodalDatasetOptions;
      assert.throws(
        () => new MultimodalDataset(all),
        (error) => {
          assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});

describe("a bad sample", () => {
  const datasetOf = (imageList: unknown[], textList: unknown[]) =>
    new MultimodalDataset({
      imagePaths: imageList as string[],
      texts: textList as string[],
      tokenizer,
    });

  test("names its index and file", async () => {
    const broken = fixture("broken/cut-at-30.jpg");
    await assert.rejects(datasetOf([imagePaths[0], broken], texts).get(1), {
      name: "PixtokError",
      code: "TRUNCATED_IMAGE",
      index: 1,
      source: broken,
    });
  });

  test("whose text is no string is INVALID_TEXT", async () => {
    await assert.rejects(datasetOf(imagePaths, ["a", 5]).get(1), {
      code: "INVALID_TEXT",
      index: 1,
      message: /sample 1: text: expected a string, got 5/,
    });
  });

  test("whose image is no image is INVALID_IMAGE", async () => {
    await assert.rejects(datasetOf([undefined, imagePaths[1]], texts).get(0), {
      code: "INVALID_IMAGE",
      index: 0,
    });
  });

  test("that a source fails to give is the source's own error", async () => {
    const source = {
      length: 1,
      get: async () => {
        throw new Error("the disk is on fire");
      },
    };
    const dataset = new MultimodalDataset({ source, tokenizer });
    await assert.rejects(dataset.get(0), /the disk is on fire/);
  });

  test("that is no pair is INVALID_SAMPLE", async () => {
    const source = { length: 1, get: () => null as never };
    const dataset = new MultimodalDataset({ source, tokenizer });
    await assert.rejects(dataset.get(0), (error) => {
      assert.ok(error instanceof PixtokError);
      assert.equal(error.code, "INVALID_SAMPLE");
      return true;
    });
  });

  test("whose key is no string is INVALID_SAMPLE", async () => {
    const source = { length: 1, get: () => ({ image: "a.jpg", text: "a", key: 5 as never }) };
    const dataset = new MultimodalDataset({ source, tokenizer });
    await assert.rejects(dataset.get(0), (error) => {
      assert.ok(error instanceof PixtokError);
      assert.equal(error.code, "INVALID_SAMPLE");
      assert.match(error.message, /key: expected a string, got 5/);
      return true;
    });
  });

  test("leaves other calls alone", async () => {
    const dataset = datasetOf([fixture("broken/empty.jpg"), ...imagePaths], ["a", ...texts]);
    const results = await Promise.allSettled([0, 1, 2, 0, 2].map((index) => dataset.get(index)));
    assert.deepEqual(
      results.map((result) => result.status),
      ["rejected", "fulfilled", "fulfilled", "rejected", "fulfilled"],
    );
  });
});

test("an ImageProcessor of the user's decides shape and type", async () => {
  const image = new ImageProcessor({
    resize: { width: 8, height: 4 },
    type: "uint8",
    layout: "hwc",
  });
  const dataset = await numberedDataset(3, { image });
  const item = await dataset.get(2);
  assert.deepEqual([item.image.type, item.image.dims], ["uint8", [4, 8, 3]]);
});
