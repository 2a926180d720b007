// A packed set with another augmentation: what it would draw from the original images is refused, for the rows' images and
// for columns that follow them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ImageProcessor, MultimodalDataset, packDataset } from "pixtok";
import { pipelineOf } from "../../src/dataset/dataset.js";
import { withAugmentation } from "../../src/dataset/other-augmentation.js";
import { drawnImage } from "../support/drawn-image.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-other-augmentation-"));
after(() => rmSync(root, { recursive: true }));

const stored = { type: "uint8", layout: "hwc" } as const;
const cropped = new ImageProcessor({ resize: { shortestEdge: 8 }, centerCrop: 8, ...stored });
const whole = new ImageProcessor({ resize: { width: 8, height: 8 }, ...stored });
const pixels = drawnImage(12, 9);

/** A set of one pair whose images, and those of its column, are stored so. */
async function packedSet(image: ImageProcessor, processor: ImageProcessor) {
  const other = { type: "image", processor } as const;
  const options = { text: null, image, columns: { other } } as const;
  const folder = mkdtempSync(join(root, "pack-"));
  const get = () => ({ image: pixels, text: "", columns: { other: pixels } });
  await packDataset(new MultimodalDataset({ ...options, source: { length: 1, get } }), folder);
  return pipelineOf(await MultimodalDataset.from(folder, options));
}

describe("a packed set with another augmentation", () => {
  let ofCrops: Awaited<ReturnType<typeof packedSet>>;
  let ofWhole: typeof ofCrops;
  let ofBoth: typeof ofCrops;
  before(async () => {
    ofCrops = await packedSet(cropped, cropped);
    ofWhole = await packedSet(whole, whole);
    ofBoth = await packedSet(whole, cropped);
  });

  test("draws no parts of images that are not in it", () => {
    for (const pipeline of [ofCrops, ofWhole]) {
      assert.throws(() => withAugmentation(pipeline, { randomResizedCrop: {} }), {
        code: "PACK_MISMATCH",
        message: /: augmentation\.randomResizedCrop takes parts of the original images/,
      });
    }
  });

  test("draws crops of whole images, and none beyond what was cut off", () => {
    const crop = { randomCrop: { padding: 1 } };
    assert.notEqual(withAugmentation(ofWhole, crop).image.augmentation, null);
    assert.throws(() => withAugmentation(ofCrops, crop), {
      code: "PACK_MISMATCH",
      message: /augmentation\.randomCrop needs images .* margin .*, and image\.centerCrop for/,
    });
  });

  test("is refused for a column by that column's name", () => {
    assert.throws(() => withAugmentation(ofBoth, { randomCrop: { padding: 1 } }), {
      code: "PACK_MISMATCH",
      message: /augmentation\.randomCrop needs .*, and columns\.other\.processor\.centerCrop for/,
    });
  });

  test("turns what is stored", () => {
    const { image, imageColumns } = withAugmentation(ofCrops, { horizontalFlip: 0.5 });
    const drawn = [image, ...imageColumns.map((column) => column.image)];
    assert.deepEqual(
      drawn.map(({ augmentation }) => augmentation?.horizontalFlip),
      [0.5, 0.5],
    );
  });
});
