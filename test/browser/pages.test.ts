// Pages in a browser: on a phone and on a desktop, light and dark, for those who use a keyboard and those who do not see
// them.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  computeStats,
  DataLoader,
  ImageProcessor,
  MultimodalDataset,
  type Pair,
  type PairSource,
  showBatch,
  showDataset,
  statsPage,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";
import { axePath, type Browser, type Page, startBrowser, withoutBrowser } from "./browser.js";

const skip = withoutBrowser();

const hostile = `</script><script>document.title = "taken"</script><img src=x onerror='document.title = "taken"'>`;
/** A text, a label and a box for each of the images; the last one is not there. */
const rows = [
  ["jpeg-420.jpg", "a dog in the park", "dog"],
  ["png-rgb.png", "a cat \u2603 on a sofa", "cat"],
  ["webp-lossy.webp", "many words about a dog that are more than fit into a row of tokens", "dog"],
  ["gif-still.gif", hostile, "</option>"],
  ["tiff-rgb.tiff", "a kite", "cat"],
  ["none.jpg", "nothing", "dog"],
] as const;

const source: PairSource = {
  length: rows.length,
  columnTypes: { kind: "string", box: { type: "float32", shape: [4] } },
  get: (index): Pair => {
    const [name, text, kind] = rows[index] as (typeof rows)[number];
    return { image: fixture(`images/${name}`), text, columns: { kind, box: [2, 3, 20, 30] } };
  },
};

/** The first four images, with a number and a mask, which is another of them. */
const labelled: PairSource = {
  length: 4,
  get: (index): Pair => {
    const pathOf = (place: number) => fixture(`images/${rows[place % 4]?.[0]}`);
    const columns = { label: index, "mask, of all there is": pathOf(index + 1) };
    return { image: pathOf(index), text: "", columns };
  },
};
const rowsOf = {
  source: labelled,
  text: null,
  image: new ImageProcessor({ resize: { width: 64, height: 64 } }),
} as const;
const withMasks = new MultimodalDataset({
  ...rowsOf,
  columns: { "mask, of all there is": "image" },
});
const toMix = new MultimodalDataset({
  ...rowsOf,
  columns: { label: "int64" },
  augmentation: { mixUp: {}, cutMix: {}, labels: { column: "label", classes: 4 } },
});

const folder = mkdtempSync(join(tmpdir(), "pixtok-pages-"));
const fileOf = (name: string) => join(folder, name);
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  const dataset = new MultimodalDataset({
    source,
    tokenizer: await smallTokenizer(),
    image: new ImageProcessor({ resize: { width: 64, height: 64 } }),
    columns: "auto",
    text: { clean: "none", maxLength: 16 },
  });
  const augmentations = [{ horizontalFlip: 0.5 }, { randomResizedCrop: {} }];
  writeFileSync(fileOf("pairs.html"), await showDataset(dataset, { augmentations }));
  writeFileSync(fileOf("stats.html"), statsPage(await computeStats(dataset)));
  for await (const batch of new DataLoader(dataset, { batchSize: 6, onError: "skip" })) {
    writeFileSync(fileOf("batch.html"), await showBatch(batch));
  }
  writeFileSync(fileOf("masks.html"), await showDataset(withMasks, { augmentations, draws: 2 }));
  for await (const batch of new DataLoader(toMix, { batchSize: 4, seed: 2 })) {
    writeFileSync(fileOf("mixed.html"), await showBatch(batch));
  }
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

interface OpenPage {
  readonly page: Page;
  /** Closes it, and says that it has asked for nothing and complained of nothing. */
  close(): Promise<void>;
}

async function openPage(
  name: string,
  { viewport = desktop, colorScheme = "light" as "light" | "dark" } = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport, colorScheme });
  const page = await context.newPage();
  const said: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith("data:")) asked.push(request.url());
  });
  const url = pathToFileURL(fileOf(name)).href;
  await page.goto(url);
  return {
    page,
    async close() {
      await context.close();
      assert.deepEqual({ said, asked }, { said: [], asked: [url] });
    },
  };
}

/** What axe finds against the page, each with the first element that it is about. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(axePath(), "utf8"));
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  return page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(tags)} }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200)))`,
  );
}

const isTooWide = (page: Page) =>
  page.evaluate<boolean>("document.documentElement.scrollWidth > innerWidth");

const shownPairs = (page: Page) =>
  page.evaluate<string[]>(
    `[...document.querySelectorAll(".cards > li")].filter((one) => one.checkVisibility())
      .map((one) => one.querySelector("h3").firstChild.data.trim())`,
  );

/** Waits until all pairs are there: a form is reset after its event. */
async function allShown(page: Page): Promise<void> {
  const deadline = performance.now() + 20_000;
  while ((await shownPairs(page)).length < 6 && performance.now() < deadline);
  assert.equal((await shownPairs(page)).length, 6);
}

const focused = (page: Page) =>
  page.evaluate<string>(
    `document.activeElement.name || document.activeElement.getAttribute("aria-label") || document.activeElement.textContent`,
  );

