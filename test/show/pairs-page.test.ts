// A page of pairs, apart from the dataset that they are of: its filters, and what stands beside the pairs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import type { PageImage } from "../../src/show/pair-card.js";
import { pairsPage } from "../../src/show/pairs-page.js";
import type { AllBoxes } from "../../src/show/placed-boxes.js";
import type { ShownPair } from "../../src/show/shown-pairs.js";
import { documentOf, type PageElement, textsOf } from "../support/html.js";
import { column, modelImage, pair, shortText } from "../support/shown-parts.js";

describe("a page of pairs", () => {
  const markupOf = (
    cards: readonly ShownPair<PageImage>[],
    formats = new Map(),
    ofPairs: AllBoxes["ofPairs"] = new Map(),
  ) =>
    pairsPage({
      title: "title",
      lead: "lead",
      facts: [["a", "b"]],
      cards,
      boxes: { ofPairs, formats },
      stats: null,
      errors: { count: 2, list: [] },
    });
  const pageOf = (...given: Parameters<typeof markupOf>) => documentOf(markupOf(...given));
  const valuesOf = (page: PageElement, selector: string) =>
    [...page.querySelectorAll(selector)].map((one) => one.getAttribute("value"));
  const rows = (count: number, textOf: (i: number) => string, name = "c", isLabel = true) =>
    Array.from({ length: count }, (_, i) =>
      pair(i, { columns: [column(name, textOf(i), isLabel)] }),
    );

  test("has a filter for each column whose values recur, at most sixty of them", () => {
    const filtersOf = (cards: readonly ShownPair<PageImage>[]) =>
      textsOf(pageOf(cards), "select[data-column] option").length;
    assert.equal(filtersOf(rows(61, (i) => `${i % 60}`)), 1 + 60);
    assert.equal(filtersOf(rows(62, (i) => `${i % 61}`)), 0, "too many");
    assert.equal(filtersOf(rows(3, (i) => `${i}`)), 0, "none recurs");
    assert.equal(filtersOf(rows(3, () => "same")), 0, "all are one");
    assert.equal(filtersOf(rows(3, (i) => `${i % 2}`)), 1 + 2);
    assert.equal(filtersOf(rows(3, (i) => `${i % 2}`, "c", false)), 0, "no label");
    const many = [0, 1, 0].map((value, i) =>
      pair(i, { columns: ["a", "b", "c", "d", "e"].map((name) => column(name, `${value}`)) }),
    );
    assert.deepEqual(textsOf(pageOf(many), "label:has(select[data-column]) > span"), [
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  test("filters by values in their order, and counts them beside the pairs", () => {
    const cards = ["10", "9", "10", "b", "a", "b"].map((value, i) =>
      pair(i, { columns: [column("c", value), column("d", `${i % 2}`)] }),
    );
    const page = pageOf(cards);
    const [c, d] = [...page.querySelectorAll("select[data-column]")] as PageElement[];
    assert.deepEqual(textsOf(c as PageElement, "option"), ["all", "9", "10", "a", "b"]);
    assert.deepEqual(
      [c, d].map((one) => one?.getAttribute("data-column")),
      ["0", "1"],
    );
    assert.deepEqual(textsOf(page, ".counts:first-of-type tbody th"), [
      "10",
      "b",
      "9",
      "a",
      "0",
      "1",
    ]);
    assert.deepEqual(textsOf(page, "#columns-title"), ["Columns of these pairs"]);
    assert.deepEqual(textsOf(page, "aside figcaption"), ["c", "d"]);
    const some = [column("c", "x"), column("c", "x"), column("c", "y", false)];
    const mixed = pageOf(some.map((one, i) => pair(i, { columns: [one] })));
    assert.equal(mixed.querySelectorAll("select[data-column], #columns-title").length, 0);
  });

  test("has each pair's boxes over its images", () => {
    const [plain, boxed] = [
      pair(0, { images: [modelImage()] }),
      pair(1, { images: [modelImage()] }),
    ];
    const box = { left: 1, top: 2, width: 3, height: 4, label: "" };
    const ofPairs = new Map([[boxed, { original: [], model: [box] }]]);
    const page = pageOf([plain, boxed], new Map([["box", "xyxy"]]), ofPairs);
    const cards = [...page.querySelectorAll(".cards > li")];
    assert.deepEqual(
      cards.map((card) => card.querySelectorAll("svg.boxes").length),
      [0, 1],
    );
    assert.deepEqual(
      cards.map((card) => card.getAttribute("id")),
      ["pair-at-0", "pair-at-1"],
    );
  });

  test("explains what is not learned where there is such", () => {
    const pairOf = (...masked: boolean[]) => {
      const list = masked.map((isMasked, id) => {
        return { id, token: "t", kind: "own", isCut: false, isMasked, times: 1 } as const;
      });
      const tokens = { list, kept: list.length, unknown: 0, cut: 0, padding: 0 };
      return pair(0, { text: { original: "a", cleaned: null, tokens } });
    };
    const legendOf = (...pairs: ShownPair<PageImage>[]) => textsOf(pageOf(pairs), ".legend");
    const plain = pairOf(false);
    assert.deepEqual(legendOf(pairOf(false, true)), ["special unknown cut not learned"]);
    assert.deepEqual(legendOf(plain), ["special unknown cut"]);
    assert.deepEqual(legendOf(plain, pairOf(true)), ["special unknown cut not learned"]);
  });

  test("lets a browser run its own script, and no other", () => {
    const markup = markupOf([]);
    const [, script = ""] = /<script>(.*)<\/script>/s.exec(markup) ?? [];
    const hash = createHash("sha256").update(script).digest("base64");
    const policy = documentOf(markup).querySelector('[http-equiv="Content-Security-Policy"]');
    const allowed = policy
      ?.getAttribute("content")
      ?.split("; ")
      .filter((one) => /^script/.test(one));
    assert.deepEqual(allowed, [`script-src 'sha256-${hash}'`]);
  });

  test("has filters of what its pairs have", () => {
    const plain = pageOf([pair(0)]);
    assert.deepEqual(valuesOf(plain, 'select[name="state"] option'), ["", "read", "error"]);
    assert.equal(plain.querySelectorAll('[name="least"], [name="boxes"], .legend').length, 0);
    assert.deepEqual(textsOf(plain, ".count"), ["1 pairs"]);
    assert.deepEqual(textsOf(plain, ".jump a"), ["Pairs", "Errors (2)"]);
    assert.deepEqual(
      [...textsOf(plain, "h1"), ...textsOf(plain, ".lead"), ...textsOf(plain, ".facts")],
      ["title", "lead", "ab"],
    );
    const rich = pageOf([pair(0), pair(1, { text: shortText })], new Map([["box", "xyxy"]]));
    const states = ["", "read", "error", "cut", "unknown"];
    assert.deepEqual(valuesOf(rich, 'select[name="state"] option'), states);
    assert.deepEqual(textsOf(rich, 'select[name="state"] option'), [
      ...["all", "can be read", "cannot be read", "text is cut", "has unknown tokens"],
    ]);
    assert.equal(
      rich.querySelectorAll('[name="least"], [name="most"], [name="boxes"], .legend').length,
      4,
    );
  });
});
