// The parts of a page, apart from the datasets that they are of: cards, charts and errors.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PixtokError } from "../../src/shared/errors.js";
import { readOptions } from "../../src/shared/options.js";
import type { Box } from "../../src/show/boxes.js";
import { channelChart, countChart, lengthChart } from "../../src/show/charts.js";
import type { Markup } from "../../src/show/markup.js";
import { type PageImage, pairCard } from "../../src/show/pair-card.js";
import { showReaders } from "../../src/show/show-options.js";
import type { ShownPair } from "../../src/show/shown-pairs.js";
import { errorList } from "../../src/show/statistics.js";
import type { MarkedToken } from "../../src/text/marked-tokens.js";
import { type PageElement, textsOf } from "../support/html.js";
import { column, elementOf, modelImage, pageImage, pair } from "../support/shown-parts.js";

const token = (id: number, kind: MarkedToken["kind"] = "own", isCut = false): MarkedToken => ({
  id,
  token: id === 0 ? "" : `t${id}`,
  kind,
  isCut,
});

test("options of a page have their defaults and limits", () => {
  const read = (options: object) => readOptions("showDataset", options, showReaders);
  const nothing = { augmentations: undefined, title: undefined };
  assert.deepEqual(read({}), {
    ...{ samples: 24, random: false, seed: 0, draws: 4, statsSamples: 1000, boxes: {}, ...nothing },
    ...{ onProgress: undefined, signal: undefined },
  });
  const least = { samples: 1, seed: 0, draws: 1, statsSamples: 0 };
  const { samples, seed, draws, statsSamples } = read(least);
  assert.deepEqual({ samples, seed, draws, statsSamples }, least);
  for (const [name, value] of Object.entries(least)) {
    const message = new RegExp(`^${name}: expected an integer .*, got ${value - 1}$`);
    assert.throws(() => read({ [name]: value - 1 }), { name: "RangeError", message });
  }
});

