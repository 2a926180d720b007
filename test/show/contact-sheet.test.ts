// Where images and captions stand on a contact sheet.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  contactSheet,
  ImageProcessor,
  MultimodalDataset,
  type PairSource,
  type ShowDatasetOptions,
} from "pixtok";
import sharp from "sharp";
import { drawCaption, hasFonts } from "../../src/show/sheet-caption.js";
import { fixture } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";

const image = new ImageProcessor({ resize: { width: 32, height: 24 } });
const path = fixture("images/jpeg-7x5.jpg");

function datasetOf(pairs: number, augmentation?: object) {
  const imagePaths = Array.from({ length: pairs }, () => path);
  return new MultimodalDataset({
    imagePaths,
    text: null,
    image,
    ...(augmentation && { augmentation }),
  });
}

async function sheetOf(
  dataset: Parameters<typeof contactSheet>[0],
  options: ShowDatasetOptions = {},
) {
  const { data, info } = await sharp(await contactSheet(dataset, options))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const isWhite = (x: number, y: number) =>
    data.subarray(3 * (info.width * y + x), 3 * (info.width * y + x) + 3).every((b) => b === 255);
  return { ...info, isWhite };
}

describe("a contact sheet", () => {
  test("is as wide as its images, up to 1400 pixels, and as high as their rows", async () => {
    const one = await sheetOf(datasetOf(1));
    const caption = one.height - (20 + 24 + 20);
    assert.equal(caption > 6, hasFonts());
    assert.deepEqual([one.width, one.channels], [20 + 32 + 20, 3]);
    assert.equal((await sheetOf(datasetOf(2))).width, 20 + 2 * (32 + 20));
    const full = await sheetOf(datasetOf(26), { samples: 30 });
    const fuller = await sheetOf(datasetOf(27), { samples: 30 });
    assert.deepEqual([full.width, fuller.width], Array(2).fill(20 + 26 * (32 + 20)));
    assert.equal(fuller.height - 20, 2 * (full.height - 20));
  });

  test("has its images on white, one beside the other", async () => {
    const { isWhite, width, height } = await sheetOf(datasetOf(2));
    assert.equal(width, 124);
    let inked = 0;
    for (let y = 20 + 24 + 6; y < height - 20; y += 1)
      for (let x = 20; x < 52; x += 1) if (!isWhite(x, y)) inked += 1;
    assert.equal(inked > 0, hasFonts(), "a caption stands below its image");
    for (const left of [20, 72]) {
      for (const [x, y] of [
        [left, 20],
        [left + 31, 43],
      ] as const)
        assert.ok(!isWhite(x, y), `${x}, ${y}`);
      for (const [x, y] of [
        [left - 1, 20],
        [left + 32, 43],
        [left, 19],
        [left, 44],
      ] as const)
        assert.ok(isWhite(x, y), `${x}, ${y}`);
    }
  });

  test("has its rows of images one below the other", async () => {
    const { isWhite, height } = await sheetOf(datasetOf(27), { samples: 30 });
    const second = 20 + (height - 20) / 2;
    const inked = (y: number) => Array.from({ length: 32 }, (_, x) => !isWhite(20 + x, y));
    for (const y of [second, second + 23]) assert.ok(inked(y).every(Boolean), `${y}`);
    for (const y of [second - 1, second + 24]) assert.ok(!inked(y).some(Boolean), `${y}`);
  });

  test("has room for the pair with most images in each place", async () => {
    const counts = [1, 3, 2];
    const source: PairSource = {
      length: counts.length,
      get: (index) => ({ image: Array(counts[index]).fill(path), text: "" }),
    };
    const dataset = new MultimodalDataset({ source, text: null, image, maxImages: 3 });
    const { width, isWhite } = await sheetOf(dataset);
    const cell = 3 * (32 + 6) - 6 + 20;
    assert.equal(width, 20 + 3 * cell);
    const inked = counts.map((_, pair) =>
      [0, 1, 2].filter((place) => !isWhite(20 + pair * cell + place * (32 + 6), 30)),
    );
    assert.deepEqual(inked, [[0], [0, 1, 2], [0, 1]]);
  });

  test("has draws beside each image: of its own augmentation, or of those that are asked for", async () => {
    const own = { horizontalFlip: 0.5 };
    const cases: [augmentation: object | undefined, options: ShowDatasetOptions, images: number][] =
      [
        [own, { draws: 2 }, 3],
        [own, {}, 5],
        [undefined, { draws: 2 }, 1],
        [undefined, { augmentations: [own, own], draws: 2 }, 5],
        [own, { augmentations: [], draws: 2 }, 1],
      ];
    for (const [augmentation, options, images] of cases) {
      const { width } = await sheetOf(datasetOf(1, augmentation), options);
      assert.equal(width, 20 + images * (32 + 6) - 6 + 20, JSON.stringify(options));
    }
  });

  test("has the first pairs, or others that a seed draws", async () => {
    const none = Array.from({ length: 29 }, () => "none.jpg");
    const dataset = new MultimodalDataset({ imagePaths: [path, ...none], text: null, image });
    assert.equal((await sheetOf(dataset, { samples: 1, seed: 1 })).width, 72);
    await assert.rejects(contactSheet(dataset, { samples: 1, seed: 1, random: true }), {
      code: "NO_READABLE_SAMPLE",
    });
  });

  test("counts draws where it is too large, before anything is read", async () => {
    const large = new ImageProcessor({ resize: { width: 4096, height: 4096 } });
    const dataset = new MultimodalDataset({ imagePaths: ["none.jpg"], text: null, image: large });
    const augmentations = [{ horizontalFlip: 1 }];
    await assert.rejects(contactSheet(dataset, { augmentations, draws: 15 }), {
      name: "RangeError",
      message: /samples: expected fewer, as a sheet of 65666 x 4136 pixels .*, got 1$/,
    });
    await assert.rejects(contactSheet(dataset, { augmentations, draws: 14 }), {
      code: "NO_READABLE_SAMPLE",
      message: /none of 1 pairs can be read; the first: .*none\.jpg/,
    });
    const options = { sample: 1 } as ShowDatasetOptions;
    await assert.rejects(contactSheet(dataset, options), /contactSheet: unknown option "sample"/);
  });
});

