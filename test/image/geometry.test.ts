// Sizes, crops, padding, boxes, flips and EXIF orientation. Expected values:
// test/goldens/make_geometry.py.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor, type ImageProcessorOptions, type ProcessOptions } from "pixtok";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";

interface GeometryLine {
  image: string;
  options: ImageProcessorOptions;
  process: ProcessOptions;
  sha256: string;
}

const lines = readJsonLines<GeometryLine>(fixture("goldens/geometry.jsonl"));

async function isIdentical({ image, options, process, ...line }: GeometryLine): Promise<boolean> {
  const { pixel_values } = await new ImageProcessor(options).process(fixture(image), process);
  return sha256(pixel_values.data) === line.sha256;
}

const families: [string, (line: GeometryLine) => boolean][] = [
  [
    "torchvision's shortest and longest edge and centre crop",
    (line) => "centerCrop" in line.options && line.options.convention === undefined,
  ],
  [
    "Hugging Face's edges, frames, centre crop and padding",
    (line) => line.options.convention === "huggingface",
  ],
  ["Pillow's box, and mirror images", (line) => Object.keys(line.process).length > 0],
  ["EXIF orientation, in JPEG, PNG and WebP", (line) => line.options.exifOrientation === true],
];

for (const [name, belongs] of families) {
  test(`${name}: identical`, async () => {
    const family = lines.filter(belongs);
    assert.ok(family.length > 20, `${family.length} cases`);
    const differences: string[] = [];
    for (const line of family) {
      if (await isIdentical(line)) continue;
      differences.push(
        `${line.image} ${JSON.stringify(line.options)} ${JSON.stringify(line.process)}`,
      );
    }
    assert.deepEqual(differences, []);
  });
}

test("every line belongs to a family", () => {
  assert.ok(lines.every((line) => families.some(([, belongs]) => belongs(line))));
});

