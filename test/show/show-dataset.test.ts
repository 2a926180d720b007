import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  contactSheet,
  DataLoader,
  type ImageInput,
  ImageProcessor,
  MultimodalDataset,
  type Pair,
  type PairSource,
  packDataset,
  showDataset,
} from "pixtok";
import sharp from "sharp";
import { fixture } from "../support/fixtures.js";
import { documentOf, type PageElement, pixelsOf, textsOf } from "../support/html.js";
import { smallTokenizer } from "../support/pairs.js";

const image = new ImageProcessor({ resize: { width: 32, height: 32 } });
const tokenizer = await smallTokenizer();
const path = fixture("images/jpeg-17x33.jpg");
const none = { statsSamples: 0 };

/** A dataset of one image, with these texts. */
const ofTexts = (texts: readonly string[], text = {}) =>
  new MultimodalDataset({ imagePaths: texts.map(() => path), texts, tokenizer, image, text });

async function cardsOf(
  dataset: Parameters<typeof showDataset>[0],
  options: Parameters<typeof showDataset>[1] = none,
): Promise<PageElement[]> {
  const page = documentOf(await showDataset(dataset, options));
  return [...page.querySelectorAll(".card")];
}

const tokensOf = (card: PageElement | undefined) =>
  Array.from(card?.querySelector(".tokens")?.children ?? [], (token) => [
    token.textContent,
    token.getAttribute("class") ?? "",
  ]);

describe("tokens of a text", () => {
  test("are those of the vocabulary, special ones, unknown ones and those that are cut marked", async () => {
    const [card] = await cardsOf(ofTexts(["a \u2603 b c"], { clean: "none", maxLength: 5 }));
    assert.deepEqual(tokensOf(card), [
      ["[CLS]", "special"],
      ["a", ""],
      ["[UNK]", "unknown"],
      ["b", ""],
      ["c", "cut"],
      ["[SEP]", "special"],
    ]);
    assert.equal(textsOf(card as PageElement, "summary")[0], "5 tokens · 1 unknown · 1 cut");
    assert.deepEqual(textsOf(card as PageElement, ".badge"), ["1 unknown", "1 cut"]);
    const [other] = await cardsOf(ofTexts(["a b c \u2603"], { clean: "none", maxLength: 5 }));
    assert.equal(textsOf(other as PageElement, "summary")[0], "5 tokens · 1 cut");
  });

  test("are counted with their padding", async () => {
    const [card] = await cardsOf(ofTexts(["a b"], { maxLength: 16 }));
    assert.equal(textsOf(card as PageElement, "summary")[0], "4 tokens · 12 of padding");
  });

  test("stand below the text, and what was cleaned of it", async () => {
    const [plain, cleaned] = await cardsOf(ofTexts(["a dog", "A Dog!"]));
    assert.deepEqual(textsOf(plain as PageElement, ".caption, .cleaned"), ["a dog"]);
    assert.deepEqual(textsOf(cleaned as PageElement, ".caption, .cleaned"), [
      "A Dog!",
      "as it is tokenized: a dog",
    ]);
  });

  test("of a tokenizer of one's own are what it decodes, else their ids", async () => {
    const letters = {
      encode: (text: string) => [...text].map((letter) => letter.codePointAt(0) as number),
      pad_token_id: 0,
    };
    const named = { ...letters, decode: ([id = 0]: number[]) => String.fromCodePoint(id) };
    const failing = {
      ...letters,
      decode: ([id]: number[]) => {
        if (id === 97) throw new Error("unknown");
        return id === 98 ? "" : 1;
      },
    };
    for (const [own, expected] of [
      [letters, ["97", "98"]],
      [named, ["a", "b"]],
      [failing, ["97", "98"]],
    ] as const) {
      const dataset = new MultimodalDataset({
        imagePaths: [path],
        texts: ["abc"],
        tokenizer: own,
        image,
        text: { maxLength: 2 },
      });
      const [card] = await cardsOf(dataset);
      assert.deepEqual(
        tokensOf(card).map(([token]) => token),
        expected,
      );
      assert.equal(textsOf(card as PageElement, "summary")[0], "2 tokens · 1 cut");
    }
  });
});

