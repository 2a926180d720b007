import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type BoxFormat,
  type ColumnTypes,
  ImageProcessor,
  MultimodalDataset,
  type Pair,
  type PairSource,
  showDataset,
} from "pixtok";
import { boxesOfRow, boxInPixels } from "../../src/show/boxes.js";
import { placedBoxes } from "../../src/show/placed-boxes.js";
import { documentOf, type PageElement, textsOf } from "../support/html.js";
import { pageImage, pair } from "../support/shown-parts.js";

/** Images of 200 x 100, one for each row of columns. */
async function pageOf(
  rows: readonly Record<string, unknown>[],
  columnTypes: ColumnTypes,
  options: { image?: ImageProcessor; boxes?: Record<string, BoxFormat> } = {},
): Promise<PageElement> {
  const { image = new ImageProcessor({ resize: { width: 50, height: 50 } }), boxes } = options;
  const source: PairSource = {
    length: rows.length,
    columnTypes,
    get: (index): Pair => ({
      image: { data: new Uint8Array(200 * 100), width: 200, height: 100, channels: 1 },
      text: "",
      columns: rows[index] as Record<string, unknown>,
    }),
  };
  const dataset = new MultimodalDataset({ source, image, text: null, columns: "auto" });
  const shown = { statsSamples: 0, ...(boxes && { boxes }) };
  return documentOf(await showDataset(dataset, shown));
}

/** Boxes over the images of a page: left, top, width and height. */
function boxesOver(page: PageElement, image: "the original" | "what the model gets"): number[][] {
  const frames = [...page.querySelectorAll(".frame")].filter(
    (frame) => frame.querySelector(`[alt="${image}"]`) !== null,
  );
  return frames.flatMap((frame) =>
    [...frame.querySelectorAll("rect:not(.halo)")].map((rect) =>
      ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name))),
    ),
  );
}

const four = { type: "float32", shape: [4] } as const;

describe("boxes", () => {
  test("of two corners are drawn on the original, and where they are for the model", async () => {
    const page = await pageOf([{ box: [20, 10, 120, 60] }], { box: four });
    assert.deepEqual(boxesOver(page, "the original"), [[20, 10, 100, 50]]);
    // 200 x 100 has become 50 x 50
    assert.deepEqual(boxesOver(page, "what the model gets"), [[5, 5, 25, 25]]);
    assert.match(page.querySelector(".facts")?.textContent ?? "", /left, top, right, bottom/);
  });

  test("are where a crop has moved them", async () => {
    const image = new ImageProcessor({ resize: { shortestEdge: 50 }, centerCrop: 40 });
    const page = await pageOf([{ box: [80, 20, 120, 60] }], { box: four }, { image });
    // half as large, and 30 columns and 5 rows cut off in front
    assert.deepEqual(boxesOver(page, "what the model gets"), [[10, 5, 20, 20]]);
  });

  test("that cannot be two corners are a corner and a size, for all rows of the column", async () => {
    const rows = [{ box: [20, 10, 30, 40] }, { box: [100, 50, 20, 10] }];
    const page = await pageOf(rows, { box: four });
    assert.deepEqual(boxesOver(page, "the original"), [
      [20, 10, 30, 40],
      [100, 50, 20, 10],
    ]);
  });

  test("that could be both are what the column's name says", async () => {
    const rows = [{ bbox: [20, 10, 30, 40] }];
    assert.deepEqual(boxesOver(await pageOf(rows, { bbox: four }), "the original"), [
      [20, 10, 30, 40],
    ]);
  });

  test("are what an option says, whatever the column is called", async () => {
    const rows = [{ face: [50, 50, 20, 10] }];
    const page = await pageOf(rows, { face: four }, { boxes: { face: "cxcywh" } });
    assert.deepEqual(boxesOver(page, "the original"), [[40, 45, 20, 10]]);
    assert.deepEqual(boxesOver(await pageOf(rows, { face: four }), "the original"), []);
  });

  test("of numbers from 0 to 1 are shares of the sides", async () => {
    const page = await pageOf([{ box: [0.1, 0.1, 0.5, 0.5] }], { box: four });
    const [[left, top, width, height] = []] = boxesOver(page, "the original");
    assert.deepEqual([left, top, width, height], [20, 10, 80, 40]);
    assert.deepEqual(boxInPixels([0, 0.5, 1, 1], "", "xyxy", { width: 200, height: 100 }), {
      ...{ left: 0, top: 50, width: 200, height: 50, label: "" },
    });
  });

  test("may be several, with names, as the hub has them", async () => {
    const objects = {
      bbox: [
        [1, 2, 30, 40],
        [150, 50, 20, 30],
      ],
      category: ["cat", "<b>"],
    };
    const page = await pageOf([{ objects }], { objects: "json" });
    assert.deepEqual(boxesOver(page, "the original"), objects.bbox);
    const [drawn] = page.querySelectorAll(".boxes");
    assert.deepEqual(textsOf(drawn as PageElement, "text"), ["cat", "<b>"]);
    assert.equal(drawn?.getAttribute("aria-label"), "2 boxes: cat, <b>");
  });

  test("are looked for in columns alone that have four numbers", async () => {
    const rows = [{ box: [1, 2, 3], boxes: "none" }];
    const columns = { box: { type: "float32", shape: [3] }, boxes: "string" } as const;
    const page = await pageOf(rows, columns);
    assert.deepEqual(boxesOver(page, "the original"), []);
    assert.deepEqual(textsOf(page, ".columns dd"), ["1, 2, 3", "none"]);
  });
});