describe("process options", () => {
  const photo = fixture("images/jpeg-500x375.jpg");
  const processor = new ImageProcessor({ resize: { width: 7, height: 5 } });

  test("may differ from image to image", async () => {
    const { pixel_values } = await processor.process([photo, photo, photo], {
      box: [null, [10, 20, 110, 100], null],
      horizontalFlip: [false, false, true],
    });
    const one = 3 * 7 * 5;
    const alone = await processor.process(photo, { box: [10, 20, 110, 100] });
    assert.deepEqual(pixel_values.data.slice(one, 2 * one), alone.pixel_values.data);
    const flipped = await processor.process(photo, { horizontalFlip: true });
    assert.deepEqual(pixel_values.data.slice(2 * one), flipped.pixel_values.data);
  });

  test("a box outside of the image is DOES_NOT_FIT", async () => {
    await assert.rejects(processor.process(photo, { box: [0, 0, 501, 375] }), {
      code: "DOES_NOT_FIT",
      message: /the box is not inside the image of 500x375/,
    });
  });

  test("a crop outside of the image is DOES_NOT_FIT", async () => {
    for (const crop of [
      { top: 0, left: 1, height: 375, width: 500 },
      { top: 375, left: 0, height: 1, width: 1 },
      { top: 0, left: 0, height: 376, width: 1 },
    ]) {
      await assert.rejects(processor.process(photo, { crop }), {
        code: "DOES_NOT_FIT",
        message: /the crop is not inside the image of 500x375/,
      });
    }
  });

  test("a window may differ from image to image, and lie outside", async () => {
    const window = { top: 5, left: 0, fill: [1, 2, 3] } as const;
    const bytes = new ImageProcessor({
      resize: { width: 7, height: 5 },
      type: "uint8",
      layout: "hwc",
    });
    const { pixel_values } = await bytes.process([photo, photo], { window: [null, window] });
    const alone = await bytes.process(photo);
    assert.deepEqual(pixel_values.data.slice(0, 105), alone.pixel_values.data);
    const outside = Array.from({ length: 105 }, (_, i) => (i % 3) + 1);
    assert.deepEqual([...pixel_values.data.slice(105)], outside);
  });

  test("a window is refused where its size would depend on the image", async () => {
    const padded = new ImageProcessor({ resize: { shortestEdge: 5 }, pad: 20 });
    await assert.rejects(padded.process(photo, { window: { top: 0, left: 0 } }), {
      message:
        /window: expected an ImageProcessor with centerCrop or with resize: \{ width, height/,
    });
  });

  test("a box is refused where torch resizes, which has none", async () => {
    const torch = new ImageProcessor({ resampler: "torch" });
    await assert.rejects(torch.process(photo, { box: [0, 0, 1, 1] }), {
      message: /box: expected null with resampler "torch"/,
    });
  });

  const crop = { top: 0, left: 0, height: 9, width: 9 };
  const refused: [unknown, RegExp][] = [
    [{ crop: { ...crop, top: -1 } }, /crop\.top: expected an integer from 0 to \d+, got -1/],
    [{ crop: { ...crop, width: 0 } }, /crop\.width: expected an integer from 1 to \d+, got 0/],
    [{ crop: { ...crop, left: 0.5 } }, /crop\.left: expected an integer from 0 to \d+, got 0\.5/],
    [{ crop: { top: 0, left: 0, height: 9 } }, /crop\.width: expected an integer .+ got undefined/],
    [{ crop: { ...crop, right: 9 } }, /crop: unknown option "right"; expected one of top, left/],
    [{ crop: [crop, null] }, /crop: expected 1 entries, one for each image, got 2/],
    [{ crop, box: [0, 0, 1, 1] }, /box: expected nothing beside crop, got \[0, 0, 1, 1\]/],
    [{ window: { top: 0 } }, /window\.left: expected an integer from -\d+ to \d+, got undefined/],
    [{ window: { top: 0.5, left: 0 } }, /window\.top: expected an integer from -\d+ to \d+, got 0/],
    [{ window: { top: 0, left: 0, fill: -1 } }, /window\.fill: expected an integer from 0 to 255/],
    [{ window: [null, null] }, /window: expected 1 entries, one for each image, got 2/],
    [{ box: [0, 0, 1] }, /box: expected \[left, top, right, bottom\] or null/],
    [{ box: [5, 0, 5, 9] }, /box: expected 0 <= left < right/],
    [{ box: [0, 9, 5, 9] }, /box: expected 0 <= left < right and 0 <= top < bottom, got \[0, 9/],
    [{ box: [[0, 0, 1, 1], null] }, /box: expected 1 entries, one for each image, got 2/],
    [{ horizontalFlip: [true, false] }, /horizontalFlip: expected 1 entries, one for each image/],
    [{ operations: [[], []] }, /operations: expected 1 entries, one for each image, got 2/],
    [{ operations: "rotate" }, /operations: expected an array, got "rotate"/],
    [{ horizontalFlip: "yes" }, /horizontalFlip: expected true or false, got "yes"/],
    [{ flip: true }, /process: unknown option "flip"/],
  ];
  for (const [options, message] of refused) {
    test(`${JSON.stringify(options)} is refused`, async () => {
      await assert.rejects(processor.process(photo, options as ProcessOptions), { message });
    });
  }
});

describe("sizes", () => {
  test("that differ from image to image are refused at construction", () => {
    for (const resize of [null, { shortestEdge: 224 }, { maxWidth: 5, maxHeight: 5 }]) {
      assert.throws(() => new ImageProcessor({ resize }), /resize: expected one size for all/);
    }
    assert.deepEqual(
      new ImageProcessor({ resize: { shortestEdge: 9 }, centerCrop: 8 }).dims,
      [3, 8, 8],
    );
  });

  test("that make an image larger than its padding are DOES_NOT_FIT", async () => {
    const processor = new ImageProcessor({ resize: { shortestEdge: 50 }, pad: 60 });
    await assert.rejects(processor.process(fixture("images/jpeg-500x375.jpg")), {
      code: "DOES_NOT_FIT",
      message: /an image of 66x50 does not fit the output of 60x60/,
    });
  });

  test("that would make an edge vanish are DOES_NOT_FIT", async () => {
    const processor = new ImageProcessor({ resize: { longestEdge: 5 }, pad: 10 });
    await assert.rejects(processor.process(fixture("images/jpeg-3x400.jpg")), {
      code: "DOES_NOT_FIT",
      message: /an image of 3x400 would become 0x5/,
    });
  });
});
