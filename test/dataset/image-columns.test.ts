// Further images of a row, in columns, each with a processor of its own.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import {
  checkDataset,
  DataLoader,
  ImageProcessor,
  type ImageTensor,
  MultimodalDataset,
  type Pair,
  PixtokError,
  type RawPixels,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { indexOfPixel, numberedPairs, tinyImage } from "../support/pairs.js";
import { tarOf } from "../support/tar.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-image-columns-"));
after(() => rmSync(folder, { recursive: true }));

const bytesOf = (width: number, height: number) =>
  new ImageProcessor({ resize: { width, height }, type: "uint8", layout: "hwc" });
/** As the golden resizes the two. */
const image = bytesOf(5, 4);
const processor = bytesOf(3, 6);
const columns = { image2: { type: "image", processor } } as const;
const options = { text: null, image, columns } as const;

const files = ["jpeg-7x5.jpg", "png-rgb.png", "gif-still.gif"];
const paths = files.map((name) => fixture(`images/${name}`)) as [string, string, string];
const expected = JSON.parse(readFileSync(fixture("image-columns/expected.json"), "utf8")) as {
  image: number[];
  image2: number[] | null;
}[];
/** Images of the first two rows, as Python has them. */
const expectedOf = (name: "image" | "image2") =>
  expected.slice(0, 2).flatMap((row) => row[name] ?? []);

const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

/** Pair i: numberedPairs()'s image, and in the column other one of i and 128 above. */
function twoImages(length: number, others: (index: number) => unknown = otherOf) {
  const pairs = numberedPairs(length);
  return {
    length,
    get: (index: number): Pair => ({ ...pairs.get(index), columns: { other: others(index) } }),
  };
}
const otherOf = (index: number) =>
  ({ data: Uint8Array.of(index, 128, 0), width: 1, height: 1, channels: 3 }) as RawPixels;

/** Each row's two images are of its index. */
function assertInStep({
  image,
  columns,
  indices,
}: {
  image: ImageTensor;
  columns: { other: ImageTensor };
  indices: readonly number[];
}) {
  assert.deepEqual(columns.other.dims, [indices.length, 1, 1, 3]);
  for (const [row, index] of indices.entries()) {
    assert.equal(indexOfPixel(image.data, row), index);
    assert.equal(indexOfPixel(columns.other.data, row), index + 128 * 256);
  }
}
const numbered = { text: null, image: tinyImage, columns: { other: "image" } } as const;

