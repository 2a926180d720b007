// Images that are taken apart for a vision–language model come out of a pack as from their files.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import {
  type AnyDataset,
  attestPack,
  DataLoader,
  type DataLoaderOptions,
  type ImageInput,
  ImageProcessor,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  packDataset,
  verifyPack,
} from "pixtok";
import type { PackConfig } from "../../src/sources/packed/pack-format.js";
import { packedPictures, processorOfPictures } from "../../src/sources/packed/packed-pictures.js";
import { fixture } from "../support/fixtures.js";
import { datasetOf as datasetOfChats } from "../support/packed-chats.js";
import { assertSameEpoch, epochOf } from "../support/packs.js";
import { codeOf, newFolder, tokenizer } from "../support/packs-of-images.js";
import { load, photo, tall } from "../support/processor-folders.js";
import { python, withoutPython } from "../support/python.js";
import { loadVision, visionConfigs } from "../support/vision-batches.js";

const wide = fixture("images/jpeg-301x17.jpg");
const rgb = fixture("images/png-rgb.png");
const rgba = fixture("images/png-rgba.png");
/** Rows of none, one and several images. */
const imagePaths = [[photo, tall], [rgb], [], [wide, rgba, photo], [tall], [rgba], [photo]];

type Options = Partial<MultimodalDatasetOptions>;
const datasetOf = (image: ImageProcessor, options: Options = {}): AnyDataset =>
  new MultimodalDataset({ imagePaths, text: null, image, maxImages: 3, ...options } as never);
async function packed(dataset: AnyDataset, options: object = {}): Promise<string> {
  const folder = newFolder();
  await packDataset(dataset, folder, options);
  return folder;
}

const order: DataLoaderOptions = { batchSize: 3, shuffle: true, seed: 5 };
const image = await loadVision(visionConfigs.patches);
/** A file has two rows. */
const fileBytes = 2 * 3 * 3 * 2 ** 20;
const patches = packed(datasetOf(image), { fileBytes });

const sameAs = (folder: string, dataset: AnyDataset, options: object = {}, how = order) =>
  MultimodalDataset.from(folder, options).then((opened) => assertSameEpoch(opened, dataset, how));

/** What no pack has as it is in a batch, and pixels by a name of their own. */
const others = {
  "parts of several sizes": {
    ...visionConfigs["images filled up, and a mask of their pixels"],
    do_image_splitting: true,
  },
  "numbers that are made smaller": {
    image_processor_type: "Phi4MultimodalImageProcessor",
    size: { height: 28, width: 28 },
    dynamic_hd: 12,
  },
};

test("what a pack says of a processor is read as that processor, with its choices of how files are read", async () => {
  for (const choices of [
    { alpha: "drop", exifOrientation: true, resampler: "pillow12" },
    { alpha: "white", exifOrientation: false, resampler: "pillow13" },
  ] as const) {
    const { config } = await loadVision(visionConfigs.patches, { backend: "pil", ...choices });
    for (const [name, value] of Object.entries(choices)) {
      assert.equal(config[name as keyof typeof choices], value);
    }
    const said = packedPictures(image, undefined);
    const pack = { processor: config } as PackConfig;
    const read = await processorOfPictures("pack", pack, { ...said, backend: "pil" });
    assert.deepEqual(read.config, config);
  }
});

