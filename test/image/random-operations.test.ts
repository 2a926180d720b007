// What is drawn for an image after its crop and flip: what it depends on and how it is distributed. Which operations
// are drawn, and what becomes of the image, is held against torchvision by conformance.test.ts.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AugmentationOptions,
  DataLoader,
  type DataLoaderOptions,
  type ImageInput,
  type ImageOperation,
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
  type RawPixels,
} from "pixtok";

const small: ImageProcessorOptions = { resize: { width: 12, height: 10 }, type: "uint8" };

function pixels(seed: number): RawPixels {
  const data = Uint8Array.from({ length: 3 * 120 }, (_, i) => (i * i * 7 + seed * 31) % 256);
  return { data, width: 12, height: 10, channels: 3 };
}

function datasetOf(
  count: number,
  augmentation: AugmentationOptions,
  options: ImageProcessorOptions = small,
): MultimodalDataset<Record<never, never>, null> {
  const imagePaths = Array.from({ length: count }, (_, i) => pixels(i % 5));
  const image = new ImageProcessor(options);
  return new MultimodalDataset({ imagePaths, text: null, image, augmentation });
}

interface Row {
  operations: readonly ImageOperation[];
  numbers: number[];
}

/** The rows of an epoch by dataset index. */
async function rowsOf(
  dataset: MultimodalDataset<Record<never, never>, null>,
  options: DataLoaderOptions,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { image, augmentation, indices } of new DataLoader(dataset, options)) {
    const size = image.data.length / indices.length;
    for (const [row, index] of indices.entries()) {
      const operations = augmentation?.operations?.[row] as readonly ImageOperation[];
      rows[index] = { operations, numbers: [...image.data.subarray(size * row, size * (row + 1))] };
    }
  }
  return rows;
}

/** Of one epoch. */
async function operationsOf(
  count: number,
  augmentation: AugmentationOptions,
  seed = 1,
): Promise<(readonly ImageOperation[])[]> {
  const rows = await rowsOf(datasetOf(count, augmentation), { batchSize: 500, seed });
  return rows.map(({ operations }) => operations);
}

/** How far counts are from being equal. */
function chiSquare(values: readonly unknown[], kinds: number): number {
  const counts = new Map<unknown, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const expected = values.length / kinds;
  const missing = (kinds - counts.size) * expected;
  return [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, missing);
}

/** Whether as many of `count` are as the probability says, within 3.3 standard deviations. */
function isLikely(found: number, count: number, probability: number): boolean {
  const deviation = Math.sqrt(count * probability * (1 - probability));
  return Math.abs(found - count * probability) < 3.3 * deviation;
}

const everything: AugmentationOptions = {
  horizontalFlip: 0.5,
  randomRotation: { degrees: 20, filter: "bilinear" },
  randomAffine: { degrees: 0, translate: [0.2, 0.2], shear: 10 },
  randAugment: {},
  colorJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, probability: 0.8 },
  randomGrayscale: 0.2,
  gaussianBlur: { kernelSize: 5, probability: 0.5 },
};

