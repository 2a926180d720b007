import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AugmentationOptions,
  DataLoader,
  type ImageInput,
  ImageProcessor,
  type ImageProcessorOptions,
  type Images,
  MultimodalDataset,
  type NoColumns,
  type PairSource,
  PixtokError,
} from "pixtok";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";
import { fc } from "../support/properties.js";

const [a, b, c] = ["jpeg-7x5.jpg", "png-rgb.png", "gif-still.gif"].map((name) =>
  fixture(`images/${name}`),
) as [string, string, string];
const missing = fixture("images/no-such-file.jpg");
const image = new ImageProcessor({ resize: { width: 5, height: 4 } });
const NUMBERS = 3 * 4 * 5;

/** What torch.stack() has in the place of an image: its own tensor, which goldens hold to Python. */
const alone = new Map<ImageInput, Float32Array>();
for (const path of [a, b, c]) {
  alone.set(path, (await image.process(path)).pixel_values.data as Float32Array);
}

type Lists = readonly (ImageInput | null)[];

/** Rows of `n` images: those of the lists, and zeros. */
function stackedLists(lists: readonly Lists[], n: number) {
  const data = new Float32Array(lists.length * n * NUMBERS);
  const mask = new Uint8Array(lists.length * n);
  for (const [row, list] of lists.entries()) {
    for (const [place, own] of list.slice(0, n).entries()) {
      if (own === null) continue;
      data.set(alone.get(own) as Float32Array, (row * n + place) * NUMBERS);
      mask[row * n + place] = 1;
    }
  }
  return { data, mask };
}

const imagesOnly = (imagePaths: readonly Images[]) => ({ imagePaths, text: null, image }) as const;

const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

/** The image that a row without maxImages shows. */
async function shownOf(
  dataset: MultimodalDataset<NoColumns, null>,
  index: number,
  seed = 0,
  epoch = 0,
) {
  const { data } = (await dataset.get(index, { seed, epoch })).image;
  return [...alone].find(([, numbers]) => Buffer.compare(bytes(numbers), bytes(data)) === 0)?.[0];
}
const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

describe("several images of a pair", () => {
  test("are the first that is there by default", async () => {
    const dataset = new MultimodalDataset(imagesOnly([[b, a], [null, c], a]));
    const shown = await Promise.all([0, 1, 2].map((index) => shownOf(dataset, index)));
    assert.deepEqual(shown, [b, c, a]);
  });

  test("are one of those that are there by seed, epoch and index, evenly, if wished", async () => {
    const lists = Array.from({ length: 80 }, () => [a, null, b]);
    const dataset = new MultimodalDataset({ ...imagesOnly(lists), onMultipleImages: "random" });
    const all = (seed: number, epoch: number) =>
      Promise.all(lists.map((_, index) => shownOf(dataset, index, seed, epoch)));
    const first = await all(1, 0);
    assert.deepEqual(await all(1, 0), first);
    assert.notDeepEqual(await all(1, 1), first);
    assert.notDeepEqual(await all(2, 0), first);
    const share = first.filter((path) => path === a).length;
    assert.ok(share > 20 && share < 60, `${share} of 80`);
    assert.ok(first.every((path) => path !== undefined));
  });

  test("are an error of their row where there is none", async () => {
    const dataset = new MultimodalDataset(imagesOnly([[], [null]]));
    for (const index of [0, 1]) {
      await assert.rejects(
        dataset.get(index),
        codeOf("INVALID_IMAGE", /at least one, got none.*maxImages/),
      );
    }
  });

  test("that are no images are named by their place, whatever they are", async () => {
    const lists = [[a, 5], [undefined]] as unknown as Images[];
    const dataset = new MultimodalDataset({ ...imagesOnly(lists), maxImages: 2 });
    await assert.rejects(dataset.get(0), { code: "INVALID_IMAGE", source: "0, image 2" });
    await assert.rejects(dataset.get(1), { code: "INVALID_IMAGE", source: "1, image 1" });
  });

  test("name the pair by the first of them", async () => {
    const dataset = new MultimodalDataset({ ...imagesOnly([[null, b, a], []]), maxImages: 2 });
    for await (const { keys } of new DataLoader(dataset, { batchSize: 2 })) {
      assert.deepEqual(keys, [b, "1"]);
    }
  });
});

