// MixUp and CutMix: rows and labels are those of torchvision's transforms, given what was drawn for each row.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AugmentationOptions,
  DataLoader,
  type DataLoaderOptions,
  ImageProcessor,
  type ImageProcessorOptions,
  type MixedRow,
  MultimodalDataset,
  type PairSource,
} from "pixtok";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";

const [width, height, classes] = [14, 11, 5];
const size = 3 * width * height;
const labels = { column: "label", classes };

function sourceOf(length: number): PairSource {
  return {
    length,
    get: (index) => ({
      image: {
        data: Uint8Array.from({ length: size }, (_, i) => (i * i * 3 + index * 41) % 256),
        ...{ width, height, channels: 3 },
      },
      text: "",
      columns: { label: index % classes },
    }),
  };
}

function datasetOf(
  length: number,
  augmentation: AugmentationOptions | null,
  options: ImageProcessorOptions = {},
) {
  return new MultimodalDataset({
    source: sourceOf(length),
    text: null,
    columns: { label: "int64" },
    image: new ImageProcessor({ resize: { width, height }, ...options }),
    ...(augmentation && { augmentation }),
  });
}

interface Row {
  numbers: number[];
  shares: number[];
  mixed: MixedRow;
}

/** Rows of an epoch by dataset index. */
async function rowsOf(
  dataset: ReturnType<typeof datasetOf>,
  options: DataLoaderOptions,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of new DataLoader(dataset, options)) {
    for (const [row, index] of batch.indices.entries()) {
      rows[index] = {
        numbers: [...batch.image.data.subarray(row * size, (row + 1) * size)],
        shares: [...(batch.soft_labels?.data.subarray(row * classes, (row + 1) * classes) ?? [])],
        mixed: batch.augmentation?.mixed?.[row] as MixedRow,
      };
    }
  }
  return rows;
}

const { fround } = Math;

/** `other.mul_(1 - share).add_(own.mul(share))`, in float32. */
function added(own: readonly number[], other: readonly number[], share: number): number[] {
  return own.map((value, i) =>
    fround(fround((other[i] as number) * fround(1 - share)) + fround(value * fround(share))),
  );
}

function oneHot(index: number): number[] {
  return Array.from({ length: classes }, (_, label) => (label === index % classes ? 1 : 0));
}

for (const layout of ["chw", "hwc"] as const) {
  test(`rows and labels are mixed with the row before them, as torchvision does it: ${layout}`, async () => {
    const plain = await rowsOf(datasetOf(24, null, { layout }), { batchSize: 24 });
    const augmentation = { mixUp: {}, cutMix: {}, labels };
    const mixed = await rowsOf(datasetOf(24, augmentation, { layout }), { batchSize: 8, seed: 5 });
    const names = new Set<string>();
    for (const [index, row] of mixed.entries()) {
      const { name, other, share, part } = row.mixed;
      names.add(name);
      assert.equal(other, index % 8 === 0 ? index + 7 : index - 1);
      const own = plain[index]?.numbers as number[];
      const before = plain[other]?.numbers as number[];
      const isInPart = (i: number): boolean => {
        const pixel = layout === "chw" ? i % (width * height) : Math.floor(i / 3);
        const [x, y] = [pixel % width, Math.floor(pixel / width)];
        if (part === null) return false;
        const { left, top } = part;
        return x >= left && x < left + part.width && y >= top && y < top + part.height;
      };
      const expected =
        name === "mixUp"
          ? added(own, before, share)
          : own.map((value, i) => (isInPart(i) ? (before[i] as number) : value));
      assert.deepEqual(row.numbers, expected);
      assert.deepEqual(row.shares, added(oneHot(index), oneHot(other), share));
      if (part !== null) {
        assert.equal(share, 1 - (part.width * part.height) / (width * height));
      }
    }
    assert.deepEqual(names, new Set(["mixUp", "cutMix"]));
  });
}

test("rows and labels have the bytes that torchvision gives them", async () => {
  interface Line {
    mixed: MixedRow;
    sha256: string;
    labels: number[];
  }
  const dataset = datasetOf(8, { mixUp: {}, cutMix: {}, labels });
  const rows = await rowsOf(dataset, { batchSize: 8, seed: 5 });
  const results = rows.map(({ mixed, numbers, shares }) => ({
    mixed,
    sha256: sha256(Float32Array.from(numbers)),
    labels: shares,
  }));
  assert.deepEqual(results, readJsonLines<Line>(fixture("goldens/mixes.jsonl")));
});