describe("a column of images", () => {
  const jsonl = join(folder, "pairs.jsonl");
  const rows = [0, 1].map((i) => ({ image: files[i], image2: files[i + 1] }));
  writeFileSync(jsonl, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const csv = join(folder, "pairs.csv");
  writeFileSync(csv, ["image,image2", ...rows.map((row) => Object.values(row).join())].join("\n"));
  const file = (i: number) => readFileSync(paths[i] as string);
  const tar = join(folder, "pairs.tar");
  const members = [0, 1].flatMap((i) => [
    [`${i}.image.img`, "no image"],
    [`${i}.left.jpg`, file(i)],
    [`${i}.image2.jpg`, file(i + 1)],
  ]) as [string, Buffer][];
  writeFileSync(tar, tarOf(members));

  const root = { root: fixture("images"), allowOutsideRoot: true };
  for (const [kind, path, of] of [
    ["a manifest in JSON", jsonl, root],
    ["a manifest in CSV", csv, root],
    ["WebDataset", tar, {}],
    ["Parquet that datasets wrote", fixture("image-columns/pairs.parquet"), {}],
    ["what save_to_disk wrote", fixture("image-columns/saved"), {}],
  ] as const) {
    test(`of ${kind} has the pixels that Python has`, async () => {
      const dataset = await MultimodalDataset.from(path, { ...options, ...of });
      for await (const batch of new DataLoader(dataset, { batchSize: 2 })) {
        assert.deepEqual([...batch.image.data], expectedOf("image"));
        assert.deepEqual(batch.columns.image2.dims, [2, 6, 3, 3]);
        assert.deepEqual([...batch.columns.image2.data], expectedOf("image2"));
        break;
      }
    });
  }

  for (const path of ["image-columns/pairs.parquet", "image-columns/saved"]) {
    test(`without a value is an error of its row that names the column, in ${path}`, async () => {
      const dataset = await MultimodalDataset.from(fixture(path), options);
      await assert.rejects(
        dataset.get(2),
        codeOf("INVALID_IMAGE", /row 3, column image2.*image2: there is no image/),
      );
    });
  }

  test("may be the row's own image once more, for another processor", async () => {
    const twice = {
      columns: { image: { type: "image", processor: image } },
      image: processor,
    } as const;
    for (const [path, of] of [
      [jsonl, root],
      [fixture("image-columns/pairs.parquet"), {}],
    ] as const) {
      const dataset = await MultimodalDataset.from(path, { ...twice, text: null, ...of });
      const item = await dataset.get(1);
      assert.deepEqual([...item.columns.image.data], expected[1]?.image);
      assert.deepEqual(item.image.dims, [6, 3, 3]);
    }
  });

  test("of WebDataset is named by its extension, or without that of its format", async () => {
    for (const name of ["image2", "image2.jpg"]) {
      const named = {
        text: null,
        image,
        columns: { [name]: { type: "image", processor } },
      } as const;
      const dataset = await MultimodalDataset.from(tar, named);
      const item = await dataset.get(0);
      assert.deepEqual([...(item.columns[name] as ImageTensor).data], expected[0]?.image2);
    }
  });

  test("of WebDataset is not the row's own image, whatever the case of its name", async () => {
    const path = join(folder, "case.tar");
    writeFileSync(
      path,
      tarOf([
        ["a.left.jpg", file(0)],
        ["a.Mask.png", file(1)],
      ]),
    );
    const masks = { Mask: { type: "image", processor } } as const;
    const dataset = await MultimodalDataset.from(path, { text: null, image, columns: masks });
    const item = await dataset.get(0);
    assert.deepEqual([...item.image.data], expected[0]?.image);
    assert.deepEqual([...item.columns.Mask.data], expected[0]?.image2);
  });

  test("of WebDataset is one image of a sample", async () => {
    const path = join(folder, "two.tar");
    const two = ["a.left.jpg", "a.image2.jpg", "a.image2.png", "b.left.jpg"];
    writeFileSync(path, tarOf(two.map((name) => [name, file(0)] as const)));
    const dataset = await MultimodalDataset.from(path, options);
    await assert.rejects(
      dataset.get(0),
      codeOf("INVALID_ARCHIVE", /a: it has several images image2, \.image2\.jpg, \.image2\.png/),
    );
    await assert.rejects(
      dataset.get(1),
      codeOf("INVALID_IMAGE", /two\.tar#b, column image2.*there is no image/),
    );
  });
});

describe("images in columns", () => {
  test("stay in step with their rows where pairs are skipped or replaced", async () => {
    const source = twoImages(40, (index) =>
      index % 7 === 3 ? join(folder, "no-such-file.jpg") : otherOf(index),
    );
    const dataset = new MultimodalDataset({ ...numbered, source });
    for (const onError of ["skip", "replace"] as const) {
      const loader = new DataLoader(dataset, { batchSize: 16, shuffle: true, seed: 4, onError });
      let rows = 0;
      let bad = 0;
      for await (const batch of loader) {
        assertInStep(batch);
        rows += batch.indices.length;
        bad += batch.dropped.length + batch.replaced.length;
        batch.release();
        assert.equal(batch.columns.other.data.length, 0);
      }
      assert.deepEqual([rows, bad >= 6], [onError === "skip" ? 34 : 40, true]);
    }
  });

  test("are named in errors by their path and column, or the pair's name", async () => {
    const missing = join(folder, "no-such-file.jpg");
    for (const [other, code, message] of [
      [missing, "FILE_NOT_FOUND", /no-such-file\.jpg, column other/],
      [new Uint8Array(9), "UNSUPPORTED_FORMAT", /sample 0, "buffer, column other"/],
      [[otherOf(0)], "INVALID_IMAGE", /other: expected one image, got a list of 1/],
      [7, "INVALID_IMAGE", /column other.*expected a path.*got 7/],
      [undefined, "INVALID_IMAGE", /other: there is no image/],
    ] as const) {
      const dataset = new MultimodalDataset({ ...numbered, source: twoImages(1, () => other) });
      await assert.rejects(dataset.get(0), codeOf(code, message));
    }
  });

  test("are found bad by a check, which is of the row", async () => {
    const source = twoImages(3, (index) => (index === 1 ? new Uint8Array(9) : otherOf(index)));
    const report = await checkDataset(new MultimodalDataset({ ...numbered, source }));
    assert.deepEqual(
      report.errors.list.map(({ index }) => index),
      [1],
    );
  });

  test("go to another thread with their batch", async () => {
    const dataset = new MultimodalDataset({ ...numbered, source: twoImages(3) });
    for await (const batch of new DataLoader(dataset, { batchSize: 3 })) {
      const { port1, port2 } = new MessageChannel();
      const { message, transferList } = batch.transfer();
      port1.postMessage(message, transferList);
      assertInStep(receiveMessageOnPort(port2)?.message as typeof message);
      assert.equal(batch.columns.other.data.length, 0);
      port1.close();
    }
  });

  test("stand beside several images of a row and other columns", async () => {
    const pairs = numberedPairs(4);
    const dataset = new MultimodalDataset({
      ...numbered,
      maxImages: 2,
      columns: { number: "int32", other: "image" },
      source: {
        length: 4,
        get: (index) => ({
          ...pairs.get(index),
          image: [pairs.get(index).image, null] as Pair["image"],
          columns: { number: index, other: otherOf(index) },
        }),
      },
    });
    for await (const { image: own, image_mask, columns: all } of new DataLoader(dataset, {
      batchSize: 4,
    })) {
      assert.deepEqual(own.dims, [4, 2, 1, 1, 3]);
      assert.deepEqual([...image_mask.data], [1, 0, 1, 0, 1, 0, 1, 0]);
      assert.deepEqual([...all.number.data], [0, 1, 2, 3]);
      assert.deepEqual(all.other.dims, [4, 1, 1, 3]);
    }
  });

  test("are in the types: a tensor, of an item without the batch's axis", async () => {
    const dataset = new MultimodalDataset({ ...numbered, source: twoImages(1) });
    const item = await dataset.get(0);
    const tensor: ImageTensor = item.columns.other;
    assert.deepEqual(tensor.dims, [1, 1, 3]);
    // @ts-expect-error: there is no such column
    assert.equal(item.columns.another, undefined);
  });
});

describe("options of columns of images", () => {
  const make = (column: unknown) =>
    new MultimodalDataset({
      ...numbered,
      source: twoImages(1),
      columns: { other: column as "image" },
    });

  test("are refused where there are none such, by their names", () => {
    assert.throws(() => make({ type: "image", size: 3 }), /columns\.other.*size|size/);
    assert.throws(
      () => make({ type: "image", processor: 3 }),
      /columns\.other\.processor.*ImageProcessor/,
    );
    assert.throws(() => make({ type: "image", draws: "never" }), /columns\.other\.draws/);
  });

  test("are refused where there are more than 64 of them", () => {
    const makeAll = (count: number) => {
      const names = Array.from({ length: count }, (_, at) => `image${at + 2}`);
      const columns = Object.fromEntries(names.map((name) => [name, "image" as const]));
      return new MultimodalDataset({ ...numbered, source: twoImages(1), columns });
    };
    assert.doesNotThrow(() => makeAll(64));
    assert.throws(() => makeAll(65), {
      name: "RangeError",
      message: /columns: expected at most 64 of images, got 65/,
    });
  });

  test("are refused where rows have one image", async () => {
    await assert.rejects(MultimodalDataset.from(fixture("splits/classes/training"), options), {
      name: "TypeError",
      message: /imageColumns: expected none with a source of the kind "images".*image2/,
    });
  });
});