describe("a row", () => {
  test("is what process makes of its operations", async () => {
    const dataset = datasetOf(40, { ...everything, horizontalFlip: 0 });
    const processor = new ImageProcessor(small);
    for (const [index, row] of (await rowsOf(dataset, { batchSize: 8, seed: 3 })).entries()) {
      const { operations } = row;
      const { pixel_values } = await processor.process(pixels(index % 5), { operations });
      assert.deepEqual([...pixel_values.data], row.numbers, JSON.stringify(operations));
    }
  });

  test("depends on neither threads, batch size nor order", async () => {
    const expected = await rowsOf(datasetOf(60, everything), {
      batchSize: 60,
      threads: 1,
      seed: 3,
    });
    for (const options of [
      { batchSize: 1, threads: 4 },
      { batchSize: 7, threads: 4, shuffle: true },
    ]) {
      const dataset = datasetOf(60, everything);
      assert.deepEqual(await rowsOf(dataset, { ...options, seed: 3 }), expected);
    }
  });

  test("is the same on a rank of several, and after a loader is resumed", async () => {
    const dataset = datasetOf(30, everything);
    const expected = await rowsOf(dataset, { batchSize: 30, seed: 4 });
    for (const rank of [0, 1]) {
      const rows = await rowsOf(dataset, { batchSize: 4, seed: 4, rank, worldSize: 2 });
      for (const [index, row] of rows.entries()) {
        if (row !== undefined) assert.deepEqual(row, expected[index]);
      }
    }
    const loader = new DataLoader(dataset, { batchSize: 10, seed: 4 });
    for await (const _ of loader) break;
    const resumed = new DataLoader(dataset, { batchSize: 10, seed: 4 });
    resumed.resume(loader.state());
    for await (const { augmentation, indices } of resumed) {
      for (const [row, index] of indices.entries()) {
        assert.deepEqual(augmentation?.operations?.[row], expected[index]?.operations);
      }
    }
  });

  test("depends on seed, epoch and index", async () => {
    const all = await Promise.all([
      operationsOf(100, { trivialAugment: {} }, 1),
      operationsOf(100, { trivialAugment: {} }, 2),
    ]);
    for (const one of all) assert.ok(new Set(one.map((row) => JSON.stringify(row))).size > 60);
    const [first, second] = all.map((rows) => rows.map((row) => JSON.stringify(row)));
    assert.ok((first ?? []).filter((row, index) => row === second?.[index]).length < 25);
  });

  test("stays with its row where others are skipped", async () => {
    const good = Array.from({ length: 8 }, (_, i) => pixels(i));
    const of = (imagePaths: ImageInput[]) =>
      new MultimodalDataset({
        imagePaths,
        text: null,
        image: new ImageProcessor(small),
        augmentation: everything,
      });
    const options = { batchSize: 8, seed: 5, onError: "skip" } as const;
    const expected = await rowsOf(of(good), options);
    const noImage = new Uint8Array(9);
    const rows = await rowsOf(of(good.map((one, i) => (i % 3 === 0 ? noImage : one))), options);
    assert.deepEqual(Object.keys(rows), ["1", "2", "4", "5", "7"]);
    for (const [index, row] of Object.entries(rows)) {
      assert.deepEqual(row, expected[Number(index)]);
    }
  });

  test("of several images has operations of each", async () => {
    const dataset = new MultimodalDataset({
      imagePaths: [[pixels(0), pixels(1)], [pixels(2)]],
      text: null,
      maxImages: 2,
      image: new ImageProcessor(small),
      augmentation: { colorJitter: { brightness: [0.5, 1.5] } },
    });
    for await (const { augmentation } of new DataLoader(dataset, { batchSize: 2 })) {
      const counts = augmentation?.operations?.map((operations) => operations.length);
      assert.deepEqual(counts, [1, 1, 1, 0]);
    }
  });
});