test("the image of a list that is shown is augmented as the same one alone", async () => {
  const augmentation: AugmentationOptions = {
    horizontalFlip: 0.5,
    randomRotation: { degrees: 40 },
  };
  const given = { text: null, image, augmentation } as const;
  const lists = new MultimodalDataset({ ...given, imagePaths: [[null, b, a], [b]] });
  const alone = new MultimodalDataset({ ...given, imagePaths: [b, b] });
  for (const index of [0, 1]) {
    assert.deepEqual((await lists.get(index)).image, (await alone.get(index)).image);
  }
});

describe("maxImages", () => {
  test("stacks images with zeros and a mask, as torch.stack does with what is padded", async () => {
    const list = fc.array(fc.constantFrom(a, b, c, null), { maxLength: 4 });
    const lists = fc.array(list, { minLength: 1, maxLength: 6 });
    const cases = fc.asyncProperty(lists, fc.integer({ min: 1, max: 3 }), async (rows, n) => {
      const dataset = new MultimodalDataset({ ...imagesOnly(rows), maxImages: n });
      const expected = stackedLists(rows, n);
      for await (const batch of new DataLoader(dataset, { batchSize: rows.length })) {
        assert.deepEqual(batch.image.dims, [rows.length, n, 3, 4, 5]);
        assert.deepEqual(batch.image.data, expected.data);
        assert.deepEqual(batch.image_mask, {
          type: "uint8",
          data: expected.mask,
          dims: [rows.length, n],
        });
        batch.release();
      }
    });
    await fc.assert(cases, { numRuns: 30 });
  });

  test("takes a single image for a list of one, and more images than it for the first ones", async () => {
    const dataset = new MultimodalDataset({ ...imagesOnly([a, [a, b, c]]), maxImages: 2 });
    const expected = stackedLists([[a], [a, b]], 2);
    for (const index of [0, 1]) {
      const item = await dataset.get(index);
      assert.deepEqual(item.image.dims, [2, 3, 4, 5]);
      assert.deepEqual(item.image_mask.dims, [2]);
      assert.deepEqual(
        [...item.image_mask.data],
        [...expected.mask.subarray(2 * index, 2 * index + 2)],
      );
    }
  });

  test("does not look at images that have no place", async () => {
    const dataset = new MultimodalDataset({ ...imagesOnly([[a, missing]]), maxImages: 1 });
    assert.deepEqual([...(await dataset.get(0)).image_mask.data], [1]);
  });

  test("is in the types: without it there is no mask", async () => {
    const dataset = new MultimodalDataset(imagesOnly([a]));
    const item = await dataset.get(0);
    // @ts-expect-error: a row has one image
    assert.equal(item.image_mask, undefined);
    assert.deepEqual(item.image.dims, [3, 4, 5]);
  });

  test("is from 1 to 512, and leaves nothing to choose", () => {
    for (const maxImages of [0, 513]) {
      const options = { ...imagesOnly([a]), maxImages };
      assert.throws(() => new MultimodalDataset(options), /maxImages: expected .*1 .*512, got/);
    }
    assert.throws(
      () => new MultimodalDataset({ ...imagesOnly([a]), maxImages: 1, onMultipleImages: "first" }),
      { name: "TypeError", message: /^onMultipleImages: expected none with maxImages/ },
    );
  });

  test("gives the memory of images and mask to another thread, or back", async () => {
    const dataset = new MultimodalDataset({
      ...imagesOnly([
        [a, null],
        [b, c],
      ]),
      maxImages: 2,
    });
    const expected = stackedLists([[a], [b, c]], 2);
    const loader = new DataLoader(dataset, { batchSize: 2 });
    for await (const batch of loader) {
      const { message, transferList } = batch.transfer();
      const { image, image_mask } = structuredClone(message, { transfer: transferList });
      assert.deepEqual([image.data, image_mask.data], [expected.data, expected.mask]);
      assert.equal(batch.image_mask.data.length, 0);
    }
    for await (const batch of loader) {
      batch.release();
      assert.deepEqual([batch.image.data.length, batch.image_mask.data.length], [0, 0]);
    }
  });
});

