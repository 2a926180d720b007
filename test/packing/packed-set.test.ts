// A packed set gives what its dataset gives.

import assert from "node:assert/strict";
import { basename } from "node:path";
import { describe, test } from "node:test";
import {
  DataLoader,
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
  type Texts,
} from "pixtok";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";
import { allImages, assertSameEpoch, epochOf } from "../support/packs.js";
import {
  codeOf,
  dataset,
  imagePaths,
  packed,
  small,
  texts,
  tokenizer,
} from "../support/packs-of-images.js";

describe("a packed set", () => {
  const original = dataset();
  const folder = packed(original);

  test("gives the batches of its dataset: tensors, texts, keys and indices", async () => {
    const images = allImages();
    const every = dataset({ imagePaths: images, texts: images.map((path) => basename(path)) });
    const whole = await MultimodalDataset.from(await packed(every));
    assert.equal(whole.length, images.length);
    await assertSameEpoch(whole, every);
    const reopened = await MultimodalDataset.from(await folder);
    await assertSameEpoch(reopened, original, { shuffle: true, seed: 7, batchSize: 13 });
  });

  for (const type of ["float32", "float16", "uint8"] as const) {
    for (const layout of ["chw", "hwc"] as const) {
      test(`gives images as ${type} in ${layout}`, async () => {
        const image = new ImageProcessor({ ...small, type, layout });
        const reopened = await MultimodalDataset.from(await folder, { image });
        await assertSameEpoch(reopened, dataset({ image }));
      });
    }
  }

  test("normalizes anew, and pads images and tokens as it is asked to", async () => {
    const processors = [
      { ...small, mean: null, std: null },
      { ...small, rescale: 1 / 255, mean: [0.1, 0.2, 0.3], std: [1, 2, 3] },
      { ...small, rescale: false, pad: 48 },
    ] as ImageProcessorOptions[];
    for (const options of processors) {
      const image = new ImageProcessor(options);
      const text = { maxLength: 12, padding: "longest", type: "int32" } as const;
      const reopened = await MultimodalDataset.from(await folder, { image, text });
      await assertSameEpoch(reopened, dataset({ image, text }));
    }
  });

  test("is read by every rank, and resumed in the middle", async () => {
    const reopened = await MultimodalDataset.from(await folder);
    for (const rank of [0, 1, 2]) {
      await assertSameEpoch(reopened, original, { shuffle: true, seed: 3, rank, worldSize: 3 });
    }
    const options = { batchSize: 5, shuffle: true, seed: 5 };
    const whole = (await epochOf(reopened, options)) as { indices: number[] }[];
    const loader = new DataLoader(reopened, options);
    for await (const batch of loader) if (batch.indices[0] === whole[3]?.indices[0]) break;
    const resumed = new DataLoader(await MultimodalDataset.from(await folder), options);
    resumed.resume(loader.state());
    const rest: number[][] = [];
    for await (const batch of resumed) rest.push([...batch.indices]);
    assert.deepEqual(
      rest,
      whole.slice(4).map(({ indices }) => indices),
    );
  });

  test("has the goldens' tensors", async () => {
    interface Line {
      image: string;
      tensor: string;
    }
    const goldens = readJsonLines<Line>(fixture("goldens/imagenet224.jsonl"));
    const lines = goldens.filter((_, i) => i % 3 === 0);
    const source = new MultimodalDataset({
      imagePaths: lines.map(({ image }) => fixture(`images/${image}`)),
      texts: lines.map(({ image }) => image),
      tokenizer,
    });
    const reopened = await MultimodalDataset.from(await packed(source));
    for (const [i, { tensor }] of lines.entries()) {
      assert.equal(sha256((await reopened.get(i)).image.data), tensor);
    }
  });

  test("with stored images of a margin is cropped in the middle and at random", async () => {
    const stored = { resize: { width: 48, height: 48 } };
    const folder = await packed(dataset({ image: new ImageProcessor(stored) }));
    const image = new ImageProcessor({ ...stored, centerCrop: { width: 40, height: 33 } });
    const wishes = [
      {},
      { augmentation: { randomCrop: {} } },
      { augmentation: { randomCrop: { padding: 5, fill: 90 }, horizontalFlip: 0.5 } },
    ];
    for (const wish of wishes) {
      const reopened = await MultimodalDataset.from(folder, { image, ...wish });
      await assertSameEpoch(reopened, dataset({ image, ...wish }), { shuffle: true, seed: 9 });
    }
  });

  test("has images turned, changed and erased as those of its dataset", async () => {
    const wish = {
      augmentation: {
        horizontalFlip: 0.5,
        randomAffine: { degrees: 20, translate: [0.1, 0.1] },
        randAugment: {},
        colorJitter: { brightness: 0.4, hue: 0.1 },
        gaussianBlur: { kernelSize: 5 },
        randomErasing: { value: "random" },
      },
    } as const;
    const reopened = await MultimodalDataset.from(await folder, wish);
    const original = dataset(wish);
    for (let index = 0; index < reopened.length; index += 1) {
      const [ofPack, ofImage] = await Promise.all([reopened.get(index), original.get(index)]);
      assert.deepEqual(ofPack.augmentation?.operations, ofImage.augmentation?.operations);
      assert.equal(sha256(ofPack.image.data), sha256(ofImage.image.data));
    }
    await assert.rejects(
      MultimodalDataset.from(await folder, { augmentation: "simclr" }),
      codeOf("PACK_MISMATCH", /randomResizedCrop takes parts of the original images/),
    );
  });

  test("of a middle that was stored gives a smaller middle, where roundings agree", async () => {
    for (const convention of ["torchvision", "huggingface"] as const) {
      const resized = { resize: { shortestEdge: 48 }, convention };
      const usual = imagePaths.filter((path) => !/1x1|3x400|4x400|301x17/.test(path));
      const usualTexts = texts.slice(0, usual.length);
      const pairs = { imagePaths: usual, texts: usualTexts };
      const stored = new ImageProcessor({ ...resized, centerCrop: 44 });
      const folder = await packed(dataset({ image: stored, ...pairs }));
      const image = new ImageProcessor({ ...resized, centerCrop: 32 });
      const reopened = await MultimodalDataset.from(folder, { image });
      await assertSameEpoch(reopened, dataset({ image, ...pairs }));
      await assert.rejects(
        MultimodalDataset.from(folder, {
          image: new ImageProcessor({ ...resized, centerCrop: 33 }),
        }),
        codeOf("PACK_MISMATCH", /image\.centerCrop\.width is 44 in the pack, and 33 is asked for/),
      );
    }
  });
});