describe("a card", () => {
  const cardOf = (one: ShownPair<PageImage>, ...labels: string[]) =>
    elementOf(pairCard(one, undefined, labels)).querySelector("article") as PageElement;
  const withOriginal = (bytes: number | null, format: "jpeg" | "pixels" = "jpeg") =>
    pair(0, {
      images: [
        {
          original: { image: pageImage(3, 2), size: { width: 300, height: 200 }, format, bytes },
          model: pageImage(24, 20),
          draws: [
            {
              augmentation: "flip",
              epochs: Array(2).fill({ image: pageImage(4, 5), mixed: null }),
              problem: null,
            },
          ],
        },
      ],
    });

  test("says how large the original and its file are, and what the model gets", () => {
    const sizes: [bytes: number, words: string][] = [
      [999, "999 B"],
      [1000, "1 kB"],
      [1499, "1 kB"],
      [1500, "2 kB"],
      [999_999, "1000 kB"],
      [1_000_000, "1.0 MB"],
      [1_250_000, "1.3 MB"],
    ];
    for (const [bytes, words] of sizes) {
      const captions = textsOf(cardOf(withOriginal(bytes)), "figcaption");
      assert.deepEqual(captions, [`original 300 × 200 · jpeg, ${words}`, "model 24 × 20", "flip"]);
    }
    const [ofPixels] = textsOf(cardOf(withOriginal(null, "pixels")), "figcaption");
    assert.equal(ofPixels, "original 300 × 200 · pixels");
    const drawn = [...cardOf(withOriginal(1)).querySelectorAll(".draws img")];
    assert.deepEqual(
      drawn.map((one) => ["alt", "width", "height"].map((name) => one.getAttribute(name))),
      [0, 1].map((epoch) => [`drawn in epoch ${epoch}`, "4", "5"]),
    );
  });

  test("has its index, and its key where that is another", () => {
    assert.deepEqual(textsOf(cardOf(pair(7)), "h3"), ["#7 key 7"]);
    const same = cardOf(pair(7, { key: "7" }));
    assert.deepEqual(textsOf(same, "h3"), ["#7"]);
    assert.equal(same.querySelector(".key")?.getAttribute("title"), "7");
  });

  test("has for the filters what they look at", () => {
    const list = [token(1), token(2, "unknown"), token(3, "own", true)];
    const text = {
      original: "A Dog",
      cleaned: "a dog!",
      tokens: { list, kept: 2, cut: 1, unknown: 1, padding: 0 },
    };
    const columns = [column("label", "3"), column("word", "CAT")];
    const card = cardOf(pair(5, { text, columns }), "word", "none", "label");
    const facts = ["text", "tokens", "state", "labels"].map((name) =>
      card.getAttribute(`data-${name}`),
    );
    assert.deepEqual(facts, [
      "5 key 5 a dog a dog! label 3 word cat",
      "3",
      "read cut unknown",
      '["CAT",null,"3"]',
    ]);
    assert.deepEqual(textsOf(card, ".badge"), ["1 unknown", "1 cut"]);
    const plain = cardOf(pair(5, { replaces: 0 }));
    assert.equal(plain.getAttribute("data-tokens"), "");
    assert.equal(plain.getAttribute("data-state"), "read");
    assert.deepEqual(textsOf(plain, ".badge"), ["in place of #0"]);
  });

  test("of a pair that cannot be read says why, and is found by it", () => {
    const error = { index: 4, source: "A.jpg", code: "EMPTY_FILE", message: "It is" } as const;
    const card = elementOf(pairCard(error, undefined, ["a", "b"])).querySelector("article");
    assert.equal(card?.getAttribute("data-text"), "4 a.jpg empty_file it is");
    assert.equal(card?.getAttribute("data-state"), "error");
    assert.equal(card?.getAttribute("data-labels"), "[null,null]");
    assert.deepEqual(textsOf(card as PageElement, ".badge.bad"), ["cannot be read"]);
    assert.deepEqual(textsOf(card as PageElement, "h3"), ["#4 A.jpg"]);
  });

  test("says of its tokens what there is of them, and has short lists open", () => {
    const summaries: [counts: readonly number[], words: string][] = [
      [[1, 0, 0, 0], "1 token"],
      [[0, 0, 0, 0], "0 tokens"],
      [[2, 3, 4, 5], "2 tokens · 3 unknown · 4 cut · 5 of padding"],
    ];
    for (const [[kept = 0, unknown = 0, cut = 0, padding = 0], words] of summaries) {
      const tokens = { list: [], kept, unknown, cut, padding };
      const card = cardOf(pair(0, { text: { original: "", cleaned: null, tokens } }));
      assert.deepEqual(textsOf(card, "summary"), [words]);
    }
    for (const length of [40, 41]) {
      const list = Array.from({ length }, (_, i) => token(i + 1));
      const tokens = { list, kept: length, unknown: 0, cut: 0, padding: 0 };
      const card = cardOf(pair(0, { text: { original: "x", cleaned: null, tokens } }));
      const isOpen = card.querySelector("details")?.getAttribute("open");
      assert.equal(isOpen !== null, length === 40, `${length} tokens`);
    }
    const list = [token(0), token(7, "special"), token(8, "unknown"), token(9, "unknown", true)];
    const tokens = { list, kept: 3, unknown: 1, cut: 1, padding: 0 };
    const card = cardOf(pair(0, { text: { original: "x", cleaned: null, tokens } }));
    assert.deepEqual(
      Array.from(card.querySelector(".tokens")?.children ?? [], (one) => [
        one.textContent,
        one.getAttribute("class") ?? "",
        one.getAttribute("title"),
      ]),
      [
        ["␣", "", "0"],
        ["t7", "special", "7, special"],
        ["t8", "unknown", "8, unknown"],
        ["t9", "cut", "9, cut"],
      ],
    );
  });

  test("has each image's draws behind it, or behind the columns beside the only one", () => {
    const captionsOf = (parts: Partial<ShownPair<PageImage>>) =>
      textsOf(cardOf(pair(0, parts)), "figcaption");
    const mask = { column: "mask", ...modelImage("turn") };
    assert.deepEqual(captionsOf({ images: [modelImage("flip"), modelImage("crop")] }), [
      ...["model 44 × 22", "flip", "model 44 × 22", "crop"],
    ]);
    assert.deepEqual(captionsOf({ images: [modelImage("flip")], columnImages: [mask] }), [
      ...["model 44 × 22", "mask, model 44 × 22", "flip", "mask turn"],
    ]);
    const images = [modelImage("flip"), modelImage()];
    assert.deepEqual(captionsOf({ images, columnImages: [mask] }), [
      ...["model 44 × 22", "flip", "model 44 × 22", "mask, model 44 × 22", "mask turn"],
    ]);
  });

  test("says what is wrong with an original, and with draws", () => {
    const problem = "too small";
    const draws = [{ augmentation: "crop", epochs: [], problem }];
    const original = new PixtokError("EMPTY_FILE", "it is empty");
    const card = cardOf(pair(0, { images: [{ original, model: null, draws }] }));
    assert.deepEqual(textsOf(card, ".frame p"), [original.message]);
    assert.deepEqual(textsOf(card, ".draws .fault"), [problem]);
    assert.equal([...card.querySelectorAll("img")].length, 0);
  });

  test("has the boxes over its first image, with their names", () => {
    const box = (label: string): Box => ({ left: 1, top: 2, width: 3.456, height: -1, label });
    const images = [modelImage(), modelImage()];
    const overlaysOf = (model: Box[]) => [
      ...elementOf(pairCard(pair(0, { images }), { original: [], model }, [])).querySelectorAll(
        "svg.boxes",
      ),
    ];
    const [overlay, ...others] = overlaysOf([box("dog"), box("")]);
    assert.equal(others.length, 0);
    assert.equal(overlay?.getAttribute("aria-label"), "2 boxes: dog");
    assert.equal(overlay?.getAttribute("viewBox"), "0 0 44 22");
    const rects = [...(overlay?.querySelectorAll("rect:not(.halo)") ?? [])];
    assert.deepEqual(
      rects.map((rect) => ["x", "y", "width", "height"].map((name) => rect.getAttribute(name))),
      Array(2).fill(["1", "2", "3.46", "0"]),
    );
    // a letter is a 22nd of the longer side
    const names = [...(overlay?.querySelectorAll("text") ?? [])].map((text) => [
      text.textContent,
      ...["x", "y", "font-size", "stroke-width"].map((name) => text.getAttribute(name)),
    ]);
    assert.deepEqual(names, [["dog", "1.5", "4.2", "2", "0.4"]]);
    assert.equal(overlaysOf([box("")])[0]?.getAttribute("aria-label"), "1 box");
  });

  test("has a frame around what is of another pair, unless there is nothing of it", () => {
    const framesOf = (width: number, height: number) => {
      const part = { left: 0, top: 0, width, height };
      const mixed = { name: "cutMix", other: 3, otherRow: 1, share: 0.5, part } as const;
      const card = pairCard(pair(0, { images: [modelImage()], mixed }), undefined, []);
      return textsOf(elementOf(card), "svg.boxes text");
    };
    assert.deepEqual(framesOf(1, 1), ["#3"]);
    for (const [width, height] of [
      [0, 5],
      [5, 0],
    ] as const) {
      assert.deepEqual(framesOf(width, height), [], `${width} x ${height}`);
    }
  });
});

