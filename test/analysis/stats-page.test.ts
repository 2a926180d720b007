import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseHTML } from "linkedom";
import {
  computeStats,
  type DatasetStats,
  ImageProcessor,
  MultimodalDataset,
  statsPage,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
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

/** What of a document these tests look at; there are no types of a browser here. */
interface PageElement {
  readonly textContent: string;
  readonly children: Iterable<PageElement>;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement> & { length: number };
}

async function bodyOf(stats: DatasetStats): Promise<PageElement> {
  return parseHTML(await statsPage(stats)).document.body as unknown as PageElement;
}

describe("a page of statistics", () => {
  let stats: DatasetStats;
  let body: PageElement;
  before(async () => {
    stats = await statsOf();
    body = await bodyOf(stats);
  });

  test("shows a configuration and a warning as they are, whatever is in them", async () => {
    const text = "<b>&amp; </pre><script>alert(1)</script>";
    const { innerHTML } = (await bodyOf({ ...stats, configuration: text, warning: text })) as never;
    assert.doesNotMatch(innerHTML, /<script>|<b>/);
    const page = await bodyOf({ ...stats, configuration: text, warning: text });
    assert.equal(page.querySelector("pre")?.textContent, text);
    assert.equal(page.querySelector(".warning")?.textContent, `Warning: ${text}`);
  });

  test("says mean and standard deviation of each channel", () => {
    const rows = Array.from(body.querySelectorAll("tr"), (row) =>
      Array.from(row.children, ({ textContent }) => textContent),
    );
    assert.deepEqual(rows[0]?.slice(0, 3), ["channel", "mean", "std"]);
    for (const [c, name] of ["red", "green", "blue"].entries()) {
      const figures = [stats.mean, stats.std].map((values) => values[c]?.toFixed(4));
      assert.deepEqual(rows[c + 1]?.slice(0, 3), [name, ...figures]);
    }
  });

  test("says how many pairs, and the configuration", () => {
    assert.match(body.textContent, /6 pairs, 301056 pixels\./);
    assert.equal(body.querySelector("pre")?.textContent, stats.configuration);
  });

  test("needs nothing else", async () => {
    const page = await statsPage(stats);
    assert.doesNotMatch(page, /<script|<link|<img|src=|href=|@import|url\(/);
  });

  /** That heights in a plot are to each other as counts are. */
  const assertProportional = (heights: number[], counts: readonly number[]) => {
    const unit = Math.max(...heights) / Math.max(...counts);
    assert.equal(heights.length, counts.length);
    for (const [i, count] of counts.entries()) {
      assert.ok(Math.abs((heights[i] as number) - unit * count) < 0.01, `height ${i}`);
    }
  };

  test("has a line as high as there are pixels of each value, for each channel", () => {
    const lines = [...body.querySelectorAll("svg [aria-label=line] path")];
    assert.equal(lines.length, 3);
    // in steps: a point at the first value, then one before and one after each step
    const levels = lines.map((line) => {
      const points = [...(line.getAttribute("d") ?? "").matchAll(/[ML][\d.]+,([\d.]+)/g)];
      return points.map(([, y]) => Number(y)).filter((_, point) => point % 2 === 0);
    });
    // from the lowest point, which is that of the rarest value of any channel
    const floor = Math.max(...levels.flat());
    const rarest = Math.min(...stats.channelHistograms.flat());
    assertProportional(
      levels.flat().map((y) => floor - y),
      stats.channelHistograms.flat().map((times) => times - rarest),
    );
  });

  test("has a bar as high as there are texts of each length", () => {
    const bars = [...body.querySelectorAll("svg:last-of-type [aria-label=rect] rect")];
    const heights = bars.map((bar) => Number(bar.getAttribute("height")));
    assertProportional(heights, stats.tokenLengthHistogram);
  });

  test("shows where texts are cut, and says how many are", () => {
    assert.match(body.textContent, /2 texts \(33\.3 %\) have more than maxLength = 8/);
    assert.equal(body.querySelectorAll("svg [stroke-dasharray]").length, 1);
  });
});

test("a page shows no cut where no text is too long", async () => {
  const stats = { ...(await statsOf()), maxLength: 128 };
  const body = await bodyOf(stats);
  assert.match(body.textContent, /No text has more than maxLength = 128 tokens/);
  assert.equal(body.querySelectorAll("svg [stroke-dasharray]").length, 0);
});

test("a page joins lengths where there are very many", async () => {
  const tokenLengthHistogram = Array.from({ length: 1000 }, () => 1);
  const body = await bodyOf({ ...(await statsOf()), tokenLengthHistogram });
  const bars = body.querySelectorAll("svg:last-of-type [aria-label=rect] rect");
  assert.equal(bars.length, Math.ceil(1000 / 16));
});

test("a page has the warning, in which nothing is markup", async () => {
  const mean: [number, number, number] = [0.9, 0.9, 0.9];
  const stats = await statsOf(new ImageProcessor({ mean, std: mean }));
  assert.ok(stats.warning !== null);
  const warned = await bodyOf({ ...stats, warning: `${stats.warning} <b>&amp;` });
  assert.equal(warned.querySelector(".warning")?.textContent, `Warning: ${stats.warning} <b>&amp;`);
  assert.equal((await bodyOf(await statsOf())).querySelector(".warning"), null);
});

test("a page is refused, saying what to install, where the plotting packages are not", () => {
  // the second package is there, but cannot be found by this process
  const hooks = `export async function resolve(name, context, next) {
    if (name !== "linkedom") return next(name, context);
    throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  }`;
  const dist = fileURLToPath(new URL("../../dist/index.js", import.meta.url));
  const program = `
    import { register } from "node:module";
    register("data:text/javascript,${encodeURIComponent(hooks)}");
    const { statsPage } = await import(${JSON.stringify(dist)});
    await statsPage({}).catch(({ code, message }) => console.log(code, message));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program]);
  assert.match(
    output.toString(),
    /^OPTIONAL_PACKAGE_NOT_FOUND .*: npm install @observablehq\/plot linkedom/,
  );
});
