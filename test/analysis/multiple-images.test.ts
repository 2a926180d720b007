import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { checkDataset, computeStats, ImageProcessor, MultimodalDataset } from "pixtok";
import { fixture } from "../support/fixtures.js";

const [a, b, c] = ["jpeg-7x5.jpg", "png-rgb.png", "gif-still.gif"].map((name) =>
  fixture(`images/${name}`),
) as [string, string, string];
const missing = fixture("images/no-such-file.jpg");
const image = new ImageProcessor({ resize: { width: 5, height: 4 } });
const lists = [[a, b, c], [null, c], [], [b, missing], [a]];
const stacked = new MultimodalDataset({ imagePaths: lists, text: null, image, maxImages: 2 });

describe("of rows of several images", () => {
  test("statistics count the pixels of all that are there", async () => {
    const each = new MultimodalDataset({ imagePaths: [a, b, c, a], text: null, image });
    const [all, expected] = [await computeStats(stacked), await computeStats(each)];
    assert.deepEqual(all.channelHistograms, expected.channelHistograms);
    assert.deepEqual([all.pairs, all.pixels, all.errors.count], [4, expected.pixels, 1]);
  });

  test("statistics need one that is there", async () => {
    const none = new MultimodalDataset({ imagePaths: [[], [null]], text: null, maxImages: 1 });
    await assert.rejects(computeStats(none), {
      code: "NO_READABLE_SAMPLE",
      message: /none of 2 pairs has an image/,
    });
  });

  test("a check finds the sizes of those beside one whose own is not known", async () => {
    // its head twice, which only the decoder of damaged files reads
    const file = readFileSync(b);
    const damaged = Buffer.concat([file.subarray(0, 33), file.subarray(8)]);
    const source = { length: 1, get: () => ({ image: [damaged, a], text: "" }) };
    const two = new MultimodalDataset({ source, text: null, image, maxImages: 2 });
    const { errors, images } = await checkDataset(two);
    assert.equal(errors.count, 0);
    assert.deepEqual(images?.formats, { png: 1, jpeg: 1 });
    assert.deepEqual([images?.smallest, images?.largest], Array(2).fill({ width: 7, height: 5 }));
  });

  test("a check looks at all that are there, and at the mask", async () => {
    const { images, errors, batch } = await checkDataset(stacked);
    assert.deepEqual(images?.formats, { jpeg: 2, png: 1, gif: 1 });
    assert.deepEqual(
      errors.list.map(({ index, source }) => [index, source]),
      [[3, missing]],
    );
    assert.deepEqual(batch?.tensors, {
      image: { type: "float32", dims: [5, 2, 3, 4, 5] },
      image_mask: { type: "uint8", dims: [5, 2] },
    });
    assert.equal(batch?.bytes, 5 * 2 * (3 * 4 * 5 * 4 + 1));
  });
});
