// Whatever is in the data is shown as text.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { contactSheet, MultimodalDataset, type Pair, type PairSource, showDataset } from "pixtok";
import { documentOf, type PageElement, textsOf } from "../support/html.js";
import { smallTokenizer, tinyImage } from "../support/pairs.js";

const hostile = [
  "</script><script>document.title = 'taken'</script>",
  "<img src=x onerror=alert(1)>",
  `" onmouseover="alert(1)`,
  "' autofocus onfocus='alert(1)",
  "</style></title></p></article>&lt;",
  "a\0b\u0001c\u007fd\ud800",
  "\u202eleft to right",
];

async function datasetOf(texts: readonly string[]): Promise<MultimodalDataset> {
  const source: PairSource = {
    length: texts.length,
    columnTypes: Object.fromEntries([...new Set(texts)].map((name) => [name, "string" as const])),
    get: (index): Pair => ({
      image: { data: Uint8Array.of(1, 2, 3), width: 1, height: 1, channels: 3 },
      text: texts[index] as string,
      key: texts[index] as string,
      columns: Object.fromEntries(texts.map((name) => [name, texts[0]])),
    }),
    description: texts[0] as string,
  };
  return new MultimodalDataset({
    source,
    tokenizer: await smallTokenizer(),
    image: tinyImage,
    columns: "auto",
    text: { clean: "none", maxLength: 8 },
  }) as unknown as MultimodalDataset;
}

/** Names of all elements and attributes of a page. */
function namesIn(root: PageElement): Set<string> {
  const names = new Set<string>();
  for (const element of root.querySelectorAll("*")) {
    names.add((element as unknown as { localName: string }).localName);
    for (const { name } of element.attributes) names.add(`@${name}`);
  }
  return names;
}

/** As a page shows it: control characters as pictures, halves of pairs as the replacement character. */
const shown = (text: string) =>
  [...text]
    .map((letter) => {
      if (/[\t\n\r]/.test(letter)) return letter;
      const code = letter.codePointAt(0) as number;
      if (code < 32) return String.fromCodePoint(0x2400 + code);
      if (code === 127) return "\u2421";
      return code >= 0xd800 && code <= 0xdfff ? "\ufffd" : letter;
    })
    .join("");

describe("captions, keys, column names, values and titles", () => {
  test("are shown letter for letter, and make no element or attribute", async () => {
    const page = documentOf(await showDataset(await datasetOf(hostile), { statsSamples: 0 }));
    const tame = documentOf(
      await showDataset(await datasetOf(hostile.map((_, i) => `text ${i}`)), { statsSamples: 0 }),
    );
    assert.deepEqual(
      [...namesIn(page)].filter((name) => !namesIn(tame).has(name) && !tokenNames.has(name)),
      [],
    );
    assert.equal(page.querySelectorAll("script").length, 1);
    const trimmed = hostile.map((text) => shown(text).trim());
    assert.deepEqual(textsOf(page, ".caption"), trimmed);
    assert.deepEqual(textsOf(page, ".key"), trimmed);
    assert.deepEqual(new Set(textsOf(page, ".columns dt")), new Set(trimmed));
    assert.equal(page.querySelector("h1")?.textContent, shown(hostile[0] as string));
  });

  test("are on a sheet as text", async () => {
    await contactSheet(await datasetOf(hostile));
  });

  test("of any letters keep the page whole", async () => {
    const letters = fc.string({ unit: "binary", maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(letters, async (text) => {
        const dataset = await datasetOf([`${text}.`]);
        const page = documentOf(await showDataset(dataset, { statsSamples: 0 }));
        assert.equal(page.querySelectorAll(".card").length, 1);
        assert.equal(page.querySelectorAll("script").length, 1);
      }),
      { numRuns: 12 },
    );
  });
});

/** What texts of many tokens have, and others do not. */
const tokenNames = new Set(["mark", "del"]);

test("an error's message is text, too", async () => {
  const source: PairSource = {
    length: 1,
    get: () => ({ image: "/<script>alert(1)</script>.jpg", text: "a" }),
  };
  const dataset = new MultimodalDataset({ source, tokenizer: await smallTokenizer() });
  const page = documentOf(await showDataset(dataset));
  assert.equal(page.querySelectorAll("script").length, 1);
  assert.match(textsOf(page, ".fault")[0] ?? "", /^FILE_NOT_FOUND.*<script>alert\(1\)<\/script>/);
});