describe("what is drawn", () => {
  test("by colorJitter comes in every order equally often, within its ranges", async () => {
    const jitter = { brightness: 0.4, contrast: [0.2, 0.7], saturation: 2, hue: 0.1 } as const;
    const rows = await operationsOf(4800, { colorJitter: jitter });
    const limits = {
      brightness: [0.6, 1.4],
      contrast: [0.2, 0.7],
      saturation: [0, 3],
      hue: [-0.1, 0.1],
    };
    for (const row of rows) {
      assert.equal(row.length, 4);
      for (const operation of row) {
        const [least = 1, most = 0] = limits[operation.name as keyof typeof limits];
        const { factor } = operation as { factor: number };
        assert.ok(factor >= least && factor <= most, JSON.stringify(operation));
      }
    }
    const orders = rows.map((row) => row.map(({ name }) => name).join(" "));
    // 24 orders, 23 degrees of freedom, p = 0.001
    assert.ok(chiSquare(orders, 24) < 49.8, `${chiSquare(orders, 24)}`);
  });

  test("by colorJitter leaves out what is not asked for", async () => {
    const rows = await operationsOf(50, { colorJitter: { hue: [0.1, 0.2] } });
    for (const row of rows)
      assert.deepEqual(
        row.map(({ name }) => name),
        ["hue"],
      );
  });

  test("by probabilities is as often as they say", async () => {
    const rows = await operationsOf(3000, {
      colorJitter: { brightness: 0.1, probability: 0.3 },
      randomGrayscale: 0.2,
      gaussianBlur: { kernelSize: 3, probability: 0.6 },
    });
    for (const [name, probability] of Object.entries({
      brightness: 0.3,
      grayscale: 0.2,
      gaussianBlur: 0.6,
    })) {
      const found = rows.filter((row) => row.some((one) => one.name === name)).length;
      assert.ok(isLikely(found, 3000, probability), `${name}: ${found}`);
    }
  });

  test("by trivialAugment is each of its kinds equally often", async () => {
    const rows = await operationsOf(4200, { trivialAugment: {} });
    const kinds = rows.map(([operation]) => {
      if (operation?.name !== "affine") return operation?.name ?? "identity";
      const { shear, translate } = operation;
      return [...shear, ...translate].findIndex((number) => number !== 0);
    });
    // shears and shifts of nothing are taken for one another
    const others = kinds.filter((kind) => typeof kind === "string");
    assert.ok(isLikely(others.length, 4200, 10 / 14), `${others.length}`);
    // 10 kinds, 9 degrees of freedom, p = 0.001
    assert.ok(chiSquare(others, 10) < 27.9, `${chiSquare(others, 10)}`);
  });

  test("by randAugment is as many operations as are asked for, of one strength", async () => {
    const rows = await operationsOf(400, { randAugment: { numOps: 3, magnitude: 30 } });
    for (const operation of rows.flat()) {
      if (operation.name === "posterize") assert.equal(operation.bits, 4);
      if (operation.name === "rotate") assert.equal(Math.abs(operation.angle), 30);
      if (operation.name === "solarize") assert.equal(operation.threshold, 0);
    }
    assert.ok(rows.every((row) => row.length <= 3));
    // 13 of 14 kinds change an image
    assert.ok(isLikely(rows.flat().length, 1200, 13 / 14), `${rows.flat().length}`);
    assert.deepEqual(await operationsOf(2, { randAugment: { numOps: 0 }, randomGrayscale: 0 }), [
      [],
      [],
    ]);
  });

  test("by randomRotation and randomAffine stays within their ranges", async () => {
    const rows = await operationsOf(500, {
      randomRotation: { degrees: [5, 9], center: [1, 2], fill: [1, 2, 3] },
      randomAffine: {
        degrees: 10,
        translate: [0.25, 0.1],
        scale: [0.5, 2],
        shear: [-3, 4, 5, 6],
        filter: "bicubic",
      },
    });
    const between = (value: number, least: number, most: number) =>
      assert.ok(value >= least && value <= most, `${value} is not from ${least} to ${most}`);
    for (const [rotate, affine] of rows) {
      assert.ok(rotate?.name === "rotate" && affine?.name === "affine");
      between(rotate.angle, 5, 9);
      assert.deepEqual([rotate.center, rotate.fill, rotate.filter], [[1, 2], [1, 2, 3], "nearest"]);
      between(affine.angle, -10, 10);
      between(Math.abs(affine.translate[0]), 0, 3);
      between(Math.abs(affine.translate[1]), 0, 1);
      between(affine.scale, 0.5, 2);
      between(affine.shear[0], -3, 4);
      between(affine.shear[1], 5, 6);
      assert.equal(affine.filter, "bicubic");
    }
    const scales = rows.map(([, affine]) => (affine?.name === "affine" ? affine.scale : 1));
    assert.ok(Math.min(...scales) < 1 && Math.max(...scales) > 1);
  });

  test("by autoAugment is two operations at most", async () => {
    for (const policy of ["imagenet", "cifar10", "svhn"] as const) {
      const rows = await operationsOf(50, { autoAugment: { policy } });
      assert.equal(Math.max(...rows.map((row) => row.length)), 2, policy);
    }
  });

  test("by gaussianBlur has the kernel's width and height, and one sigma of its range", async () => {
    const rows = await operationsOf(20, { gaussianBlur: { kernelSize: [3, 5], sigma: [0.5, 2] } });
    for (const [blur] of rows) {
      assert.ok(blur?.name === "gaussianBlur");
      const [across, down] = blur.sigma;
      assert.deepEqual(blur.kernelSize, [3, 5]);
      assert.ok(across === down && across >= 0.5 && across <= 2, `${across} ${down}`);
    }
  });
});