describe("images that are taken apart are the same from a pack, to the last bit:", () => {
  for (const [name, keys] of Object.entries({ ...visionConfigs, ...others })) {
    for (const backend of ["torchvision", "pil"] as const) {
      test(`${name}, by ${backend}`, async () => {
        const dataset = datasetOf(await loadVision(keys, { backend }));
        await sameAs(await packed(dataset), dataset);
      });
    }
  }

  test("numbers of 16 bits, and pixels that are not normalized", async () => {
    const canvas = {
      image_processor_type: "Llama4ImageProcessor",
      size: { height: 28, width: 28 },
    };
    const plain = { ...visionConfigs.patches, do_rescale: false, do_normalize: false };
    for (const keys of [canvas, plain]) {
      const dataset = datasetOf(await loadVision(keys));
      await sameAs(await packed(dataset), dataset);
    }
  });

  test("one image a row, with texts and their tokens, and columns of the names of a pack's own", async () => {
    const source = {
      length: 3,
      get: (row: number) => ({
        image: [photo, wide, rgba][row] as ImageInput,
        text: `a text ${row}`,
        columns: { image_size: row, image_grid_thw: `${row}` },
      }),
    };
    const columns = { image_size: "int64", image_grid_thw: "string" } as const;
    const dataset = new MultimodalDataset({ source, image, tokenizer, columns });
    await sameAs(await packed(dataset), dataset as AnyDataset, { image, columns });
  });

  test("in files that are packed in parts, on each rank, and from where a loader has stopped", async () => {
    const dataset = datasetOf(image);
    const folder = newFolder();
    for (const index of [1, 0])
      await packDataset(dataset, folder, { part: { index, of: 2 }, fileBytes });
    // of two rows each: a row has room for three images
    assert.equal(readdirSync(folder).filter((name) => name.endsWith(".arrow")).length, 4);
    for (const rank of [0, 1]) {
      await sameAs(folder, dataset, { image, maxImages: 3 }, { ...order, rank, worldSize: 2 });
    }
    const opened = await MultimodalDataset.from(folder);
    const loader = new DataLoader(opened, order);
    for await (const batch of loader) {
      batch.release();
      break;
    }
    const state = loader.state();
    const rest = new DataLoader(await MultimodalDataset.from(folder), order);
    rest.resume(state);
    const shown: unknown[] = [];
    for await (const batch of rest) {
      shown.push(batch.indices);
      batch.release();
    }
    const all = (await epochOf(dataset, order)) as { indices: unknown }[];
    assert.deepEqual(
      shown,
      all.slice(1).map(({ indices }) => indices),
    );
  });

  test("without the rows that cannot be read or taken apart", async () => {
    const rows = [[photo], [fixture("no-such.png")], [rgb, tall]];
    const folder = newFolder();
    const dataset = datasetOf(image, { imagePaths: rows } as Options);
    const { pairs, errors } = await packDataset(dataset, folder, { onError: "skip" });
    assert.deepEqual([pairs, errors.count], [2, 1]);
    await assert.rejects(packDataset(dataset, newFolder()), codeOf("FILE_NOT_FOUND", /no-such/));
    const whole = datasetOf(image, { imagePaths: [[photo], [rgb, tall]] } as Options);
    const opened = await MultimodalDataset.from(folder);
    const pixelsOf = async (set: AnyDataset) => Reflect.get(await set.get(1), "pixel_values");
    assert.deepEqual(await pixelsOf(opened), await pixelsOf(whole));
  });
});

test("a pack of images that are taken apart is whole, and attests its processor", async () => {
  const folder = await patches;
  const { ok, pairs } = await verifyPack(folder);
  assert.deepEqual([ok, pairs], [true, imagePaths.length]);
  assert.ok((await attestPack(folder)).same);
});

