// What a dataset whose images are taken apart says of itself, and what it refuses.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { inspect } from "node:util";
import {
  checkDataset,
  computeStats,
  contactSheet,
  DataLoader,
  formatCheck,
  ImageProcessor,
  isVisionProcessor,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  showBatch,
  showDataset,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { documentOf, textsOf } from "../support/html.js";
import { photo } from "../support/processor-folders.js";
import { loadVision, visionConfigs } from "../support/vision-batches.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-vision-"));
after(() => rmSync(folder, { recursive: true }));

const image = await loadVision(visionConfigs.patches);
const imagePaths = [photo, fixture("images/jpeg-301x17.jpg"), fixture("images/png-rgb.png")];
const dataset = new MultimodalDataset({ imagePaths, text: null, image });

test("a processor says whether it takes images apart", () => {
  assert.ok(image.takesApart && isVisionProcessor(image));
  assert.ok(!isVisionProcessor(ImageProcessor.standard()));
});

describe("what needs images that are stacked is refused by its name:", () => {
  const others: Record<string, Partial<MultimodalDatasetOptions>> = {
    augmentation: { augmentation: { horizontalFlip: 0.5 } },
    for: { for: "tfjs" },
    "columns.depth.processor": { columns: { depth: "image" } },
  };
  for (const [option, given] of Object.entries(others)) {
    test(option, () => {
      const refused = () =>
        new MultimodalDataset({ imagePaths, text: null, image, ...given } as never);
      assert.throws(refused, (error) => {
        assert.ok(error instanceof TypeError);
        assert.ok(error.message.startsWith(`${option}: expected`), error.message);
        assert.match(error.message, /apart/);
        return true;
      });
    });
  }

  test("pages with other augmentations, sheets and statistics", async () => {
    const refused = { name: "TypeError", message: /apart/ };
    await assert.rejects(showDataset(dataset, { augmentations: ["imagenet"] as never }), refused);
    await assert.rejects(contactSheet(dataset), refused);
    await assert.rejects(computeStats(dataset), refused);
  });
});

test("a check has the tensors of its largest batch", async () => {
  const report = await checkDataset(dataset, { batchSize: 3 });
  assert.ok(report.ok);
  const { pixel_values, image_grid_thw } = report.batch?.tensors ?? {};
  assert.equal(pixel_values?.dims[1], 96);
  assert.deepEqual(image_grid_thw, { type: "int64", dims: [3, 3] });
  assert.match(formatCheck(report), /pixel_values/);
});

test("a page shows originals, and no image of the model's", async () => {
  const page = documentOf(await showDataset(dataset));
  assert.deepEqual(
    textsOf(page, ".pictures figcaption span:first-child"),
    imagePaths.map(() => "original"),
  );
  for await (const batch of new DataLoader(dataset, { batchSize: 3 })) {
    const shown = documentOf(await showBatch(batch));
    assert.equal(textsOf(shown, ".pictures figcaption").length, 3);
    batch.release();
    await assert.rejects(showBatch(batch), /released before/);
  }
});

test("console.log says that each image is made by its own size", () => {
  assert.match(inspect(dataset), /image +each image by its own size/);
});
