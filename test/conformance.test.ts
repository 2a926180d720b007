// The same bytes as Pillow, torchvision and NumPy, on every kernel this CPU runs and on both
// decode paths. Expected values: test/goldens/make_goldens.py and the shared goldens.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor, runtimeInfo } from "pixtok";
import { type ConformanceTask, runConformance } from "./support/conformance-process.js";
import { fixture, readJsonLines, sha256, shared, withoutShared } from "./support/fixtures.js";

const suites: (ConformanceTask & { name: string; cases: number; skip: string | false })[] = [
  {
    name: "shipped pictures: decoded, resized to 224 x 224 and normalized",
    family: "imagenet224",
    golden: fixture("goldens/imagenet224.jsonl"),
    pictures: fixture("pictures"),
    cases: 77,
    skip: false,
  },
  {
    name: "shipped pictures: every filter, many sizes",
    family: "resample",
    golden: fixture("goldens/resample.jsonl"),
    pictures: fixture("pictures"),
    cases: 378,
    skip: false,
  },
  {
    name: "broken files: opened where Pillow opens them, with its pixels, and refused otherwise",
    family: "broken",
    golden: fixture("goldens/broken.jsonl"),
    pictures: fixture("broken"),
    cases: 31,
    skip: false,
  },
  {
    name: "shared photos: decoded, resized to 224 x 224 and normalized",
    family: "imagenet224",
    golden: shared("golden/imagenet224.jsonl"),
    pictures: shared("data/photos"),
    cases: 400,
    skip: withoutShared(),
  },
  {
    name: "shared photos: every filter, many sizes",
    family: "resample",
    golden: shared("golden/resample.jsonl"),
    pictures: shared("data/photos"),
    cases: 360,
    skip: withoutShared(),
  },
];

for (const decoder of ["native", "sharp"]) {
  for (const kernel of runtimeInfo().kernels) {
    describe(`PIXTOK_DECODER=${decoder} PIXTOK_KERNEL=${kernel}`, () => {
      for (const { name, cases, skip, ...task } of suites) {
        test(name, { skip }, async () => {
          const result = await runConformance(task, { kernel, decoder });
          assert.deepEqual(result, { cases, differences: [] });
        });
      }
    });
  }
}

describe("normalization", () => {
  interface NormalizeLine {
    convention: "torchvision" | "huggingface";
    mean: [number, number, number];
    std: [number, number, number];
    rescale_factor: number | null;
    sha256: string[];
  }

  // every byte once, as a picture of one row
  const width = 256;
  const data = Uint8Array.from({ length: 3 * width }, (_, i) => Math.floor(i / 3));

  for (const line of readJsonLines<NormalizeLine>(fixture("goldens/normalize.jsonl"))) {
    const { convention, mean, std, rescale_factor } = line;
    test(`${convention}, mean ${mean}, std ${std}, factor ${rescale_factor}`, async () => {
      const processor = new ImageProcessor({
        resize: { width, height: 1 },
        rescale: rescale_factor ?? true,
        mean,
        std,
      });
      const { pixel_values } = await processor.process({ data, width, height: 1, channels: 3 });
      const planes = [0, 1, 2].map((c) => pixel_values.data.slice(c * width, (c + 1) * width));
      assert.deepEqual(planes.map(sha256), line.sha256);
    });
  }
});