test("a machine has fonts by itself on macOS and Windows, else where one of their folders has a file", (t) => {
  const root = mkdtempSync(join(tmpdir(), "pixtok-fonts-"));
  t.after(() => rmSync(root, { recursive: true }));
  const [none, empty, full] = ["none", "empty", "full"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [empty, full]) mkdirSync(folder);
  writeFileSync(join(full, "a.ttf"), "");
  assert.deepEqual([hasFonts("darwin", []), hasFonts("win32", [])], [true, true]);
  assert.equal(hasFonts("linux", [none, empty]), false);
  assert.equal(hasFonts("linux", [none, empty, full]), true);
});

const noFonts = !hasFonts() && "this machine has no fonts";

describe("a caption", { skip: noFonts }, () => {
  const drawn = async (text: string, width = 34) => (await drawCaption(1, text, width)).file;
  const isSame = async (a: string, b: string, width?: number) =>
    (await drawn(a, width)).equals(await drawn(b, width));

  test("is a pair's text as its source has it, and its key where it has none", async () => {
    const tokenizer = await smallTokenizer();
    const sheet = async (text: string, key: string) => {
      const source = { length: 1, get: () => ({ image: path, text, key }) };
      const dataset = await MultimodalDataset.from(source, { image, tokenizer });
      return Buffer.from(await contactSheet(dataset)).toString("base64");
    };
    assert.notEqual(await sheet("a dog", "a"), await sheet("a cat", "a"));
    assert.equal(await sheet("a dog", "a"), await sheet("a dog", "b"));
    assert.notEqual(await sheet("A dog!", "a"), await sheet("a dog", "a"));
    assert.notEqual(await sheet("", "a"), await sheet("", "b"));
  });

  test("is cut behind as many letters as two lines have, eight at least", async () => {
    assert.ok(await isSame("abcdefghijk", "abcdefghijxyz"));
    assert.ok(!(await isSame("abcdefghij", "abcdefghijk")), "ten letters are whole");
    assert.ok(await isSame("abcdefgh1", "abcdefgh2", 20));
    assert.ok(!(await isSame("abcdefg1", "abcdefg2", 20)));
    assert.ok(await isSame("abcdefg x1", "abcdefg x2", 20), "without a space before the dots");
    // a letter of two code units is one
    assert.ok(!(await isSame("𝒜bcdefg1", "𝒜bcdefg2", 20)));
  });

  test("is text: no markup, and no control characters", async () => {
    assert.ok(await isSame("a\u0001b", "a b", 200));
    assert.ok(!(await isSame("<b>a</b>", "a", 200)));
    assert.ok(!(await isSame("&lt;", "<", 200)));
    assert.ok(!(await isSame("a > b", "a b", 200)));
  });
});
