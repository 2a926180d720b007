// Which images of a row are taken, and by which numbers they are drawn.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor } from "pixtok";
import { drawnAs, readImageColumn } from "../../src/dataset/image-columns.js";
import { chosenImages, listOfImages, type MaxImages } from "../../src/dataset/multiple-images.js";
import { everyPackedText } from "../../src/dataset/packed-pairs.js";
import { MOST_ROW_IMAGES } from "../../src/image/augmentation.js";
import type { PackedPair, PackedSource } from "../../src/sources/packed/is-packed.js";

describe("of a pair's images", () => {
  const taken = (
    image: unknown,
    how: { onMultipleImages?: "first" | "random"; maxImages?: MaxImages } = {},
    index = 0,
  ) =>
    listOfImages(
      chosenImages(
        { image, text: "" } as never,
        "pair",
        index,
        { onMultipleImages: "first", maxImages: undefined, ...how },
        { seed: 1, epoch: 0 },
      ),
    ).map(({ image: one, place }) => [one, place]);

  test("the first one that is there is the row's, at its first place", () => {
    assert.deepEqual(taken("a.jpg"), [["a.jpg", 0]]);
    assert.deepEqual(taken(["a.jpg", "b.jpg"]), [["a.jpg", 0]]);
    assert.deepEqual(taken([null, "b.jpg"]), [["b.jpg", 0]]);
  });

  test("a random one is one that is there, each of them for some row", () => {
    const found = new Set<unknown>();
    for (let index = 0; index < 60; index += 1) {
      const [one] = taken([null, "b.jpg", "c.jpg", null], { onMultipleImages: "random" }, index);
      assert.equal(one?.[1], 0);
      found.add(one?.[0]);
    }
    assert.deepEqual([...found].sort(), ["b.jpg", "c.jpg"]);
  });

  test("the first ones are stacked at their own places, up to the most", () => {
    const images = ["a.jpg", null, "c.jpg", "d.jpg"];
    assert.deepEqual(taken(images, { maxImages: 3 }), [
      ["a.jpg", 0],
      ["c.jpg", 2],
    ]);
    assert.deepEqual(taken(images, { maxImages: 9 }).length, 3);
    assert.deepEqual(taken([], { maxImages: 1 }), []);
  });

  test("none is an error, unless rows may have none", () => {
    for (const image of [[], [null]]) {
      assert.throws(() => taken(image), {
        code: "INVALID_IMAGE",
        index: 0,
        source: "pair",
        message: /image: expected at least one, got none; maxImages allows/,
      });
    }
  });
});

test("an image column is drawn as the row's own image, or each column apart", () => {
  const dataset = { image: new ImageProcessor(), augmentation: undefined, layout: undefined };
  const column = (value: unknown) => readImageColumn("columns.a", "a", value, dataset);
  const same = column("image");
  assert.deepEqual(
    [same.draws, same.augmentation, same.followsDataset, same.processor],
    ["same", null, true, dataset.image],
  );
  const separate = column({ type: "image", draws: "separate", augmentation: null });
  assert.equal(separate.followsDataset, false);
  assert.deepEqual(
    [drawnAs(same, 0), drawnAs(same, 3), drawnAs(separate, 0), drawnAs(separate, 3)],
    [0, 0, MOST_ROW_IMAGES - 1, MOST_ROW_IMAGES - 4],
  );
});

test("every text of a packed row is a pair with its own tokens, and none where it has none", async () => {
  const tokens = [Int32Array.of(1, 2), Int32Array.of(3)];
  const rows = [
    { image: "0.jpg", text: ["a", "b"], tokenIds: tokens },
    { image: "1.jpg", text: "c", tokenIds: [] },
  ] as unknown as PackedPair[];
  const pack = {} as PackedSource["pack"];
  const source: PackedSource = { length: 2, get: (i) => rows[i] as PackedPair, pack };
  const pairs = await everyPackedText(source);
  const context = { seed: 0, epoch: 0 };
  const found = await Promise.all([0, 1, 2].map((i) => pairs.get(i, context) as PackedPair));
  assert.deepEqual(
    found.map(({ text, tokenIds }) => [text, tokenIds]),
    [
      ["a", [tokens[0]]],
      ["b", [tokens[1]]],
      ["c", []],
    ],
  );
  assert.equal(pairs.pack, pack);
});