describe("what is drawn", () => {
  test("depends on seed, epoch and index alone", async () => {
    const dataset = datasetOf(30, { mixUp: { alpha: 0.4 }, cutMix: {}, labels });
    const drawn = async (options: DataLoaderOptions) =>
      (await rowsOf(dataset, options)).map(({ mixed: { other: _, ...rest } }) => rest);
    const expected = await drawn({ batchSize: 30, seed: 2 });
    for (const options of [
      { batchSize: 7, threads: 4 },
      { batchSize: 4, shuffle: true },
    ]) {
      assert.deepEqual(await drawn({ ...options, seed: 2 }), expected);
    }
    assert.notDeepEqual(await drawn({ batchSize: 30, seed: 3 }), expected);
  });

  for (const alpha of [0.2, 1, 8]) {
    test(`is a share of Beta(${alpha}, ${alpha})`, async () => {
      const dataset = datasetOf(2000, { mixUp: { alpha }, labels });
      const shares = (await rowsOf(dataset, { batchSize: 500 })).map(({ mixed }) => mixed.share);
      assert.ok(shares.every((share) => share >= 0 && share <= 1));
      const mean = shares.reduce((sum, share) => sum + share, 0) / 2000;
      const variance = shares.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / 2000;
      const expected = 1 / (4 * (2 * alpha + 1));
      // 3.3 standard deviations of the mean; those of the variance are less than a tenth of it
      assert.ok(Math.abs(mean - 0.5) < 3.3 * Math.sqrt(expected / 2000), `${mean}`);
      assert.ok(Math.abs(variance / expected - 1) < 0.12, `${variance}, not ${expected}`);
    });
  }
});

test("an item is not mixed", async () => {
  const dataset = datasetOf(3, { mixUp: {}, labels });
  const item = await dataset.get(1);
  assert.deepEqual(item.image, (await datasetOf(3, null).get(1)).image);
  assert.equal(item.augmentation?.mixed, undefined);
});

test("a batch goes to another thread with its soft labels", async () => {
  for await (const batch of new DataLoader(datasetOf(3, { cutMix: {}, labels }), {
    batchSize: 3,
  })) {
    const { message } = batch.transfer();
    assert.deepEqual(message.soft_labels?.dims, [3, classes]);
  }
});

test("a label that is none of the classes is INVALID_COLUMN of its row, which onError decides about", async () => {
  const dataset = datasetOf(5, { mixUp: {}, labels: { ...labels, classes: 4 } });
  const loader = new DataLoader(dataset, { batchSize: 5, onError: "skip" });
  for await (const { indices } of loader) assert.deepEqual(indices, [0, 1, 2, 3]);
  await assert.rejects(rowsOf(dataset, { batchSize: 5 }), {
    code: "INVALID_COLUMN",
    index: 4,
    message:
      /columns\.label: expected a label from 0 to 3 \(augmentation\.labels\.classes\), got 4/,
  });
});

describe("options", () => {
  const refused: [AugmentationOptions, ImageProcessorOptions, RegExp][] = [
    [{ mixUp: {} }, {}, /labels: expected \{ column, classes \} with mixUp, got undefined/],
    [{ labels }, {}, /labels: expected nothing without mixUp or cutMix/],
    [{ cutMix: { alpha: 0 }, labels }, {}, /cutMix\.alpha: expected a number from 0\.01 to 100/],
    [{ mixUp: {}, labels }, { type: "uint8" }, /mixUp: expected none with an ImageProcessor of ty/],
    [{ cutMix: {}, labels }, { type: "float16" }, /cutMix: expected none .* of type "float16"/],
    [
      { mixUp: {}, labels: { column: "class", classes } },
      {},
      /column: expected a column of one in/,
    ],
  ];
  for (const [augmentation, options, message] of refused) {
    test(`${JSON.stringify(augmentation)} are refused`, () => {
      assert.throws(() => datasetOf(1, augmentation, options), { message });
    });
  }

  test("are refused where a row has several images", () => {
    const make = () =>
      new MultimodalDataset({
        source: sourceOf(1),
        text: null,
        columns: { label: "int64" },
        image: new ImageProcessor({ resize: { width, height } }),
        augmentation: { mixUp: {}, labels },
        maxImages: 2,
      });
    assert.throws(make, { message: /^maxImages: expected none with mixUp or cutMix, got 2/ });
  });
});