describe("randomErasing", () => {
  const normal: ImageProcessorOptions = { resize: { width: 40, height: 30 } };

  test("erases a part of its area and ratio to the value of each channel", async () => {
    const value = [1, -2, 0.5] as const;
    const randomErasing = { probability: 1, scale: [0.1, 0.3], ratio: [0.5, 2], value } as const;
    const dataset = datasetOf(50, { randomErasing }, normal);
    for (const { operations, numbers } of await rowsOf(dataset, { batchSize: 50 })) {
      const [operation] = operations;
      assert.ok(operation?.name === "erase");
      const { top, left, height, width } = operation;
      assert.ok(top >= 0 && left >= 0 && top + height <= 30 && left + width <= 40);
      const border = (width + height) / 2 + 0.25;
      assert.ok(Math.abs(width * height - 0.2 * 1200) <= 0.1 * 1200 + border);
      assert.ok((height + 0.5) / (width - 0.5) >= 0.5 && (height - 0.5) / (width + 0.5) <= 2);
      for (const [channel, expected] of value.entries()) {
        assert.equal(numbers[channel * 1200 + top * 40 + left], expected);
        assert.equal(
          numbers[channel * 1200 + (top + height - 1) * 40 + left + width - 1],
          expected,
        );
      }
    }
  });

  test("to random values gives normal numbers, the same for a seed, epoch and index", async () => {
    const randomErasing = { probability: 1, scale: [0.9, 0.95], value: "random" } as const;
    const squares = { resize: { width: 100, height: 100 } };
    const [a, b] = await Promise.all(
      [0, 0].map((seed) =>
        datasetOf(1, { randomErasing: { ...randomErasing, ratio: [1, 1] } }, squares).get(0, {
          seed,
        }),
      ),
    );
    assert.deepEqual(a, b);
    const operation = a?.augmentation?.operations?.[0]?.[0];
    assert.ok(operation?.name === "erase" && operation.value === "random");
    const { top, left, height, width } = operation;
    const numbers: number[] = [];
    for (let y = top; y < top + height; y += 1) {
      numbers.push(...(a?.image.data.subarray(y * 100 + left, y * 100 + left + width) ?? []));
    }
    const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
    const variance = numbers.reduce((sum, one) => sum + one ** 2, 0) / numbers.length - mean ** 2;
    const tail = numbers.filter((one) => Math.abs(one) > 1.96).length;
    // 9000 numbers: 3.3 standard deviations
    assert.ok(Math.abs(mean) < 0.035, `${mean}`);
    assert.ok(Math.abs(variance - 1) < 0.05, `${variance}`);
    assert.ok(isLikely(tail, numbers.length, 0.05), `${tail}`);
  });

  test("writes halves and interleaved channels", async () => {
    const randomErasing = { probability: 1, value: [1, 2, -4] } as const;
    const options = { ...normal, type: "float16", layout: "hwc" } as const;
    const [row] = await rowsOf(datasetOf(1, { randomErasing }, options), {});
    const [operation] = row?.operations ?? [];
    assert.ok(operation?.name === "erase");
    const at = 3 * (operation.top * 40 + operation.left);
    assert.deepEqual(row?.numbers.slice(at, at + 3), [0x3c00, 0x4000, 0xc400]);
  });
});

test("an image too small for half the kernel of a blur is DOES_NOT_FIT", async () => {
  await assert.rejects(datasetOf(1, { gaussianBlur: { kernelSize: 23 } }).get(0), {
    code: "DOES_NOT_FIT",
    index: 0,
    message: /mirrors half its kernel of 23x23 around the image, which is too small with 12x10/,
  });
});

