import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor, type ImageProcessorOptions, PixtokError, type RawPixels } from "pixtok";

/** Bytes that no two places of an image have in common for long. */
function bytesOf(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** The same pixels interleaved and in planes, the latter at some place of a larger buffer. */
function twoLayouts(width: number, height: number, room: number): [RawPixels, RawPixels] {
  const interleaved = bytesOf(3 * width * height);
  const planes = new Uint8Array(5 + interleaved.length + room).subarray(5, 5 + interleaved.length);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      planes[channel * width * height + pixel] = interleaved[3 * pixel + channel] as number;
    }
  }
  const size = { width, height, channels: 3 } as const;
  return [
    { data: interleaved, ...size },
    { data: planes, ...size, layout: "chw" },
  ];
}

const asTheyAre: ImageProcessorOptions = { resize: { width: 67, height: 45 } };
const cropped: ImageProcessorOptions = { ...asTheyAre, centerCrop: { width: 33, height: 20 } };
const bordered: ImageProcessorOptions = { ...asTheyAre, centerCrop: 50 };
const resized: ImageProcessorOptions = { resize: { width: 40, height: 30 } };
const padded: ImageProcessorOptions = { ...asTheyAre, pad: 80 };

describe("pixels in planes are the image that they are interleaved", () => {
  for (const [name, options] of Object.entries({ asTheyAre, cropped, bordered, resized, padded })) {
    for (const type of ["float32", "float16", "uint8"] as const) {
      test(`${name}, ${type}, in both layouts, with and without room behind them`, async () => {
        for (const layout of ["chw", "hwc"] as const) {
          const processor = new ImageProcessor({ ...options, type, layout });
          for (const room of [0, 64]) {
            const { pixel_values } = await processor.process(twoLayouts(67, 45, room));
            const half = pixel_values.data.length / 2;
            const [one, other] = [pixel_values.data.slice(0, half), pixel_values.data.slice(half)];
            assert.deepEqual(other, one);
          }
        }
      });
    }
  }

  test("cut, flipped and moved by one's own wish too", async () => {
    const processor = new ImageProcessor({ resize: { width: 31, height: 30 }, centerCrop: 20 });
    const crop = { left: 3, top: 2, width: 31, height: 30 };
    for (const horizontalFlip of [false, true]) {
      for (const wish of [{ crop }, { crop, window: { top: -3, left: 13 } }, {}]) {
        const images = twoLayouts(67, 45, 64);
        const { pixel_values } = await processor.process(images, { ...wish, horizontalFlip });
        const half = pixel_values.data.length / 2;
        assert.deepEqual(pixel_values.data.slice(half), pixel_values.data.slice(0, half));
      }
    }
  });

  test("and are refused where they have no three channels", async () => {
    const grey = { data: new Uint8Array(4), width: 2, height: 2, channels: 1, layout: "chw" };
    await assert.rejects(
      ImageProcessor.standard().process(grey as RawPixels),
      (error) =>
        error instanceof PixtokError &&
        error.code === "INVALID_IMAGE" &&
        /image\.layout: expected "hwc", or "chw" with three channels/.test(error.message),
    );
  });
});
