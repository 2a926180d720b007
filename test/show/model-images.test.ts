// What the model gets, turned back from the tensor, is what the processor makes of type "uint8": bytes that are compared
// with Pillow's elsewhere.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  DataLoader,
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
  showBatch,
} from "pixtok";
import sharp from "sharp";
import { fixture } from "../support/fixtures.js";
import { documentOf, pixelsOf } from "../support/html.js";

const size = { resize: { width: 48, height: 40 } };
const mean = [0.2, 0.5, 0.7] as const;
const std = [0.3, 0.4, 0.5] as const;

/** Each of 256 values in each channel, in another order. */
const everyByte = Uint8Array.from(
  { length: 3 * 256 },
  (_, i) => [i / 3, 255 - i / 3, 7 * (i / 3)][i % 3] as number,
);
const pixels = { data: everyByte, width: 16, height: 16, channels: 3 as const };
const ownSize = { resize: null, centerCrop: 16 };

async function shownBytes(image: ImageProcessor, input: string | typeof pixels): Promise<Buffer> {
  const dataset = new MultimodalDataset({ imagePaths: [input], text: null, image });
  for await (const batch of new DataLoader(dataset, { batchSize: 1 })) {
    const document = documentOf(await showBatch(batch));
    const { data } = await pixelsOf(document.querySelector('[alt="what the model gets"]'));
    return data;
  }
  throw new Error("no batch");
}

async function expectedBytes(options: ImageProcessorOptions, input: string | typeof pixels) {
  const { mean: _, std: __, lastStd: ___, rescale: ____, rescaleOffset: _____, ...kept } = options;
  const image = new ImageProcessor({ ...kept, type: "uint8", layout: "hwc", channelOrder: "rgb" });
  const { pixel_values } = await image.process(input);
  return Buffer.from(pixel_values.data as Uint8Array);
}

describe("an image is shown pixel for pixel as the model gets it", () => {
  for (const [name, options] of [
    ["the standard preset's numbers", {}],
    ["channels last", { layout: "hwc" }],
    ["blue first", { channelOrder: "bgr", mean, std }],
    ["16-bit floats", { type: "float16" }],
    ["bytes", { type: "uint8" }],
    ["values from 0 to 255", { rescale: false, mean: null, std: null }],
    ["no mean and std", { mean: null, std: null }],
    [
      "a factor, an offset and two divisors",
      { rescale: 1 / 127.5, rescaleOffset: 1, mean, std, lastStd: [0.5, 2, 3] },
    ],
    [
      "transformers' fused arithmetic",
      { rescale: 1 / 255, mean, std, convention: "huggingface-torchvision" },
    ],
  ] as [string, ImageProcessorOptions][]) {
    test(`from ${name}`, async () => {
      for (const [own, input] of [
        [ownSize, pixels],
        [size, fixture("images/jpeg-420.jpg")],
      ] as const) {
        const given = { ...own, ...options };
        const shown = await shownBytes(new ImageProcessor(given), input);
        assert.ok(shown.equals(await expectedBytes(given, input)));
      }
    });
  }
});

test("an original is shown whole, in its own proportions, whatever format it has", async () => {
  for (const name of ["jpeg-500x375.jpg", "png-rgb.png", "tiff-rgb.tiff", "gif-still.gif"]) {
    const path = fixture(`images/${name}`);
    const image = new ImageProcessor(size);
    const dataset = new MultimodalDataset({ imagePaths: [path], text: null, image });
    for await (const batch of new DataLoader(dataset, { batchSize: 1 })) {
      const document = documentOf(await showBatch(batch));
      const { width, height } = await sharp(path).metadata();
      assert.match(document.textContent, new RegExp(`original ${width} × ${height} ·`));
      const shown = await pixelsOf(document.querySelector('[alt="the original"]'));
      assert.ok(Math.abs(shown.width / shown.height - width / height) < 0.02, name);
    }
  }
});