describe("pairs", () => {
  test("are the first ones, or random ones of a seed", async () => {
    const dataset = ofTexts(Array.from({ length: 30 }, (_, i) => `text ${i}`));
    const shown = async (options: object) =>
      (await cardsOf(dataset, { ...none, samples: 5, ...options })).map((card) =>
        Number(/#(\d+)/.exec(card.querySelector("h3")?.textContent ?? "")?.[1]),
      );
    assert.deepEqual(await shown({}), [0, 1, 2, 3, 4]);
    const random = await shown({ random: true, seed: 3 });
    assert.equal(new Set(random).size, 5);
    assert.deepEqual(await shown({ random: true, seed: 3 }), random);
    assert.notDeepEqual(await shown({ random: true, seed: 4 }), random);
  });

  test("that cannot be read stand in their places, with what is wrong with them", async () => {
    const imagePaths = [path, "none.jpg", path];
    const texts = ["a", "b", "c"];
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer, image });
    const page = documentOf(await showDataset(dataset));
    const cards = [...page.querySelectorAll(".card")];
    assert.deepEqual(
      cards.map((card) => card.getAttribute("data-state")),
      ["read", "error", "read"],
    );
    assert.match(textsOf(page, ".fault")[0] ?? "", /^FILE_NOT_FOUND.*none\.jpg/);
    // also by the statistics, but said once
    assert.equal(textsOf(page, ".errors li").length, 1);
    assert.match(page.querySelector("#statistics")?.textContent ?? "", /2 pairs, 2,048 pixels/);
  });

  test("have of several texts the one that a seed draws in its first epoch", async () => {
    const dataset = new MultimodalDataset({
      imagePaths: Array(8).fill(path),
      texts: Array(8).fill(["a", "b", "c", "d"]),
      onMultipleTexts: "random",
      tokenizer,
      image,
    });
    for await (const { texts } of new DataLoader(dataset, { batchSize: 8, seed: 5 })) {
      const cards = await cardsOf(dataset, { ...none, seed: 5 });
      const captions = cards.flatMap((card) => textsOf(card, ".caption, .cleaned"));
      assert.deepEqual(captions, texts);
    }
  });

  test("of which none can be read are on a page, and on no sheet", async () => {
    const dataset = new MultimodalDataset({ imagePaths: ["none.jpg"], text: null });
    assert.equal((await cardsOf(dataset, {})).length, 1);
    await assert.rejects(contactSheet(dataset), { code: "NO_READABLE_SAMPLE" });
  });

  test("of several images have all that are there", async () => {
    const source: PairSource = {
      length: 1,
      get: (): Pair => ({ image: [path, null, fixture("images/png-rgb.png")], text: "" }),
    };
    const dataset = new MultimodalDataset({ source, text: null, image, maxImages: 4 });
    const [card] = await cardsOf(dataset);
    assert.equal(card?.querySelectorAll('[alt="the original"]').length, 2);
    assert.equal(card?.querySelectorAll('[alt="what the model gets"]').length, 2);
  });

  test("of a packed set are as they were packed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pixtok-show-"));
    const dataset = ofTexts(["A dog!", "a b c d e f g"], { maxLength: 6 });
    await packDataset(dataset, folder);
    const cards = await cardsOf(await MultimodalDataset.from(folder));
    rmSync(folder, { recursive: true });
    const expected = await cardsOf(dataset);
    const parts = (card: PageElement) => ({
      tokens: tokensOf(card),
      image: card.querySelector('[alt="what the model gets"]')?.getAttribute("src"),
    });
    assert.deepEqual(cards.map(parts), expected.map(parts));
    assert.match(cards[0]?.textContent ?? "", /original 32 × 32 · pixels/);
  });
});

