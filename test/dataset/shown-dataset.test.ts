// What a dataset shows of itself: each line of it, with all that can stand there.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { ImageProcessor, MultimodalDataset, type MultimodalDatasetOptions } from "pixtok";

const image = new ImageProcessor({ resize: { width: 4, height: 2 }, type: "uint8", layout: "hwc" });
const float = new ImageProcessor({ resize: { width: 4, height: 2 } });
const source = {
  length: 2,
  description: "two pairs",
  get: () => ({ image: "a.png", text: "a", columns: {} }),
};

/** The lines of a dataset, by their names; "" is the first. */
function shown(options: object): Record<string, string> {
  const dataset = new MultimodalDataset({
    source,
    image,
    text: null,
    ...options,
  } as MultimodalDatasetOptions);
  const [first = "", ...lines] = inspect(dataset).split("\n");
  const named = lines.map((line) => /^ {2}(\S+) +(.*)$/.exec(line)?.slice(1) as [string, string]);
  return { "": first, ...Object.fromEntries(named) };
}

describe("a dataset shows", () => {
  test("where pairs come from, and that it has no texts, columns and augmentation", () => {
    assert.deepEqual(shown({}), {
      "": "MultimodalDataset: two pairs",
      image: "4x2 bilinear (pillow13), uint8 hwc",
      text: "none",
    });
  });

  test("how many images a row has", () => {
    assert.equal(shown({ maxImages: 3 }).image, "3 a row, 4x2 bilinear (pillow13), uint8 hwc");
  });

  test("the column of ready tokens, and how long rows are", () => {
    const text = { tokens: "ids", maxLength: 5, padTokenId: 0, type: "int32" };
    assert.equal(shown({ text }).text, "ready in ids, 5 tokens, int32");
    const longest = { ...text, padding: "longest" };
    assert.equal(shown({ text: longest }).text, "ready in ids, at most 5 tokens, int32");
  });

  test("columns, with their axes", () => {
    const columns = { label: "int64", box: { type: "float32", shape: [2, 4] } };
    assert.equal(shown({ columns }).columns, "label int64, box float32 [2, 4]");
  });

  test("images in columns, with what they go through", () => {
    const other = shown({ columns: { depth: { type: "image", processor: float } } });
    assert.match(other["columns.depth"] ?? "", /^4x2 bilinear \(pillow13\), mean .*, float32 chw$/);
    assert.equal(other.columns, undefined);
  });

  test("what is drawn, by its name, and nothing else", () => {
    const drawn = (augmentation: object, more: object = {}) =>
      shown({ image: float, augmentation, ...more }).augmentation;
    assert.equal(drawn({ randomCrop: { padding: 1 } }), "randomCrop");
    assert.equal(
      drawn({ randomGrayscale: 0.5, horizontalFlip: 0.5 }),
      "horizontalFlip, randomGrayscale",
    );
    const labels = { column: "label", classes: 3 };
    const columns = { label: "int64" };
    assert.equal(drawn({ mixUp: {}, labels }, { columns }), "mixUp");
    assert.equal(drawn({ cutMix: {}, labels }, { columns }), "cutMix");
  });
});
