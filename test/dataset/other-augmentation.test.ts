// The same pairs with another augmentation, as pages show them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MultimodalDataset } from "pixtok";
import { pipelineOf } from "../../src/dataset/dataset.js";
import { withAugmentation } from "../../src/dataset/other-augmentation.js";
import { tinyImage } from "../support/pairs.js";

const pixel = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 as const };
const dataset = new MultimodalDataset({
  source: {
    length: 1,
    get: () => ({ image: pixel, text: "", columns: { follows: pixel, own: pixel } }),
  },
  text: null,
  image: tinyImage,
  augmentation: { horizontalFlip: 0.25 },
  columns: {
    follows: "image",
    own: { type: "image", draws: "separate", augmentation: { horizontalFlip: 0.5 } },
  },
});

/** The probabilities of flips, of rows' images and of each column. */
function flipsWith(augmentation: unknown) {
  const { image, imageColumns } = withAugmentation(pipelineOf(dataset), augmentation);
  return [image, ...imageColumns.map((column) => column.image)].map(({ augmentation: drawn }) => {
    return drawn === null ? null : drawn.horizontalFlip;
  });
}

describe("a dataset with another augmentation", () => {
  test("has it for its images and for columns that follow it; others keep their own", () => {
    assert.deepEqual(flipsWith({ horizontalFlip: 0.75 }), [0.75, 0.75, 0.5]);
  });

  test("has for columns that follow it what moves pixels alone", () => {
    const [image, follows] = flipsWith({ colorJitter: { hue: 0.1 } });
    assert.notEqual(image, null);
    assert.equal(follows, null);
  });

  test("has none anywhere where it is null", () => {
    assert.deepEqual(flipsWith(null), [null, null, null]);
  });

  test("refuses what is no augmentation", () => {
    assert.throws(() => flipsWith({ horizontalFlip: 2 }), RangeError);
  });
});