describe("draws of augmentations", () => {
  const flipped = { horizontalFlip: 1 };

  test("are what the dataset makes with them, epoch for epoch", async () => {
    const dataset = ofTexts(["a", "b"]);
    const augmentations = [flipped, { randomResizedCrop: {} }];
    const cards = await cardsOf(dataset, { ...none, augmentations, draws: 3, seed: 5 });
    for (const [index, card] of cards.entries()) {
      const rows = [...card.querySelectorAll(".draws")];
      assert.deepEqual(textsOf(card, ".draws code"), [
        "horizontalFlip: 1",
        "randomResizedCrop: {}",
      ]);
      for (const [place, row] of rows.entries()) {
        const drawn = new MultimodalDataset({
          imagePaths: [path, path],
          text: null,
          image: new ImageProcessor({
            ...image.config,
            mean: null,
            std: null,
            rescale: false,
            type: "uint8",
            layout: "hwc",
          }),
          augmentation: augmentations[place] as object,
        });
        for (const [epoch, shown] of [...row.querySelectorAll("img")].entries()) {
          const expected = (await drawn.get(index, { seed: 5, epoch })).image.data as Uint8Array;
          const { data } = await pixelsOf(shown);
          // a page has them in less than all of their digits
          const off = data.reduce(
            (sum, byte, i) => sum + Math.abs(byte - (expected[i] as number)),
            0,
          );
          assert.ok(off / data.length < 12, `${off / data.length} of a byte on average`);
        }
        assert.equal(row.querySelectorAll("img").length, 3);
      }
    }
  });

  test("are of the dataset's own augmentation by default, and the image above is without it", async () => {
    const own = new MultimodalDataset({
      imagePaths: [path],
      text: null,
      image,
      augmentation: flipped,
    });
    const [card] = await cardsOf(own);
    assert.deepEqual(textsOf(card as PageElement, ".draws code"), ["horizontalFlip: 1"]);
    const [plain] = await cardsOf(new MultimodalDataset({ imagePaths: [path], text: null, image }));
    const model = '[alt="what the model gets"]';
    const url = (of: PageElement | undefined) => of?.querySelector(model)?.getAttribute("src");
    assert.equal(url(card), url(plain));
  });

  test("that are not possible of an image are said to be so below it", async () => {
    const large = new ImageProcessor({ resize: null, centerCrop: 40 });
    const dataset = new MultimodalDataset({ imagePaths: [path], text: null, image: large });
    const [card] = await cardsOf(dataset, { ...none, augmentations: [{ randomCrop: {} }] });
    assert.match(textsOf(card as PageElement, ".draws .fault")[0] ?? "", /sample 0, .*40x40/);
    assert.equal(card?.querySelectorAll(".draws img").length, 0);
  });

  const grey = (value: number) =>
    ({ data: new Uint8Array(12).fill(value), width: 2, height: 2, channels: 3 }) as const;
  const greyOf = async (drawn: PageElement) =>
    Math.round(((await pixelsOf(drawn)).data[0] as number) / 60);
  const drawing = { ...none, draws: 1, augmentations: [flipped] };

  test("are of each of several images", async () => {
    const images = [
      [grey(60), grey(180)],
      [grey(120), grey(240)],
    ];
    const source = {
      length: 2,
      get: (index: number) => ({ image: images[index] as ImageInput[], text: "" }),
    };
    const dataset = new MultimodalDataset({ source, text: null, image, maxImages: 2 });
    const cards = await cardsOf(dataset, drawing);
    const drawn = cards.flatMap((card) => [...card.querySelectorAll(".draws img")]);
    assert.deepEqual(await Promise.all(drawn.map(greyOf)), [1, 3, 2, 4]);
  });

  test("are of each pair's own image behind one that cannot be read", async () => {
    const images = [grey(60), "none.jpg", grey(180)];
    const source: PairSource = {
      length: 3,
      get: (index) => ({ image: images[index] as ImageInput, text: "" }),
    };
    const dataset = new MultimodalDataset({ source, text: null, image });
    const drawn = (await cardsOf(dataset, drawing)).map((card) => card.querySelector(".draws img"));
    const values = drawn.map((one) => one && greyOf(one));
    assert.deepEqual(await Promise.all(values), [1, null, 3]);
  });

  test("end where one of them is not possible, though those before are", async () => {
    let reads = 0;
    const source: PairSource = {
      length: 1,
      get() {
        reads += 1;
        // the pair itself, and its first draw
        return { image: reads <= 2 ? path : "gone.jpg", text: "" };
      },
    };
    const dataset = new MultimodalDataset({ source, text: null, image });
    const [card] = await cardsOf(dataset, { ...none, augmentations: [{ horizontalFlip: 1 }] });
    assert.match(textsOf(card as PageElement, ".draws .fault")[0] ?? "", /gone\.jpg/);
    assert.equal(card?.querySelectorAll(".draws img").length, 1);
  });

  test("that there are none of are refused by their names", async () => {
    const augmentations = [{ verticalFlop: 1 } as object];
    await assert.rejects(showDataset(ofTexts(["a"]), { augmentations }), {
      name: "TypeError",
      message: /unknown option "verticalFlop"/,
    });
  });
});

