// Random crops and flips through the public interface: what they depend on and how they are
// distributed. Which ones are drawn, and what becomes of the image, is held against torchvision by
// conformance.test.ts.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import {
  type AugmentationOptions,
  DataLoader,
  type DataLoaderOptions,
  type ImageInput,
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
} from "pixtok";
import { readAugmentation } from "../../src/image/augmentation.js";
import { fixture } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";

const tokenizer = await smallTokenizer();
const small: ImageProcessorOptions = {
  resize: { width: 9, height: 8 },
  type: "uint8",
  layout: "hwc",
};
const usual: AugmentationOptions = { randomResizedCrop: {}, horizontalFlip: 0.5 };
const images = readdirSync(fixture("images")).map((name) => fixture(`images/${name}`));

function datasetOf(
  images: readonly ImageInput[],
  augmentation: AugmentationOptions | null = usual,
  options: ImageProcessorOptions = small,
): MultimodalDataset {
  return new MultimodalDataset({
    imagePaths: images,
    texts: images.map(() => ""),
    tokenizer,
    image: new ImageProcessor(options),
    text: { maxLength: 2 },
    ...(augmentation === null ? {} : { augmentation }),
  });
}

/** The same image `count` times. */
function repeated(count: number, width: number, height: number): ImageInput[] {
  const data = Uint8Array.from({ length: width * height }, (_, i) => i % 251);
  return new Array(count).fill({ data, width, height, channels: 1 });
}

interface Row {
  drawn: number[];
  pixels: number[];
}

/** The rows of an epoch by dataset index. */
async function rowsOf(
  dataset: MultimodalDataset,
  options: DataLoaderOptions,
  epoch = 0,
): Promise<Row[]> {
  const loader = new DataLoader(dataset, options);
  loader.setEpoch(epoch);
  const rows: Row[] = [];
  for await (const { image, augmentation, indices } of loader) {
    assert.deepEqual(augmentation?.dims, [indices.length, 5]);
    const size = image.data.length / indices.length;
    for (const [row, index] of indices.entries()) {
      rows[index] = {
        drawn: [...(augmentation?.data.subarray(5 * row, 5 * row + 5) ?? [])],
        pixels: [...image.data.subarray(size * row, size * (row + 1))],
      };
    }
  }
  return rows;
}

