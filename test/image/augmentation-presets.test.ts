import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AugmentationOptions,
  type AugmentationPreset,
  augmentationPreset,
  ImageProcessor,
  MultimodalDataset,
} from "pixtok";

const size = { width: 40, height: 32 };
const data = Uint8Array.from({ length: 3 * 40 * 32 }, (_, i) => (i * i * 7) % 256);

function datasetOf(augmentation: AugmentationOptions | AugmentationPreset) {
  return new MultimodalDataset({
    imagePaths: new Array(4).fill({ data, ...size, channels: 3 }),
    text: null,
    image: new ImageProcessor({ resize: size }),
    augmentation,
  });
}

for (const name of ["clip", "simclr", "deit"] as const) {
  test(`${name} is the options that it stands for`, async () => {
    const given = datasetOf(augmentationPreset(name));
    assert.deepEqual(await datasetOf(name).get(3, { seed: 5 }), await given.get(3, { seed: 5 }));
  });
}

test("clip is what OpenCLIP trains by", () => {
  assert.deepEqual(augmentationPreset("clip"), { randomResizedCrop: { scale: [0.9, 1] } });
});

test("simclr is the paper's, with the strength of 1", () => {
  assert.deepEqual(augmentationPreset("simclr"), {
    randomResizedCrop: {},
    horizontalFlip: 0.5,
    colorJitter: { brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2, probability: 0.8 },
    randomGrayscale: 0.2,
    gaussianBlur: { kernelSize: 23, probability: 0.5 },
  });
});

test("deit is the paper's: RandAugment of 9, erased by a quarter of the time", () => {
  assert.deepEqual(augmentationPreset("deit"), {
    randomResizedCrop: {},
    horizontalFlip: 0.5,
    randAugment: { filter: "bicubic" },
    randomErasing: {
      probability: 0.25,
      scale: [0.02, 1 / 3],
      ratio: [0.3, 10 / 3],
      value: "random",
    },
  });
});

test("options of a preset may be changed", () => {
  augmentationPreset("clip").horizontalFlip = 1;
  assert.equal(augmentationPreset("clip").horizontalFlip, undefined);
});

test("a preset that does not exist is refused", () => {
  assert.throws(() => datasetOf("byol" as AugmentationPreset), {
    message: /augmentation: expected one of "clip", "simclr", "deit", got "byol"/,
  });
});