describe("a bad image among several", () => {
  const noFile = Buffer.from("this is no image");

  test("is named by its path, or by the pair and its number", async () => {
    const source: PairSource = {
      length: 4,
      get: (index) =>
        [
          { image: [a, missing], text: "" },
          { image: [a, null, noFile], text: "", key: "row 2" },
          { image: [a, 5 as unknown as string], text: "", key: "row 3" },
          { image: [noFile, a], text: "", key: "row 4", origin: "a.parquet#row 4" },
        ][index] as { image: Images; text: string },
    };
    const dataset = new MultimodalDataset({ source, text: null, image, maxImages: 3 });
    await assert.rejects(
      dataset.get(0),
      codeOf("FILE_NOT_FOUND", /^sample 0, ".*no-such-file.jpg"/),
    );
    await assert.rejects(
      dataset.get(1),
      codeOf("UNSUPPORTED_FORMAT", /^sample 1, "row 2, image 3"/),
    );
    await assert.rejects(
      dataset.get(3),
      codeOf("UNSUPPORTED_FORMAT", /^sample 3, "a.parquet#row 4, image 1"/),
    );
    await assert.rejects(dataset.get(2), codeOf("INVALID_IMAGE", /^sample 2, "row 3, image 2"/));
  });

  test("is the first of them, where several are bad", async () => {
    const lists = [[a, noFile, missing, noFile]];
    const dataset = new MultimodalDataset({ ...imagesOnly(lists), maxImages: 4 });
    await assert.rejects(dataset.get(0), codeOf("UNSUPPORTED_FORMAT", /"buffer, image 2"/));
  });

  test('leaves its row out, with onError "skip"', async () => {
    const lists = [[a, b], [c, missing], [null, c], [missing], [b]];
    const dataset = new MultimodalDataset({ ...imagesOnly(lists), maxImages: 2 });
    const expected = stackedLists([[a, b], [null, c], [b]], 2);
    for await (const batch of new DataLoader(dataset, { batchSize: 5, onError: "skip" })) {
      assert.deepEqual(batch.indices, [0, 2, 4]);
      assert.deepEqual([batch.image.data, batch.image_mask.data], [expected.data, expected.mask]);
      assert.deepEqual(
        batch.dropped.map(({ index, source }) => [index, source]),
        [
          [1, missing],
          [3, missing],
        ],
      );
    }
  });

  test('has another row in its place, with onError "replace"', async () => {
    const lists = [[a, missing, a], [b], [null, c], [missing, b]];
    const dataset = new MultimodalDataset({ ...imagesOnly(lists), maxImages: 3 });
    for await (const batch of new DataLoader(dataset, { batchSize: 4, onError: "replace" })) {
      const shown = batch.indices.map((index) => lists[index] as Lists);
      assert.deepEqual(
        batch.replaced.map(({ row }) => row),
        [0, 3],
      );
      assert.ok(batch.indices.every((index) => index === 1 || index === 2));
      const expected = stackedLists(shown, 3);
      assert.deepEqual([batch.image.data, batch.image_mask.data], [expected.data, expected.mask]);
    }
  });
});

