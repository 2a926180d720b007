// What a page shows of values, images and boxes, apart from the page.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor, type ImageProcessorOptions, type RawPixels } from "pixtok";
import { requireImage } from "../../src/image/image-input.js";
import { boxInPixels, guessedFormat } from "../../src/show/boxes.js";
import { imageBytes } from "../../src/show/image-bytes.js";
import { boxesOfModel } from "../../src/show/model-view.js";
import { originalImage } from "../../src/show/original-image.js";
import { pageFacts } from "../../src/show/page-facts.js";
import { rowValues, shownColumns } from "../../src/show/shown-columns.js";

describe("a column's value", () => {
  const shown = (value: unknown, names: Record<string, string[]> = {}) =>
    shownColumns(new Map([["c", value]]), names)[0];

  test("is short enough to be read, and a label where it is one word or number", () => {
    const cases: [value: unknown, text: string, isLabel: boolean][] = [
      [12, "12", true],
      [1 / 3, "0.3333", false],
      [123456.7, "123500", false],
      ["", "", false],
      ["a".repeat(40), "a".repeat(40), true],
      ["a".repeat(41), "a".repeat(41), false],
      ["a".repeat(300), "a".repeat(300), false],
      ["a".repeat(301), `${"a".repeat(300)}…`, false],
      [Array(16).fill(1), Array(16).fill("1").join(", "), false],
      [Array(17).fill(1), `${Array(16).fill("1").join(", ")}, … (17 numbers)`, false],
      [{ a: 1 }, '{"a":1}', false],
      [["a", 1], '["a",1]', false],
      [null, "null", false],
      [undefined, "", false],
    ];
    for (const [value, text, isLabel] of cases)
      assert.deepEqual(shown(value), { name: "c", text, isLabel });
    assert.equal(shown(1, { c: ["cat", "dog"] })?.text, "1 · dog");
    assert.equal(shown(2, { c: ["cat", "dog"] })?.text, "2");
    assert.equal(shown(1, { d: ["cat", "dog"] })?.text, "1");
    assert.equal(shownColumns(new Map([["toString", "name"]]))[0]?.text, "name");
  });

  test("of a tensor is its row's, in lists as its shape says", () => {
    const of = (dims: number[], row: number) => {
      const size = dims.reduce((product, side) => product * side, 1);
      const data = Int32Array.from({ length: size }, (_, i) => i);
      return rowValues({ c: { type: "int32", data, dims } }, row).get("c");
    };
    assert.equal(of([3], 2), 2);
    assert.deepEqual(of([2, 3], 1), [3, 4, 5]);
    assert.deepEqual(of([2, 2, 3], 1), [
      [6, 7, 8],
      [9, 10, 11],
    ]);
    assert.equal((of([1, 1024], 0) as number[]).length, 1024);
    assert.deepEqual(of([1, 5, 205], 0), { type: "int32", dims: [5, 205] });
    assert.equal(rowValues({ c: ["a", "b"] }, 1).get("c"), "b");
  });
});