describe("what a pack of images that are taken apart cannot give is refused, naming it:", () => {
  const cases: Record<string, [() => Promise<object>, RegExp]> = {
    "a key of the processor": [
      async () => ({ image: await loadVision({ ...visionConfigs.patches, patch_size: 8 }) }),
      /image\.keys\.patch_size is 4 in the pack, and 8 is asked for/,
    ],
    "another class": [
      async () => ({ image: await loadVision(visionConfigs["images filled up to the largest"]) }),
      /image\.keys\.image_processor_type is "Qwen2VLImageProcessor" in the pack/,
    ],
    "the backend": [
      async () => ({ image: await loadVision(visionConfigs.patches, { backend: "pil" }) }),
      /image\.backend is "torchvision" in the pack, and "pil"/,
    ],
    "images that are whole": [
      async () => ({ image: ImageProcessor.standard() }),
      /images in the pack are taken apart/,
    ],
    "the images of a row": [async () => ({ maxImages: 2 }), /maxImages is 3 in the pack, and 2/],
  };
  for (const [what, [options, message]] of Object.entries(cases)) {
    test(what, async () => {
      const opening = MultimodalDataset.from(await patches, await options());
      await assert.rejects(opening, codeOf("PACK_MISMATCH", message));
    });
  }

  test("a processor that takes images apart, of a pack of whole ones", async () => {
    const plain = new ImageProcessor({ resize: { width: 8, height: 8 } });
    const dataset = new MultimodalDataset({ imagePaths: [photo], text: null, image: plain });
    const opening = MultimodalDataset.from(await packed(dataset), { image });
    await assert.rejects(opening, codeOf("PACK_MISMATCH", /takes images apart/));
  });
});

const skip = withoutPython({ pyarrow: "", datasets: "" });
test("Python finds images, their shapes, sizes and grids by pyarrow and datasets alone", {
  skip,
}, async () => {
  const program = `
import sys, json, glob, numpy, pyarrow, datasets
def read(folder):
    name = sorted(glob.glob(folder + "/*.arrow"))[0]
    rows = pyarrow.ipc.open_stream(pyarrow.memory_map(name)).read_all().to_pylist()
    return rows, rows == [row for row in datasets.Dataset.from_file(name)]
rows, same = read(sys.argv[1])
talks, sameTalks = read(sys.argv[2])
images = [[numpy.array(b, numpy.uint8).reshape(s) for b, s in zip(r["image"], r["image_shape"])] for r in rows]
print(json.dumps({
  "same": same and sameTalks,
  "columns": list(talks[0]),
  "shapes": [[list(one.shape) for one in row] for row in images],
  "sizes": [row["image_size"] for row in rows],
  "grids": [row["image_grid_thw"] for row in rows],
  "first": images[0][0][0].tolist(),
}))`;
  const dataset = datasetOf(image);
  const folders = [await patches, await packed(datasetOfChats())];
  const { status, stdout, stderr } = spawnSync(python, ["-c", program, ...folders], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const found = JSON.parse(stdout);
  const items = await Promise.all([0, 1].map((row) => dataset.get(row)));
  const grids = items.map((item) => {
    const { data } = Reflect.get(item, "image_grid_thw");
    const numbers = Array.from(data as BigInt64Array, Number);
    return Array.from({ length: numbers.length / 3 }, (_, i) => numbers.slice(3 * i, 3 * i + 3));
  });
  assert.deepEqual(found.grids, grids);
  assert.equal(found.same, true);
  assert.deepEqual(found.columns, [
    ...["image", "image_shape", "image_size", "image_grid_thw"],
    ...["input_ids", "labels", "mm_token_type_ids", "text", "id", "index"],
  ]);
  assert.deepEqual(found.sizes[0], [
    [375, 500],
    [33, 17],
  ]);
  const patchesOf = ([, rows, columns]: number[]) => (rows as number) * (columns as number);
  assert.deepEqual(
    found.shapes,
    grids.map((row) => row.map((grid) => [patchesOf(grid), 4, 4, 3])),
  );
  // the first patch as the class gives it without normalization: channels, twice, rows, columns
  const bytes = await load({ ...visionConfigs.patches, do_rescale: false, do_normalize: false });
  const { pixel_values } = await bytes.process(photo);
  const patch = Array.from({ length: 4 }, (_, y) =>
    Array.from({ length: 4 }, (_, x) =>
      Array.from({ length: 3 }, (_, c) => pixel_values.data[c * 32 + 4 * y + x]),
    ),
  );
  assert.deepEqual(found.first, patch);
});