describe("a contact sheet", () => {
  test("has what the model gets, pixel for pixel, row by row", async () => {
    const dataset = new MultimodalDataset({ imagePaths: [path, path], text: null, image });
    const sheet = await contactSheet(dataset, { augmentations: [{ horizontalFlip: 1 }], draws: 1 });
    const [card] = await cardsOf(dataset);
    const { data } = await pixelsOf(card?.querySelector('[alt="what the model gets"]') ?? null);
    const size = { width: 32, height: 32 };
    const at = (left: number) =>
      sharp(sheet)
        .extract({ left, top: 20, ...size })
        .raw()
        .toBuffer();
    assert.ok((await at(20)).equals(data));
    const mirrored = await sharp(data, { raw: { ...size, channels: 3 } })
      .flop()
      .raw()
      .toBuffer();
    assert.ok((await at(20 + 32 + 6)).equals(mirrored));
  });

  test("of more images than viewers can show is refused", async () => {
    const large = new ImageProcessor({ resize: { width: 4096, height: 4096 } });
    const imagePaths = Array.from({ length: 17 }, () => fixture("images/jpeg-7x5.jpg"));
    const dataset = new MultimodalDataset({ imagePaths, text: null, image: large });
    await assert.rejects(contactSheet(dataset), /samples: expected fewer, .* got 17/);
  });
});

describe("options of showDataset", () => {
  test("that do not exist or have no possible value are refused", async () => {
    const dataset = ofTexts(["a"]);
    for (const [options, message] of [
      [{ sample: 1 }, /unknown option "sample"/],
      [{ samples: 0 }, /samples: expected an integer of at least 1/],
      [{ draws: 65 }, /draws: expected an integer from 1 to 64/],
      [{ boxes: { box: "yxyx" } }, /boxes\.box: expected one of "xyxy", "xywh", "cxcywh"/],
      [{ augmentations: {} }, /augmentations: expected an array/],
    ] as [object, RegExp][]) {
      await assert.rejects(showDataset(dataset, options), message);
    }
  });

  test("say how far it is, and end it", async () => {
    const dataset = ofTexts(["a", "b", "c"]);
    const seen: string[] = [];
    await showDataset(dataset, {
      samples: 2,
      onProgress: (done, total) => seen.push(`${done}/${total}`),
    });
    assert.deepEqual(seen, ["2/5", "5/5"]);
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(showDataset(dataset, { signal }), /enough/);
  });
});
