import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, describe, test } from "node:test";
import {
  computeStats,
  type DatasetStats,
  ImageProcessor,
  MultimodalDataset,
  statsPage,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { documentOf, type PageElement, textsOf } from "../support/html.js";
import { smallTokenizer } from "../support/pairs.js";

const texts = ["a", "a dog", "a cat", "a red cat", "a a a a a a a a", "a b c d e f g"];

async function statsOf(image?: ImageProcessor): Promise<DatasetStats> {
  const imagePaths = texts.map((_, i) => fixture(`images/${i < 3 ? "jpeg-420" : "jpeg-444"}.jpg`));
  const text = { maxLength: 8 };
  const tokenizer = await smallTokenizer();
  return computeStats(
    new MultimodalDataset({ imagePaths, texts, tokenizer, text, ...(image && { image }) }),
  );
}

const documentOfStats = (stats: DatasetStats) => documentOf(statsPage(stats));

describe("a page of statistics", () => {
  let stats: DatasetStats;
  let document: PageElement;
  before(async () => {
    stats = await statsOf();
    document = documentOfStats(stats);
  });

  test("shows a configuration and a warning as they are, whatever is in them", () => {
    const text = "<b>&amp; </pre><script>alert(1)</script>";
    const page = documentOfStats({ ...stats, configuration: text, warning: text });
    assert.equal(page.querySelectorAll("script, b").length, 0);
    assert.equal(page.querySelector("pre")?.textContent, text);
    assert.equal(page.querySelector(".warning")?.textContent, `Warning: ${text}`);
  });

  test("says mean and standard deviation of each channel", () => {
    for (const [c, row] of [...document.querySelectorAll(".moments tbody tr")].entries()) {
      const { normalization } = stats;
      const values = [stats.mean, stats.std, normalization?.mean, normalization?.std];
      assert.deepEqual(
        Array.from(row.children, ({ textContent }) => textContent),
        [["red", "green", "blue"][c], ...values.map((of) => of?.[c]?.toFixed(4))],
      );
    }
  });

  test("says how many pairs, and the configuration", () => {
    assert.deepEqual(
      [...textsOf(document, "h1"), ...textsOf(document, "title")],
      [...["Dataset statistics", "Dataset statistics"]],
    );
    assert.match(document.textContent, /6 pairs, 301,056 pixels\./);
    assert.equal(document.querySelector("pre")?.textContent, stats.configuration);
  });

  test("needs nothing else", () => {
    const page = statsPage(stats);
    assert.doesNotMatch(page, /<script|<img|src=|@import|url\(|https?:/);
    const [, style = ""] = /<style>(.*)<\/style>/s.exec(page) ?? [];
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = documentOf(page)
      .querySelector('[http-equiv="Content-Security-Policy"]')
      ?.getAttribute("content");
    assert.equal(
      policy,
      `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
  });

  test("has a line as high as there are pixels of each value, for each channel", () => {
    const lines = [...document.querySelectorAll("svg .line")];
    assert.equal(lines.length, 3);
    // in steps: down or up to each value's height, then one to the right
    const heights = lines.map((line) =>
      [...(line.getAttribute("d") ?? "").matchAll(/(?:M0,|V)([\d.]+)H/g)].map(
        ([, y]) => 100 - Number(y),
      ),
    );
    const most = Math.max(...stats.channelHistograms.flat());
    for (const [c, histogram] of stats.channelHistograms.entries()) {
      assert.equal(heights[c]?.length, 256);
      for (const [value, times] of histogram.entries()) {
        const height = heights[c]?.[value] as number;
        assert.ok(Math.abs(height - (100 * times) / most) < 0.001, `channel ${c}, value ${value}`);
      }
    }
  });

  test("has a bar as high as there are texts of each length", () => {
    const bars = [...document.querySelectorAll("svg .bar")];
    const most = Math.max(...stats.tokenLengthHistogram);
    assert.deepEqual(
      bars.map((bar) => Math.round((Number(bar.getAttribute("height")) * most) / 100)),
      stats.tokenLengthHistogram,
    );
  });

  test("shows where texts are cut, and says how many are", () => {
    assert.match(document.textContent, /2 texts \(33\.3 %\) have more than maxLength = 8/);
    // bars are one unit wide: the line stands behind that of 8
    assert.equal(document.querySelector("svg .limit")?.getAttribute("d"), "M9,0V100");
  });

  test("lists pairs that cannot be read", () => {
    const errors = {
      count: 1001,
      list: [{ index: 4, source: "a", code: "FILE_NOT_FOUND" as const, message: "<i>none</i>" }],
    };
    const page = documentOfStats({ ...stats, errors });
    assert.deepEqual(textsOf(page, ".errors li"), ["FILE_NOT_FOUND <i>none</i>"]);
    assert.deepEqual([textsOf(page, "h2"), textsOf(document, "h2")], [["Errors"], []]);
    assert.match(page.textContent, /6 pairs, 301,056 pixels; 1001 more could not be read\./);
  });
});

test("a page has no normalized values where nothing is normalized", async () => {
  const image = new ImageProcessor({ resize: { width: 8, height: 8 }, mean: null, std: null });
  const stats = await statsOf(image);
  const rows = [...documentOfStats(stats).querySelectorAll(".moments tbody tr")];
  assert.deepEqual(
    rows.map((row) => Array.from(row.children, ({ textContent }) => textContent)),
    ["red", "green", "blue"].map((name, c) => [
      name,
      stats.mean[c]?.toFixed(4),
      stats.std[c]?.toFixed(4),
    ]),
  );
  assert.equal(documentOfStats(stats).querySelectorAll('[scope="colgroup"]').length, 0);
});

test("a page of texts that nobody has counted says nothing of their lengths", async () => {
  const stats = await statsOf();
  const captions = (parts: Partial<DatasetStats>) =>
    textsOf(documentOfStats({ ...stats, ...parts }), "figcaption");
  assert.deepEqual(captions({}), ["Values of red, green and blue", "Lengths of texts"]);
  assert.deepEqual(captions({ maxLength: null }), ["Values of red, green and blue"]);
  assert.deepEqual(captions({ tokenLengthHistogram: [6] }), ["Values of red, green and blue"]);
  assert.equal(captions({ tokenLengthHistogram: [6, 0] }).length, 2);
});

test("a page shows no cut where no text is too long", async () => {
  const document = documentOfStats({ ...(await statsOf()), maxLength: 128 });
  assert.match(document.textContent, /No text has more than maxLength = 128 tokens/);
  assert.equal(document.querySelectorAll("svg .limit").length, 0);
});

test("a page does not take a text for cut that has just as many tokens as there is room for", async () => {
  // texts of 0, 1, 2 … tokens
  const tokenLengthHistogram = [0, 0, 1, 3, 2];
  const document = documentOfStats({ ...(await statsOf()), maxLength: 3, tokenLengthHistogram });
  assert.match(document.textContent, /2 texts \(33\.3 %\) have more than maxLength = 3/);
});

test("a page joins lengths where there are very many", async () => {
  const tokenLengthHistogram = Array.from({ length: 1000 }, () => 1);
  const document = documentOfStats({ ...(await statsOf()), tokenLengthHistogram });
  assert.equal(document.querySelectorAll("svg .bar").length, Math.ceil(1000 / 16));
});

test("a page warns of a processor that does not fit", async () => {
  const mean: [number, number, number] = [0.9, 0.9, 0.9];
  const stats = await statsOf(new ImageProcessor({ mean, std: mean }));
  assert.equal(
    documentOfStats(stats).querySelector(".warning")?.textContent,
    `Warning: ${stats.warning}`,
  );
  assert.equal(documentOfStats(await statsOf()).querySelector(".warning"), null);
});