describe("several texts of an image in a packed set", () => {
  const several: Texts[] = imagePaths.map((_, i) =>
    Array.from({ length: 1 + (i % 3) }, (_, text) => `text ${text} of ${i}`),
  );

  test("are drawn as those of its dataset", async () => {
    const onMultipleTexts = "random" as const;
    const original = dataset({ texts: several, onMultipleTexts });
    const folder = await packed(original);
    await assertSameEpoch(await MultimodalDataset.from(folder), original, { seed: 2 });
    const first = await MultimodalDataset.from(folder, { onMultipleTexts: "first" });
    await assertSameEpoch(first, dataset({ texts: several }));
    const all = await MultimodalDataset.from(folder, { onMultipleTexts: "all" });
    assert.equal(all.length, several.flat().length);
    const seen = (await epochOf(all)) as { texts: string[] }[];
    assert.deepEqual(
      seen.flatMap((batch) => batch.texts),
      several.flat(),
    );
    const last = dataset({ texts: several.map((texts) => texts.at(-1) as string) });
    assert.deepEqual((await all.get(2)).input_ids, (await last.get(1)).input_ids);
    assert.deepEqual((await all.get(5)).input_ids, (await last.get(2)).input_ids);
  });

  test("are the first ones where it was packed with these", async () => {
    const original = dataset({ texts: several });
    const folder = await packed(original);
    await assertSameEpoch(await MultimodalDataset.from(folder), original);
    await assert.rejects(
      MultimodalDataset.from(folder, { onMultipleTexts: "random" }),
      codeOf("PACK_MISMATCH", /text\.several is false in the pack, and true is asked for/),
    );
  });
});