describe("augmentation of several images", () => {
  const augmentation = { randomResizedCrop: {}, horizontalFlip: 0.5 };
  const MOST_ROWS = 2 ** 44;

  test("draws for each image what NumPy draws for index + i * 2**44", async () => {
    const all = readJsonLines<DrawLine>(fixture("goldens/draws.jsonl"));
    const lines = all.filter(({ index }) => index >= MOST_ROWS);
    assert.ok(lines.length > 0);
    for (const line of lines) {
      const { options, augmentation, seed, epoch, index, drawn, sha256: expected } = line;
      const [row, number] = [index % MOST_ROWS, Math.floor(index / MOST_ROWS)];
      const list = new Array<ImageInput | null>(number).fill(null);
      const dataset = new MultimodalDataset({
        source: { length: row + 1, get: () => ({ image: [...list, imageOf(line)], text: "" }) },
        image: new ImageProcessor(options),
        augmentation,
        text: null,
        maxImages: 512,
      });
      const item = await dataset.get(row, { seed, epoch });
      assert.deepEqual(
        [...(item.augmentation?.data ?? [])].slice(5 * number, 5 * number + 5),
        drawn,
      );
      assert.deepEqual(item.augmentation?.dims, [512, 5]);
      const numbers = item.image.data.length / 512;
      const own = item.image.data.subarray(numbers * number, numbers * (number + 1));
      assert.equal(sha256(own), expected);
    }
  });

  test("draws the same whatever batch a row is in, and for its first image as for one alone", async () => {
    const lists = [
      [a, a],
      [b, null],
      [c, b],
      [a, c],
    ];
    const options = { ...imagesOnly(lists), augmentation };
    const stacked = new MultimodalDataset({ ...options, maxImages: 2 });
    const first = new MultimodalDataset(options);
    for await (const batch of new DataLoader(stacked, { batchSize: 4, seed: 3 })) {
      const drawn = batch.augmentation?.data as Int32Array;
      assert.deepEqual(batch.augmentation?.dims, [4, 2, 5]);
      assert.notDeepEqual(drawn.slice(0, 5), drawn.slice(5, 10));
      assert.deepEqual([...drawn.slice(15, 20)], [0, 0, 0, 0, 0]);
      for (const index of batch.indices) {
        const own = drawn.slice(10 * index, 10 * index + 10);
        const alone = await stacked.get(index, { seed: 3 });
        assert.deepEqual(alone.augmentation?.data, own);
        assert.deepEqual(
          alone.image.data,
          batch.image.data.slice(2 * NUMBERS * index, 2 * NUMBERS * (index + 1)),
        );
        assert.deepEqual((await first.get(index, { seed: 3 })).augmentation?.data, own.slice(0, 5));
      }
    }
  });

  test("goes with its row to the place of one that is left out", async () => {
    const lists = [
      [missing, a],
      [b, a],
      [c, b],
    ];
    const colours = { ...augmentation, colorJitter: { brightness: 0.5 } };
    const options = { ...imagesOnly(lists), maxImages: 2, augmentation: colours } as const;
    const dataset = new MultimodalDataset(options);
    for await (const batch of new DataLoader(dataset, { batchSize: 3, onError: "skip" })) {
      const own = await Promise.all(
        [1, 2].map(async (row) => (await dataset.get(row)).augmentation),
      );
      assert.deepEqual(
        [...(batch.augmentation?.data ?? [])],
        own.flatMap((drawn) => [...(drawn?.data ?? [])]),
      );
      assert.deepEqual(
        batch.augmentation?.operations,
        own.flatMap((drawn) => drawn?.operations ?? []),
      );
    }
  });

  test("leaves nothing of a bad row with the row in its place, which has fewer images", async () => {
    const lists = [[missing, a], [b]];
    const options = { ...imagesOnly(lists), maxImages: 2 } as const;
    const colours = { ...augmentation, colorJitter: { brightness: 0.5 } };
    const dataset = new MultimodalDataset({ ...options, augmentation: colours });
    for await (const batch of new DataLoader(dataset, { batchSize: 2, onError: "replace" })) {
      assert.deepEqual([...batch.indices], [1, 1]);
      const { augmentation: drawn } = await dataset.get(1);
      const [data, steps] = [[...(drawn?.data ?? [])], drawn?.operations ?? []];
      assert.deepEqual([...(batch.augmentation?.data ?? [])], [...data, ...data]);
      assert.deepEqual(batch.augmentation?.operations, [...steps, ...steps]);
    }
  });
});

/** What torchvision's transforms draw for an image, and make of it. */
interface DrawLine {
  /** A file, or width and height of a black image. */
  image: string | [number, number];
  options: ImageProcessorOptions;
  augmentation: AugmentationOptions;
  seed: number;
  epoch: number;
  index: number;
  drawn: number[];
  sha256: string;
}

function imageOf({ image }: DrawLine): ImageInput {
  if (typeof image === "string") return fixture(image);
  const [width, height] = image;
  return { data: new Uint8Array(width * height * 3), width, height, channels: 3 };
}