describe("pages", { skip }, () => {
  for (const [device, viewport] of [
    ["a phone", phone],
    ["a desktop", desktop],
  ] as const) {
    for (const colorScheme of ["light", "dark"] as const) {
      test(`are for everyone on ${device}, ${colorScheme}, and not too wide`, async () => {
        const other = colorScheme === "light" ? "masks.html" : "mixed.html";
        for (const name of ["pairs.html", "stats.html", other]) {
          const { page, close } = await openPage(name, { viewport, colorScheme });
          assert.deepEqual(await violations(page), []);
          assert.equal(await isTooWide(page), false);
          await close();
        }
      });
    }
  }

  test("are for everyone where one pair is larger", async () => {
    const { page, close } = await openPage("pairs.html", { viewport: phone });
    await page.click(".enlarge");
    assert.deepEqual(await violations(page), []);
    await close();
  });

  test("lead from a pair to the one that it is mixed with, in the page and where one is larger", async () => {
    const { page, close } = await openPage("mixed.html");
    const card = "li:nth-child(2)";
    await page.fill("[name=search]", "png-rgb");
    assert.deepEqual(await shownPairs(page), ["#1"]);
    await page.click(`${card} .mixed a`);
    assert.equal(await page.evaluate("location.hash"), "#pair-at-0");
    assert.deepEqual(await shownPairs(page), ["#0", "#1", "#2", "#3"]);
    await page.click(`${card} .enlarge`);
    await page.click("dialog .mixed a");
    const title = `document.querySelector("dialog[open] h2")?.textContent`;
    assert.match(await page.evaluate(title), /^#0 .*\(1 of 4\)$/);
    assert.deepEqual(await violations(page), []);
    await close();
  });

  test("of a batch are for everyone", async () => {
    const { page, close } = await openPage("batch.html", { colorScheme: "dark" });
    assert.deepEqual(await violations(page), []);
    await close();
  });

  test("show every image", async () => {
    const { page, close } = await openPage("pairs.html");
    const broken = `Promise.all([...document.images].map((image) => {
      image.loading = "eager";
      return image.decode().then(() => image.naturalWidth === 0, () => true);
    })).then((all) => [all.length, all.filter(Boolean).length])`;
    // five pairs: an original, what the model gets, and two times four draws
    assert.deepEqual(await page.evaluate(broken), [50, 0]);
    await close();
  });

  test("run nothing that is in a caption", async () => {
    const { page, close } = await openPage("pairs.html");
    assert.equal(await page.evaluate("document.title"), "a source of 6 pairs");
    const captions = `[...document.querySelectorAll(".caption")].map((one) => one.textContent)`;
    assert.ok((await page.evaluate<string[]>(captions)).includes(hostile));
    await close();
  });
});

describe("filters", { skip }, () => {
  let page: Page;
  let close: OpenPage["close"];
  before(async () => {
    if (skip === false) ({ page, close } = await openPage("pairs.html", { viewport: phone }));
  });
  after(() => close?.());

  for (const [what, choose, expected] of [
    ["words of a text", () => page.fill("[name=search]", "dog PARK"), ["#0"]],
    ["a key", () => page.fill("[name=search]", "png-rgb"), ["#1"]],
    ["a label", () => page.selectOption("[data-column]", { label: "cat" }), ["#1", "#4"]],
    [
      "pairs that cannot be read",
      () => page.selectOption("[name=state]", { label: "cannot be read" }),
      ["#5"],
    ],
    [
      "unknown tokens",
      () => page.selectOption("[name=state]", { label: "has unknown tokens" }),
      ["#1"],
    ],
    ["the shortest texts", () => page.fill("[name=most]", "5"), ["#4"]],
  ] as [string, () => Promise<unknown>, string[]][]) {
    test(`leave pairs alone that have ${what}, and are reset`, async () => {
      await choose();
      assert.deepEqual(await shownPairs(page), expected);
      const status = await page.evaluate(`document.querySelector("[role=status]").textContent`);
      assert.equal(status, `${expected.length} of 6 pairs`);
      await page.click("[type=reset]");
      await allShown(page);
    });
  }

  test("go together, and say where nothing is left", async () => {
    await page.fill("[name=least]", "6");
    await page.selectOption("[data-column]", { label: "dog" });
    assert.deepEqual(await shownPairs(page), ["#0", "#2"]);
    await page.fill("[name=search]", "no such words");
    assert.deepEqual(await shownPairs(page), []);
    await page.click(".none button");
    await allShown(page);
  });

  test("hide boxes", async () => {
    const boxes = `[...document.querySelectorAll(".boxes")].filter((one) => one.checkVisibility()).length`;
    assert.equal(await page.evaluate(boxes), 10);
    await page.uncheck("[name=boxes]");
    assert.equal(await page.evaluate(boxes), 0);
  });
});

describe("the keyboard", { skip }, () => {
  test("comes to the pairs, opens one, goes on from there and back", async () => {
    const { page, close } = await openPage("pairs.html");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to the pairs");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate("document.activeElement.id"), "pairs");
    while (!/^Enlarge/.test(await focused(page))) await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Enlarge pair 0");
    await page.keyboard.press("Enter");
    const title = `document.querySelector("dialog[open] h2")?.textContent`;
    assert.match(await page.evaluate(title), /^#0 .*\(1 of 6\)$/);
    await page.keyboard.press("ArrowRight");
    assert.match(await page.evaluate(title), /^#1 .*\(2 of 6\)$/);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    assert.match(await page.evaluate(title), /^#5 .*\(6 of 6\)$/);
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate("document.querySelector('dialog').open"), false);
    // the page hears of it a moment later
    await page.waitForFunction(
      `document.activeElement.getAttribute("aria-label") === "Enlarge pair 5"`,
    );
    await close();
  });

  test("searches by a slash, and types one where there is something to type into", async () => {
    const { page, close } = await openPage("pairs.html");
    await page.keyboard.press("/");
    assert.equal(await focused(page), "search");
    await page.keyboard.type("a/kite");
    assert.equal(await page.evaluate("document.querySelector('[name=search]').value"), "a/kite");
    await close();
  });
});
