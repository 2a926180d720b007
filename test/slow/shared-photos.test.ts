// What the shared photos give in sets: those that are packed, and statistics of them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { computeStats, DataLoader, ImageProcessor, MultimodalDataset, Tokenizer } from "pixtok";
import { assertClose } from "../support/close-numbers.js";
import { readJsonLines, sha256, shared, withoutShared } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { packed } from "../support/packs-of-images.js";

/** Of an image: the digests of its tensor, and of its pixels once they are resized. */
interface Golden {
  image: string;
  tensor: string;
  resized: string;
}

describe("the shared photos", { skip: withoutShared() }, () => {
  const goldens = () => readJsonLines<Golden>(shared("golden/imagenet224.jsonl"));
  const image = new ImageProcessor({ resampler: "pillow12" });

  test("packed are the goldens' tensors, and those of their dataset", async () => {
    const tokenizer = await Tokenizer.fromPretrained(shared("data/bert-base-uncased"));
    const source = await MultimodalDataset.from(shared("data/manifest.jsonl"), {
      tokenizer,
      image,
    });
    const reopened = await MultimodalDataset.from(await packed(source, { fileBytes: 2e7 }), {});
    await assertSameEpoch(reopened, source, { batchSize: 64 });
    const tensors = new Map(
      goldens().map(({ image, tensor }) => [image.split("/").at(-1), tensor]),
    );
    for await (const { image, keys, release } of new DataLoader(reopened, { batchSize: 1 })) {
      assert.equal(sha256(image.data), tensors.get(keys[0]?.split("/").at(-1)));
      release();
    }
  });

  test("have the mean and standard deviation of their bytes", async () => {
    const lines = goldens();
    const imagePaths = lines.map(({ image }) => shared(`data/photos/${image}`));
    const raw = new ImageProcessor({ resampler: "pillow12", type: "uint8", layout: "hwc" });
    const sums = [0, 0, 0];
    const squares = [0, 0, 0];
    for (const [row, path] of imagePaths.entries()) {
      const { data } = (await raw.process(path)).pixel_values;
      assert.equal(sha256(data), lines[row]?.resized, "the pixels are Pillow's");
      for (let i = 0; i < data.length; i += 1) {
        const value = data[i] as number;
        sums[i % 3] = (sums[i % 3] as number) + value;
        squares[i % 3] = (squares[i % 3] as number) + value * value;
      }
    }
    const count = imagePaths.length * 224 * 224;
    const dataset = new MultimodalDataset({ imagePaths, image, text: null });
    const stats = await computeStats(dataset);
    assert.equal(stats.pixels, count);
    const means = sums.map((sum) => sum / count);
    assertClose(
      stats.mean,
      means.map((mean) => mean / 255),
    );
    assertClose(
      stats.std,
      squares.map((sum, c) => Math.sqrt(sum / count - (means[c] as number) ** 2) / 255),
    );
    assert.equal(stats.warning, null, "ImageNet's mean and std fit ImageNet's photos");
  });
});
