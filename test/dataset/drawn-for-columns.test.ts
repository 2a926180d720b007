// What is drawn for images in columns, and how it is reported.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import {
  DataLoader,
  type DrawnAugmentation,
  ImageProcessor,
  type ImageTensor,
  MultimodalDataset,
  type RawPixels,
} from "pixtok";
import { pipelineOf } from "../../src/dataset/dataset.js";

describe("what is drawn for images in columns", () => {
  const size = 8;
  /** Each pixel is another. */
  const plane = Uint8Array.from({ length: size * size * 3 }, (_, i) => Math.floor(i / 3));
  const pixels: RawPixels = { data: plane, width: size, height: size, channels: 3 };
  const whole = new ImageProcessor({
    resize: { width: size, height: size },
    type: "uint8",
    layout: "hwc",
  });
  const augmentation = { randomCrop: { padding: 3 }, horizontalFlip: 0.5 };
  const of = (column: object) =>
    new MultimodalDataset({
      source: { length: 20, get: () => ({ image: pixels, text: "", columns: { other: pixels } }) },
      text: null,
      image: whole,
      augmentation,
      columns: { other: { type: "image", ...column } },
    });
  const drawn = async (column: object, seed = 5) => {
    const loader = new DataLoader(of(column), { batchSize: 20, seed });
    for await (const { image: own, columns: all } of loader) {
      return { own: own.data, other: (all.other as ImageTensor).data };
    }
    throw new Error("there is no batch");
  };

  test("is the same as for the row's own image by default", async () => {
    const { own, other } = await drawn({});
    assert.deepEqual(other, own);
    assert.notDeepEqual((await drawn({}, 6)).own, own);
  });

  test("is reported by the name of its column, of an item as of a batch", async () => {
    for (const [column, isSame] of [
      [{}, true],
      [{ draws: "separate" }, false],
      [
        {
          draws: "separate",
          augmentation: { horizontalFlip: 0.5, randomRotation: { degrees: 9 } },
        },
        false,
      ],
    ] as const) {
      const dataset = of(column);
      for await (const batch of new DataLoader(dataset, { batchSize: 20, seed: 5 })) {
        const { augmentation: own, columns: all, indices } = batch;
        const other = own?.columns?.other as DrawnAugmentation;
        assert.deepEqual(
          [own?.dims, other.dims],
          [
            [20, 5],
            [20, 5],
          ],
        );
        assert.equal(isDeepStrictEqual(other.data, own?.data), isSame);
        assert.equal(other.operations?.length, "augmentation" in column ? 20 : undefined);
        const { augmentation: one } = await dataset.get(indices[3] as number, { seed: 5 });
        const { data, dims, operations } = one?.columns?.other as DrawnAugmentation;
        assert.deepEqual([...data], [...other.data.subarray(15, 20)]);
        assert.deepEqual(dims, [5]);
        assert.deepEqual(operations, other.operations?.slice(3, 4));
        if (other.operations !== undefined) continue;
        const shown = (all.other as ImageTensor).data;
        for (let row = 0; row < 20; row += 1) {
          const [top = 0, left = 0, , , flip] = other.data.subarray(5 * row);
          // of the middle, which the border never reaches
          const x = flip === 1 ? left + size - 1 - 4 : left + 4;
          assert.equal(
            shown[3 * (size * size * row + size * 4 + 4)],
            plane[3 * (size * (top + 4) + x)],
          );
        }
      }
    }
  });

  test("is reported where nothing is drawn for the rows' own images, whose numbers are zeros then", async () => {
    const { augmentation: drawn } = await of({ augmentation: null }).get(0);
    assert.equal(drawn?.columns, undefined);
    const options = {
      source: { length: 3, get: () => ({ image: pixels, text: "", columns: { other: pixels } }) },
      text: null,
      image: whole,
      columns: { other: { type: "image", augmentation: { horizontalFlip: 1 } } },
    } as const;
    const one = new MultimodalDataset(options);
    for await (const { augmentation: none } of new DataLoader(one, { batchSize: 3 })) {
      assert.deepEqual([none?.dims, [...(none?.data ?? [])]], [[3, 5], Array(15).fill(0)]);
      assert.deepEqual([...(none?.columns?.other?.data ?? [])].slice(0, 5), [0, 0, size, size, 1]);
    }
    const several = new MultimodalDataset({ ...options, maxImages: 2 });
    for await (const { augmentation: none } of new DataLoader(several, { batchSize: 3 })) {
      assert.deepEqual([none?.dims, [...(none?.data ?? [])]], [[3, 2, 5], Array(30).fill(0)]);
      assert.deepEqual(none?.columns?.other?.dims, [3, 5]);
    }
  });

  test("is no memory of the batch's that goes to another thread", async () => {
    for await (const batch of new DataLoader(of({}), { batchSize: 3 })) {
      const { message, transferList } = batch.transfer();
      assert.equal(transferList.length, 2);
      assert.equal(message.augmentation, batch.augmentation);
      break;
    }
  });

  test("leaves colours alone by default, whatever the dataset does to them", async () => {
    const constant: RawPixels = {
      data: new Uint8Array(size * size * 3).fill(7),
      width: size,
      height: size,
      channels: 3,
    };
    const dataset = new MultimodalDataset({
      source: { length: 4, get: () => ({ image: pixels, text: "", columns: { mask: constant } }) },
      text: null,
      image: whole,
      augmentation: { horizontalFlip: 0.5, colorJitter: { brightness: [3, 4] } },
      columns: { mask: "image" },
    });
    const { columns } = await dataset.get(0);
    assert.deepEqual(new Set(columns.mask.data), new Set([7]));
  });

  test("is nothing that mixes rows, as masks would no longer fit", () => {
    const mixing = { mixUp: {}, labels: { column: "label", classes: 2 } };
    const columns = { label: "int64", mask: "image" } as const;
    const source = { length: 1, get: () => ({ image: pixels, text: "" }) };
    assert.throws(
      () => new MultimodalDataset({ source, text: null, augmentation: mixing, columns }),
      {
        name: "TypeError",
        message: /^columns\.mask: expected no images with mixUp or cutMix/,
      },
    );
  });

  test("has the layout of the library that batches are for", () => {
    const source = { length: 1, get: () => ({ image: pixels, text: "" }) };
    const processor = new ImageProcessor({ resize: { width: size, height: size } });
    const columns = { mask: { type: "image", processor } } as const;
    const layouts = (["tfjs", "jax-js", undefined] as const).map((trainer) => {
      const options = { source, text: null, columns, ...(trainer && { for: trainer }) };
      const { imageColumns } = pipelineOf(new MultimodalDataset(options));
      return imageColumns[0]?.image.processor.config.layout;
    });
    assert.deepEqual(layouts, ["hwc", "chw", "chw"]);
  });

  test("mixes no rows by an augmentation of its own", () => {
    const mixing = { cutMix: {}, labels: { column: "label", classes: 2 } };
    const columns = { label: "int64", mask: { type: "image", augmentation: mixing } } as const;
    const source = { length: 1, get: () => ({ image: pixels, text: "" }) };
    assert.throws(() => new MultimodalDataset({ source, text: null, columns }), {
      name: "TypeError",
      message: /^columns\.mask\.augmentation: expected null, or one without mixUp and cutMix/,
    });
  });

  test('is something else with draws: "separate", by seed, epoch and index', async () => {
    const { own, other } = await drawn({ draws: "separate" });
    assert.notDeepEqual(other, own);
    assert.deepEqual((await drawn({ draws: "separate" })).other, other);
  });

  test("is nothing with augmentation: null, and may be something of its own", async () => {
    const plain = await drawn({ augmentation: null });
    const rows = Array.from({ length: 20 }, () => [...plane]).flat();
    assert.deepEqual([...(plain.other as Uint8Array)], rows);
    const flipped = await drawn({ augmentation: { horizontalFlip: 1 } });
    assert.deepEqual(flipped.other?.[0], size - 1);
  });

  test("is named by its column where it is refused", () => {
    const column = { augmentation: { randomCrop: { padding: -1 } } };
    assert.throws(() => of(column), /columns\.other\.augmentation\.randomCrop\.padding/);
  });
});