/** How far the counts of values from 0 to `bins` - 1 are from being equal. */
function chiSquare(values: readonly number[], bins: number): number {
  const expected = values.length / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[value] = (counts[value] as number) + 1;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("a row", () => {
  test("is what process makes of the parameters on the batch, for images of every kind", async () => {
    const rows = await rowsOf(datasetOf(images), { batchSize: 32, seed: 5 });
    const processor = new ImageProcessor(small);
    for (const [index, { drawn, pixels }] of rows.entries()) {
      const [top = 0, left = 0, height = 0, width = 0, flip] = drawn;
      const { pixel_values } = await processor.process(images[index] as string, {
        crop: { top, left, height, width },
        horizontalFlip: flip === 1,
      });
      assert.deepEqual(pixels, [...pixel_values.data], images[index]);
    }
  });

  test("of a random crop is what process makes of it as a window", async () => {
    const options = { ...small, resize: { shortestEdge: 20 }, centerCrop: 17 };
    const augmentation = { randomCrop: { padding: 6, fill: 90 }, horizontalFlip: 0.5 };
    const rows = await rowsOf(datasetOf(images, augmentation, options), { batchSize: 32 });
    const processor = new ImageProcessor(options);
    for (const [index, { drawn, pixels }] of rows.entries()) {
      const [top = 0, left = 0, height, width, flip] = drawn;
      assert.deepEqual([height, width], [17, 17]);
      const { pixel_values } = await processor.process(images[index] as string, {
        window: { top, left, fill: 90 },
        horizontalFlip: flip === 1,
      });
      assert.deepEqual(pixels, [...pixel_values.data], images[index]);
    }
  });

  test("of an image smaller than a random crop is DOES_NOT_FIT, or padded if needed", async () => {
    const options = { ...small, resize: null, centerCrop: { width: 9, height: 8 } };
    const padding = [1, 2] as const;
    await assert.rejects(
      datasetOf(repeated(1, 6, 3), { randomCrop: { padding } }, options).get(0),
      {
        code: "DOES_NOT_FIT",
        message: /an image of 8x7, padding included, is smaller than the random crop of 9x8; padI/,
      },
    );
    const padded = datasetOf(
      repeated(1, 6, 20),
      { randomCrop: { padding, padIfNeeded: true, fill: [251, 252, 253] } },
      options,
    );
    for (let epoch = 0; epoch < 20; epoch += 1) {
      const { augmentation, image } = await padded.get(0, { epoch });
      const [top = 0, left = 0] = augmentation?.data ?? [];
      assert.ok(top >= -2 && top + 8 <= 22);
      // 8 of 9 columns with the padding, so one more is added on both sides
      assert.ok(left >= -2 && left + 9 <= 8);
      const expected = [];
      for (let y = top; y < top + 8; y += 1) {
        for (let x = left; x < left + 9; x += 1) {
          const inside = x >= 0 && x < 6 && y >= 0 && y < 20;
          expected.push(...(inside ? new Array(3).fill((y * 6 + x) % 251) : [251, 252, 253]));
        }
      }
      assert.deepEqual([...image.data], expected);
    }
  });

  test("is drawn from the upright image with exifOrientation", async () => {
    for (let orientation = 1; orientation <= 8; orientation += 1) {
      const [width, height] = orientation <= 4 ? [40, 24] : [24, 40];
      for (const format of ["jpg", "png"]) {
        const turned = fixture(`oriented/orientation-${orientation}.${format}`);
        const options = { ...small, exifOrientation: true };
        const item = await datasetOf([turned], usual, options).get(0, { seed: orientation });
        const upright = repeated(1, width as number, height as number);
        const expected = await datasetOf(upright).get(0, { seed: orientation });
        assert.deepEqual(item.augmentation, expected.augmentation);
      }
    }
  });

  test("has the size of centerCrop, or else of resize", async () => {
    const [photo] = images.filter((path) => path.endsWith("jpeg-500x375.jpg"));
    const training = { ...small, resize: { shortestEdge: 40 }, centerCrop: 33 };
    const plain = { ...small, resize: { width: 33, height: 33 } };
    for (let epoch = 0; epoch < 5; epoch += 1) {
      const images = [photo as string];
      assert.deepEqual(
        await datasetOf(images, usual, training).get(0, { epoch }),
        await datasetOf(images, usual, plain).get(0, { epoch }),
      );
    }
  });

  test("of an image without a part of a possible ratio is DOES_NOT_FIT", async () => {
    const narrow = { randomResizedCrop: { ratio: [5, 10] as const } };
    await assert.rejects(datasetOf(repeated(1, 1, 40), narrow).get(0), {
      code: "DOES_NOT_FIT",
      index: 0,
      message: /an image of 1x40 has no part of a possible ratio/,
    });
  });
});

describe("what is drawn", () => {
  const images = repeated(150, 31, 23);

  test("depends on neither threads, batch size nor order", async () => {
    const expected = await rowsOf(datasetOf(images), { batchSize: 150, threads: 1, seed: 3 });
    for (const options of [
      { batchSize: 1, threads: 4 },
      { batchSize: 7, threads: 4, shuffle: true },
      { batchSize: 64, threads: 1, shuffle: true, prefetch: 0 },
    ]) {
      assert.deepEqual(await rowsOf(datasetOf(images), { ...options, seed: 3 }), expected);
    }
  });

  test("depends on seed, epoch and index", async () => {
    const dataset = datasetOf(images);
    const drawn = async (seed: number, epoch: number) =>
      (await rowsOf(dataset, { batchSize: 50, seed }, epoch)).map((row) => row.drawn.join(" "));
    const all = await Promise.all([drawn(1, 0), drawn(1, 1), drawn(2, 0), drawn(1, 2 ** 40)]);
    for (const one of all) assert.ok(new Set(one).size > 130, "too many equal rows");
    for (const [i, one] of all.entries()) {
      for (const other of all.slice(i + 1)) {
        const equal = one.filter((each, index) => each === other[index]);
        assert.ok(equal.length < 10, `${equal.length} rows are equal`);
      }
    }
  });

  test("is the same for an item of that seed and epoch", async () => {
    const dataset = datasetOf(images.slice(0, 10));
    const rows = await rowsOf(dataset, { batchSize: 4, seed: 8 }, 6);
    for (const [index, { drawn, pixels }] of rows.entries()) {
      const item = await dataset.get(index, { seed: 8, epoch: 6 });
      assert.deepEqual(item.augmentation?.dims, [5]);
      assert.deepEqual([...(item.augmentation?.data ?? [])], drawn);
      assert.deepEqual([...item.image.data], pixels);
    }
  });

  test("for an item is of seed 0 and epoch 0 if nothing is said", async () => {
    const dataset = datasetOf(images.slice(0, 1));
    assert.deepEqual(await dataset.get(0), await dataset.get(0, { seed: 0, epoch: 0 }));
  });

  test("is every place equally often", async () => {
    const augmentation = { randomResizedCrop: { scale: [0.25, 0.25], ratio: [1, 1] } } as const;
    const dataset = datasetOf(repeated(2000, 20, 20), augmentation);
    const rows = await rowsOf(dataset, { batchSize: 500, seed: 1 });
    // 11 places a direction, 10 degrees of freedom, p = 0.001
    for (const number of [0, 1]) {
      const places = rows.map(({ drawn }) => drawn[number] as number);
      assert.ok(chiSquare(places, 11) < 29.6, `${chiSquare(places, 11)}`);
    }
    assert.ok(rows.every(({ drawn }) => drawn[2] === 10 && drawn[3] === 10 && drawn[4] === 0));
  });

  test("keeps to scale and ratio but for rounding", async () => {
    const augmentation = { randomResizedCrop: { scale: [0.3, 0.6], ratio: [0.5, 1.25] } } as const;
    const dataset = datasetOf(repeated(1000, 60, 90), augmentation);
    for (const { drawn } of await rowsOf(dataset, { batchSize: 500, seed: 2 })) {
      const [top = -1, left = -1, height = 0, width = 0] = drawn;
      assert.ok(top >= 0 && left >= 0 && top + height <= 90 && left + width <= 60);
      const border = (width + height) / 2 + 0.25;
      assert.ok(width * height >= 0.3 * 5400 - border && width * height <= 0.6 * 5400 + border);
      assert.ok((width + 0.5) / (height - 0.5) >= 0.5 && (width - 0.5) / (height + 0.5) <= 1.25);
    }
  });

  test("flips with the probability that is asked for, of the whole image without a crop", async () => {
    const dataset = datasetOf(repeated(2000, 3, 2), { horizontalFlip: 0.3 });
    const rows = await rowsOf(dataset, { batchSize: 500, seed: 1 });
    assert.ok(rows.every(({ drawn }) => drawn.slice(0, 4).join(" ") === "0 0 2 3"));
    const flipped = rows.filter(({ drawn }) => drawn[4] === 1).length;
    // 3.3 standard deviations of a binomial distribution
    assert.ok(Math.abs(flipped - 600) < 3.3 * Math.sqrt(2000 * 0.3 * 0.7), `${flipped} flipped`);
  });
});

test("without augmentation there is none on batches and items", async () => {
  const dataset = datasetOf(repeated(3, 5, 5), null);
  assert.ok(!("augmentation" in (await dataset.get(0, { seed: 4 }))));
  for await (const batch of new DataLoader(dataset)) assert.ok(!("augmentation" in batch));
});

describe("options", () => {
  const refused: [unknown, RegExp][] = [
    [{}, /augmentation: expected one of randomResizedCrop, .*labels, got an object/],
    [true, /augmentation: expected an object with options, got true/],
    [{ flip: 0.5 }, /augmentation: unknown option "flip"; expected one of randomResizedCrop/],
    [{ horizontalFlip: true }, /augmentation\.horizontalFlip: expected a number from 0 to 1, got/],
    [{ horizontalFlip: 1.5 }, /augmentation\.horizontalFlip: expected a number from 0 to 1, got 1/],
    [{ horizontalFlip: Number.NaN }, /horizontalFlip: expected a number from 0 to 1, got NaN/],
    [{ randomCrop: {}, randomResizedCrop: {} }, /randomCrop: expected nothing beside randomResiz/],
    [{ randomCrop: { size: 32 } }, /randomCrop: unknown option "size"; expected one of padding/],
    [{ randomCrop: { padding: -1 } }, /randomCrop\.padding: expected an integer from 0 to 65536/],
    [
      { randomCrop: { padding: [1, 2, 3] } },
      /\.padding: expected a number, \[horizontal, vertical/,
    ],
    [{ randomCrop: { padIfNeeded: 1 } }, /randomCrop\.padIfNeeded: expected true or false, got 1/],
    [{ randomCrop: { fill: 256 } }, /randomCrop\.fill: expected an integer from 0 to 255, got 256/],
    [{ randomCrop: { fill: [0, 0.5, 0] } }, /randomCrop\.fill: expected an integer from 0 to 255/],
    [
      { randomCrop: { fill: [0, 0] } },
      /randomCrop\.fill: expected a number or \[red, green, blue\]/,
    ],
    [{ randomResizedCrop: 224 }, /augmentation\.randomResizedCrop: expected an object with/],
    [{ randomResizedCrop: { size: 224 } }, /randomResizedCrop: unknown option "size"; expected/],
    [{ randomResizedCrop: { scale: 0.5 } }, /\.scale: expected \[least, greatest\], got 0\.5/],
    [{ randomResizedCrop: { scale: [0, 1] } }, /\.scale: expected 0 < least <= greatest <= 1, got/],
    [{ randomResizedCrop: { scale: [0.5, 2] } }, /\.scale: expected 0 < least <= greatest <= 1/],
    [{ randomResizedCrop: { ratio: [2, 1] } }, /\.ratio: expected 0 < least <= greatest, got/],
    [{ randomResizedCrop: { ratio: [1, Infinity] } }, /\.ratio: expected \[least, greatest\]/],
  ];
  for (const [augmentation, message] of refused) {
    test(`${JSON.stringify(augmentation)} are refused`, () => {
      assert.throws(() => datasetOf(repeated(1, 1, 1), augmentation as AugmentationOptions), {
        message,
      });
    });
  }

  test("that are left out are torchvision's", () => {
    const { config } = new ImageProcessor({ resize: { width: 9, height: 9 } });
    const read = (options: AugmentationOptions) => readAugmentation(options, config);
    const warp = { filter: "nearest", fill: [0, 0, 0] };
    const { randomResizedCrop, horizontalFlip, operations } = read({
      randomResizedCrop: {},
      randomRotation: { degrees: 5 },
      randomAffine: { degrees: 5 },
      randAugment: {},
      colorJitter: { brightness: 0.4, contrast: 1.5, hue: 0.1 },
      gaussianBlur: { kernelSize: 3 },
      randomErasing: {},
    });
    assert.deepEqual(randomResizedCrop, { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] });
    assert.equal(horizontalFlip, 0);
    const expected = {
      randomRotation: { degrees: [-5, 5], center: null, ...warp },
      randomAffine: { degrees: [-5, 5], center: null, ...warp },
      randAugment: { numOps: 2, magnitude: 9, numMagnitudeBins: 31, ...warp },
      colorJitter: { brightness: [0.6, 1.4], contrast: [0, 2.5], hue: [-0.1, 0.1], probability: 1 },
      gaussianBlur: { kernelSize: [3, 3], sigma: [0.1, 2], probability: 1 },
      randomErasing: { probability: 0.5, scale: [0.02, 0.33], ratio: [0.3, 3.3], value: [0, 0, 0] },
    };
    assert.deepEqual(JSON.parse(JSON.stringify(operations)), expected);
    assert.deepEqual(read({ trivialAugment: {} }).operations.trivialAugment, {
      numMagnitudeBins: 31,
      ...warp,
    });
    assert.deepEqual(read({ autoAugment: {} }).operations.autoAugment, {
      policy: "imagenet",
      ...warp,
    });
    assert.deepEqual(read({ randomCrop: {} }).randomCrop, {
      padding: [0, 0, 0, 0],
      padIfNeeded: false,
      fill: [0, 0, 0],
    });
  });

  test("are refused where the size of a crop would depend on the image", () => {
    const sizes = { ...small, resize: { shortestEdge: 9 }, pad: 20 };
    for (const name of ["randomResizedCrop", "randomCrop"]) {
      assert.throws(() => datasetOf(repeated(1, 1, 1), { [name]: {} }, sizes), {
        name: "TypeError",
        message: new RegExp(
          `${name}: expected an ImageProcessor with centerCrop or with resize: {`,
        ),
      });
    }
    datasetOf(repeated(1, 1, 1), { horizontalFlip: 1 }, sizes);
  });

  test("of an item are refused where they are no seed and epoch", async () => {
    const dataset = datasetOf(repeated(1, 1, 1));
    await assert.rejects(dataset.get(0, { seed: -1 }), /seed: expected an integer of at least 0/);
    await assert.rejects(dataset.get(0, { epoch: 0.5 }), /epoch: expected an integer of at least/);
    const misspelled = { epochs: 1 } as unknown as { epoch: number };
    await assert.rejects(dataset.get(0, misspelled), /context: unknown option "epochs"/);
  });
});