describe("boxes of a row", () => {
  const [one, other] = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ];
  const found = (columns: Record<string, unknown>, ...wanted: string[]) =>
    boxesOfRow(new Map(Object.entries(columns)), wanted);
  const labelsOf = (columns: Record<string, unknown>) => found(columns).map(({ labels }) => labels);

  test("are four finite numbers, or several times four", () => {
    const box = (boxes: unknown) => ({ column: "myBoxes", boxes, labels: [] });
    assert.deepEqual(found({ myBoxes: one }), [box([one])]);
    assert.deepEqual(found({ myBoxes: [one, other] }), [box([one, other])]);
    for (const value of [[], [1, 2, 3], [1, 2, 3, Number.NaN], [...one, 5], [one, [1]], "1234"]) {
      assert.deepEqual(found({ box: value, boxes: value }), [], String(value));
    }
    assert.deepEqual(found({ face: one, objects: [one] }), []);
    assert.deepEqual(found({ face: one }, "face"), [{ column: "face", boxes: [one], labels: [] }]);
  });

  test("have the name that the row's label is, where both are one", () => {
    assert.deepEqual(labelsOf({ label: "cat", box: one }), [["cat"]]);
    assert.deepEqual(labelsOf({ label: "cat", boxes: [one, other] }), [[]]);
    assert.deepEqual(labelsOf({ label: 3, box: one }), [[]]);
  });

  test("in an object have the names beside them that are as many", () => {
    const bbox = [one, other];
    assert.deepEqual(labelsOf({ objects: { area: [5, 6], class_id: ["a", 7], bbox } }), [
      ["a", "7"],
    ]);
    for (const names of ["categories", "Labels", "names"])
      assert.deepEqual(labelsOf({ objects: { bbox, [names]: [0, 1] } }), [["0", "1"]]);
    assert.deepEqual(labelsOf({ objects: { bbox, labels: ["a"] } }), [[]]);
    assert.deepEqual(labelsOf({ objects: { bbox, label: "ab" } }), [[]]);
    assert.deepEqual(labelsOf({ objects: { bbox, sublabels: [0, 1] } }), [[]]);
    assert.deepEqual(found({ objects: { points: bbox } }), []);
  });
});

describe("boxes of all pairs", () => {
  const shown = (boxes: Record<string, [number, number, number, number]>, isThere = true) => {
    const original = { size: { width: 100, height: 100 }, format: "pixels", bytes: null } as const;
    const image = isThere ? { ...original, image: pageImage(1, 1) } : undefined;
    return pair(0, {
      images: [{ original: image, model: null, draws: [] }],
      boxes: Object.entries(boxes).map(([column, box]) => ({ column, boxes: [box], labels: [] })),
    });
  };
  const placed = (pairs: ReturnType<typeof shown>[], given = {}) => {
    const { formats, ofPairs } = placedBoxes(pairs, given, null);
    const lefts = pairs.map((one) => ofPairs.get(one)?.original.map(({ width }) => width));
    return { formats: Object.fromEntries(formats), widths: lefts };
  };

  test("are taken for one thing in each column", () => {
    const pairs = [
      shown({ a: [10, 10, 30, 30], b: [10, 10, 30, 30] }),
      shown({ a: [10, 10, 30, 30], b: [50, 50, 20, 20] }),
    ];
    assert.deepEqual(placed(pairs), {
      formats: { a: "xyxy", b: "xywh" },
      widths: [
        [20, 30],
        [20, 20],
      ],
    });
    assert.deepEqual(placed(pairs, { a: "cxcywh" }).formats, { a: "cxcywh", b: "xywh" });
    assert.deepEqual(placed([shown({ ["toString" as string]: [1, 1, 2, 2] })]).formats, {
      toString: "xyxy",
    });
  });

  test("are of no pair whose original is not known", () => {
    const hidden = shown({ a: [50, 50, 20, 20] }, false);
    assert.deepEqual(placed([hidden, shown({ a: [10, 10, 30, 30] })]), {
      formats: { a: "xyxy" },
      widths: [[], [20]],
    });
  });
});