describe("options", () => {
  const refused: [unknown, RegExp][] = [
    [{ randAugment: {}, trivialAugment: {} }, /trivialAugment: expected one policy at most/],
    [{ randAugment: { magnitude: 31 } }, /magnitude: expected less than numMagnitudeBins \(31\)/],
    [{ randAugment: { numOps: 17 } }, /randAugment\.numOps: expected an integer from 0 to 16/],
    [{ autoAugment: { policy: "coco" } }, /autoAugment\.policy: expected one of "imagenet", "cifa/],
    [{ colorJitter: { hue: 0.6 } }, /colorJitter\.hue: expected a number from 0 to 0\.5, got 0\.6/],
    [{ colorJitter: { contrast: [2, 1] } }, /contrast: expected least <= greatest, got \[2, 1\]/],
    [{ colorJitter: { gamma: 1 } }, /colorJitter: unknown option "gamma"; expected one of bright/],
    [{ gaussianBlur: {} }, /gaussianBlur\.kernelSize: expected an integer from 1 to 1023, got und/],
    [{ gaussianBlur: { kernelSize: 4 } }, /kernelSize: expected an odd number, got 4/],
    [{ gaussianBlur: { kernelSize: 3, sigma: 0 } }, /sigma: expected a number from 0\.001 to 1000/],
    [{ randomRotation: {} }, /randomRotation\.degrees: expected degrees, or \[least, greatest\]/],
    [{ randomRotation: { degrees: 5, filter: "box" } }, /filter: expected one of "nearest", "bili/],
    [{ randomAffine: { degrees: 0, translate: [0, 2] } }, /translate: expected a number from 0 to/],
    [{ randomAffine: { degrees: 0, scale: [0, 1] } }, /scale: expected a number from 0\.000001 to/],
    [{ randomErasing: { value: "random" } }, /value: expected integers from 0 to 255 with type "u/],
    [{ randomErasing: { value: 256 } }, /value: expected integers from 0 to 255 with type "uint8"/],
    [{ randomErasing: { value: 0.5 } }, /value: expected integers from 0 to 255 with type "uint8"/],
    [{ randomGrayscale: 2 }, /randomGrayscale: expected a number from 0 to 1, got 2/],
  ];
  for (const [augmentation, message] of refused) {
    test(`${JSON.stringify(augmentation)} are refused`, () => {
      assert.throws(() => datasetOf(1, augmentation as AugmentationOptions), { message });
    });
  }

  const operations: [unknown, RegExp][] = [
    [{}, /operations\.name: expected one of "brightness"/],
    [7, /operations: expected an operation: an object with a name, got 7/],
    [{ name: "brightness" }, /operations\.factor: expected a number from 0 to 1000000, got undef/],
    [{ name: "invert", factor: 1 }, /operations: unknown option "factor"; expected one of name/],
    [{ name: "erase", top: 0, left: 0, height: 1, width: 1, value: "random" }, /value: expected a/],
    [
      { name: "erase", top: 0, left: 0, height: 1, width: 1, value: [0, 0] },
      /of each channel, got/,
    ],
    [{ name: "posterize", bits: 0 }, /operations\.bits: expected an integer from 1 to 8, got 0/],
    [{ name: "solarize", threshold: 257 }, /threshold: expected a number from 0 to 256, got 257/],
    [{ name: "hue", factor: 0.6 }, /operations\.factor: expected a number from -0\.5 to 0\.5, got/],
    [
      { name: "affine", scale: 0 },
      /operations\.scale: expected a number from 0\.000001 to 1000000/,
    ],
  ];
  for (const [operation, message] of operations) {
    test(`of process are refused: ${JSON.stringify(operation)}`, async () => {
      const given = { operations: [operation as ImageOperation] };
      await assert.rejects(new ImageProcessor(small).process(pixels(0), given), { message });
    });
  }

  test("of process may keep one bit, all bits, and every byte as it is", async () => {
    const untouched = (await new ImageProcessor(small).process(pixels(0))).pixel_values.data;
    for (const [operation, changed] of [
      [{ name: "posterize", bits: 8 }, (byte: number) => byte],
      [{ name: "posterize", bits: 1 }, (byte: number) => byte & 0x80],
      [{ name: "solarize", threshold: 256 }, (byte: number) => byte],
      [{ name: "solarize", threshold: 0 }, (byte: number) => 255 - byte],
    ] as const) {
      const given = { operations: [operation] };
      const { pixel_values } = await new ImageProcessor(small).process(pixels(0), given);
      assert.deepEqual([...pixel_values.data], Array.from(untouched as Uint8Array, changed));
    }
  });

  test("of process that erase outside of the output are DOES_NOT_FIT", async () => {
    const erase = {
      name: "erase",
      top: 5,
      left: 5,
      height: 6,
      width: 2,
      value: [0, 0, 0],
    } as const;
    await assert.rejects(new ImageProcessor(small).process(pixels(0), { operations: [erase] }), {
      code: "DOES_NOT_FIT",
      message: /the erased part is not inside the output of 12x10/,
    });
  });
});