describe("a chart", () => {
  const attributesOf = (chart: Markup, selector: string, ...names: string[]) =>
    [...elementOf(chart).querySelectorAll(selector)].map((one) =>
      names.map((name) => one.getAttribute(name)),
    );

  test("of counts has the twelve most frequent values", () => {
    const counts = new Map(Array.from({ length: 13 }, (_, i) => [`v${i}`, i + 1]));
    const chart = countChart("title", counts);
    const shown = textsOf(elementOf(chart), "tbody th");
    assert.deepEqual(
      shown,
      Array.from({ length: 12 }, (_, i) => `v${12 - i}`),
    );
    assert.deepEqual(textsOf(elementOf(chart), ".unit"), ["and 1 more"]);
    assert.deepEqual(attributesOf(chart, ".bar", "width").slice(0, 2), [["100"], ["92.308"]]);
    assert.deepEqual(textsOf(elementOf(chart), "figcaption"), ["title"]);
    assert.deepEqual(attributesOf(countChart("", new Map([["a", 1]])), ".bar", "width"), [["100"]]);
    counts.delete("v0");
    assert.deepEqual(textsOf(elementOf(countChart("title", counts)), ".unit"), []);
  });

  test("of lengths has a bar for each, up to 64 of them, and a line behind maxLength", () => {
    const flat = (length: number) => Array.from({ length }, () => 1);
    for (const [lengths, bars, viewBox] of [
      [64, 64, "0 0 64 100"],
      [65, 33, "0 0 66 100"],
      [128, 64, "0 0 128 100"],
      [129, 43, "0 0 129 100"],
    ] as const) {
      const chart = lengthChart(flat(lengths), 1000);
      assert.equal(attributesOf(chart, ".bar").length, bars);
      assert.deepEqual(attributesOf(chart, "svg", "viewBox"), [[viewBox]]);
      assert.deepEqual(attributesOf(chart, ".limit"), []);
    }
    const chart = lengthChart([0, 4, 2, 1], 2);
    assert.deepEqual(attributesOf(chart, ".bar", "x", "y", "width", "height"), [
      ["0.08", "100", "0.84", "0"],
      ["1.08", "0", "0.84", "100"],
      ["2.08", "50", "0.84", "50"],
      ["3.08", "75", "0.84", "25"],
    ]);
    assert.deepEqual(attributesOf(chart, ".limit", "d"), [["M3,0V100"]]);
    assert.deepEqual(textsOf(elementOf(chart), ".axis-x span"), ["0", "2", "3"]);
    assert.deepEqual(textsOf(elementOf(chart), ".axis-y span"), ["4", "0"]);
    assert.deepEqual(attributesOf(lengthChart([0, 4, 2, 1], 3), ".limit"), []);
    assert.match(elementOf(chart).innerHTML, /each number of tokens, from 0 to 3"/);
    // lengths that are joined are added
    const joined = lengthChart([...flat(64), 5], 99);
    assert.deepEqual(attributesOf(joined, ".bar", "height").at(-1), ["100"]);
    assert.deepEqual(attributesOf(joined, ".bar", "x", "width", "height").slice(0, 2), [
      ["0.16", "1.68", "40"],
      ["2.16", "1.68", "40"],
    ]);
    const one = lengthChart([0, 1], 9);
    assert.deepEqual(attributesOf(one, ".bar", "height"), [["0"], ["100"]]);
    assert.deepEqual(
      [...textsOf(elementOf(one), "figcaption"), ...textsOf(elementOf(one), ".unit")],
      ["Lengths of texts", "tokens · texts"],
    );
  });

  test("of channels says how often the most frequent value is", () => {
    const none = Array.from({ length: 256 }, () => 0);
    const chart = channelChart([[3, ...none.slice(1)], none, none], 8);
    assert.deepEqual(textsOf(elementOf(chart), ".axis-y span"), ["37.5 %", "0"]);
    const [[line = "", name] = []] = attributesOf(chart, ".line", "d", "class");
    assert.equal(name, "line red");
    assert.deepEqual(attributesOf(chart, ".line", "class").slice(1), [
      ["line green"],
      ["line blue"],
    ]);
    assert.deepEqual(attributesOf(chart, "svg", "viewBox"), [["0 0 256 100"]]);
    assert.deepEqual(attributesOf(chart, ".grid", "d"), [["M0,0H256M0,50H256"]]);
    const words = (selector: string) => textsOf(elementOf(chart), selector);
    assert.deepEqual(words("figcaption"), ["Values of red, green and blue"]);
    assert.deepEqual(words(".axis-x span"), ["0", "64", "128", "192", "255"]);
    assert.deepEqual(words(".unit"), ["value of a channel · share of pixels"]);
    assert.match(line ?? "", /^M0,0H1V100H2V100H3/);
    assert.match(elementOf(chart).innerHTML, /most frequent one is 37\.5 % of the pixels/);
  });
});

test("errors are listed up to two hundred", () => {
  const list = Array.from({ length: 201 }, (_, index) => ({
    index,
    source: "a",
    code: "EMPTY_FILE" as const,
    message: `error ${index}`,
  }));
  for (const [count, shown, more] of [
    [200, 200, []],
    [201, 200, ["and 1 more"]],
    [5000, 200, ["and 4800 more"]],
  ] as const) {
    const element = elementOf(errorList({ count, list: list.slice(0, count) }));
    assert.deepEqual([element.querySelectorAll("li").length, textsOf(element, "p")], [shown, more]);
  }
  assert.match(elementOf(errorList({ count: 0, list: [] })).textContent, /Every pair .* can be/);
});