describe("what the model sees", () => {
  const size = { width: 5, height: 4 };
  const raw = (seed: number): RawPixels => ({
    data: Uint8Array.from({ length: 60 }, (_, i) => (i * 37 + seed) % 256),
    ...size,
    channels: 3,
  });

  test("is made of a tensor of any layout, type and normalization, image for image", async () => {
    const steps: ImageProcessorOptions[] = [
      {},
      { mean: null, std: null },
      { rescale: 1 / 127.5, mean: [0.1, 0.2, 0.3], std: [2, 3, 4] },
      { rescale: false, mean: [1, 2, 3], std: [2, 3, 4] },
    ];
    for (const options of steps) {
      for (const layout of ["chw", "hwc"] as const) {
        for (const channelOrder of ["rgb", "bgr"] as const) {
          const shape = { ...options, layout, channelOrder };
          const processor = new ImageProcessor({ resize: size, ...shape });
          const { pixel_values } = await processor.process([raw(1), raw(2)]);
          for (const place of [0, 1]) {
            const found = imageBytes(pixel_values, place, processor.config);
            const { data } = raw(place + 1);
            assert.deepEqual([...found.data], [...data], JSON.stringify({ ...shape, place }));
            assert.deepEqual([found.width, found.height], [5, 4]);
          }
        }
      }
    }
    for (const type of ["uint8", "float16"] as const) {
      const processor = new ImageProcessor({ resize: size, type });
      const { pixel_values } = await processor.process(raw(9));
      const { data } = imageBytes(pixel_values, 0, processor.config);
      const off = [...data].map((byte, i) => Math.abs(byte - ((raw(9).data[i] as number) ?? 0)));
      assert.ok(Math.max(...off) <= 1, `${type}: ${off}`);
    }
  });

  test("has boxes where the processor has moved them", () => {
    const box = { left: 20, top: 10, width: 40, height: 30, label: "a" };
    const cases: [ImageProcessorOptions, left: number, top: number, wide: number, high: number][] =
      [
        [{ resize: { width: 50, height: 50 } }, 5, 5, 10, 15],
        [{ resize: { shortestEdge: 50 }, centerCrop: 50 }, 10 - 25, 5, 20, 15],
        [{ resize: { longestEdge: 50 }, pad: { width: 50, height: 60 } }, 5, 2.5, 10, 7.5],
        [{ resize: null, centerCrop: { width: 100, height: 120 } }, 20 - 50, 10 + 10, 40, 30],
        [{ resize: { maxWidth: 50, maxHeight: 100 }, pad: 100 }, 5, 2.5, 10, 7.5],
        [{ resize: { maxWidth: 400, maxHeight: 50 }, pad: 400 }, 10, 5, 20, 15],
        [{ resize: { shortestEdge: 40, longestEdge: 50 }, pad: 50 }, 5, 2.5, 10, 7.5],
        [{ resize: { shortestEdge: 50, longestEdge: 400 }, pad: 400 }, 10, 5, 20, 15],
      ];
    for (const [options, left, top, width, height] of cases) {
      const { config } = new ImageProcessor(options);
      const found = boxesOfModel([box], { width: 200, height: 100 }, config);
      assert.deepEqual(found, [{ left, top, width, height, label: "a" }], JSON.stringify(options));
    }
  });

  test("is told in steps", () => {
    const factsOf = (options: ImageProcessorOptions) => {
      const image = { processor: new ImageProcessor(options), pictures: null };
      const mask = { name: "mask", image };
      const pipeline = { image, imageColumns: [mask], text: null } as unknown as Parameters<
        typeof pageFacts
      >[0];
      const formats = new Map([
        ["a", "xyxy"],
        ["b", "xywh"],
        ["c", "cxcywh"],
      ] as const);
      return pageFacts(pipeline, [], { ofPairs: new Map(), formats });
    };
    const none = { mean: null, std: null } as const;
    const cases: [ImageProcessorOptions, string][] = [
      [{ resize: { width: 5, height: 6 }, ...none }, "to 5 × 6, bilinear"],
      [
        { resize: { shortestEdge: 9 }, centerCrop: { width: 7, height: 8 }, ...none },
        "shortest edge 9, bilinear → centre 7 × 8",
      ],
      [
        { resize: { shortestEdge: 9, longestEdge: 12 }, pad: 12, ...none },
        "shortest edge 9, longest edge at most 12, bilinear → padded to 12 × 12",
      ],
      [
        { resize: { longestEdge: 9 }, pad: { width: 10, height: 11 }, ...none },
        "longest edge 9, bilinear → padded to 10 × 11",
      ],
      [
        { resize: { maxWidth: 7, maxHeight: 8 }, pad: 9, ...none },
        "into 7 × 8, bilinear → padded to 9 × 9",
      ],
      [
        { resize: null, centerCrop: 4, filter: "bicubic", mean: [1, 2, 3], std: [4, 5, 6] },
        "not resized, bicubic → centre 4 × 4 → mean 1 2 3, std 4 5 6",
      ],
    ];
    for (const [options, words] of cases) assert.deepEqual(factsOf(options)[0], ["images", words]);
    const facts = factsOf({ resize: { width: 5, height: 6 }, layout: "hwc", type: "uint8" });
    assert.deepEqual(facts.slice(1, -1), [
      ["tensor", "uint8, hwc, rgb"],
      ["images (mask)", "to 5 × 6, bilinear; uint8, hwc, rgb"],
      ["boxes (a)", "left, top, right, bottom"],
      ["boxes (b)", "left, top, width, height"],
      ["boxes (c)", "centre, width, height"],
    ]);
  });
});

test("the numbers of a box are pixels, or shares where all of them are from 0 to 1", () => {
  const size = { width: 200, height: 100 };
  const of = (box: [number, number, number, number], format: "xyxy" | "xywh" | "cxcywh") => {
    const { left, top, width, height } = boxInPixels(box, "", format, size);
    return [left, top, width, height];
  };
  assert.deepEqual(of([20, 10, 60, 50], "xyxy"), [20, 10, 40, 40]);
  assert.deepEqual(of([20, 10, 60, 50], "xywh"), [20, 10, 60, 50]);
  assert.deepEqual(of([20, 10, 6, 8], "cxcywh"), [17, 6, 6, 8]);
  assert.deepEqual(of([0, 0.5, 1, 1], "xyxy"), [0, 50, 200, 50]);
  assert.deepEqual(of([0, 0.5, 1.5, 1], "xywh"), [0, 0.5, 1.5, 1]);
  assert.deepEqual(of([-0.5, 0.5, 1, 1], "xywh"), [-0.5, 0.5, 1, 1]);
  const guess = (column: string, ...box: [number, number, number, number]) =>
    guessedFormat(column, [{ box, size }]);
  assert.deepEqual([guess("bbox", 10, 10, 90, 60), guess("box", 10, 10, 90, 60)], ["xywh", "xyxy"]);
  assert.deepEqual(
    [guess("bbox", 150, 10, 190, 60), guess("bbox", 20, 50, 120, 60)],
    ["xyxy", "xyxy"],
  );
  assert.deepEqual(
    [guess("box", 10, 10, 10, 60), guess("box", 10, 10, 60, 10), guess("box", 10, 10, 203, 60)],
    ["xywh", "xywh", "xywh"],
  );
  assert.deepEqual(
    [guess("box", 10, 10, 202, 101), guess("box", 10, 10, 60, 102)],
    ["xyxy", "xywh"],
  );
});

test("an original is shown with 512 pixels a side at most", async () => {
  const { config } = new ImageProcessor();
  const signal = new AbortController().signal;
  for (const [width, height, shownWidth, shownHeight] of [
    [7, 5, 7, 5],
    [512, 3, 512, 3],
    [1024, 3, 512, 2],
    [2, 1024, 1, 512],
    [1, 2000, 1, 512],
  ] as const) {
    const pixels = { data: new Uint8Array(width * height), width, height, channels: 1 } as const;
    const image = requireImage(pixels, 0);
    const found = await originalImage(image, { index: 0, source: "a" }, config, signal);
    assert.deepEqual(found.size, { width, height });
    assert.deepEqual([found.pixels.width, found.pixels.height], [shownWidth, shownHeight]);
    assert.deepEqual([found.format, found.bytes], ["pixels", null]);
  }
});
